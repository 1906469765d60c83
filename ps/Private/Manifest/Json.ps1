$script:JsonToken = [regex]::new(
  '\G[ \t\r\n]*([{}\[\]:,]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|(?:true|false|null)(?![A-Za-z0-9_]))',
  [Text.RegularExpressions.RegexOptions]::CultureInvariant
)

function ConvertFrom-JsonText {
  <#
  .SYNOPSIS
  Reads strict JSON into a tree that knows where each value begins. core/manifest/tree.ts is its twin.
  .OUTPUTS
  An object with Root (null when the text is not JSON), Fault (Offset and Detail) and Repeated (the second and later
  ones of equal keys).
  #>
  param([Parameter(Mandatory)][AllowEmptyString()][string] $Text)
  $reader = [pscustomobject]@{
    Text = $Text; Root = $null; Fault = $null; Expect = 'value'; Key = $null; KeyOffset = 0
    Open = [Collections.Generic.Stack[object]]::new()
    Repeated = [Collections.Generic.List[object]]::new()
  }
  $end = 0
  $match = $script:JsonToken.Match($Text)
  while ($match.Success) {
    $token = $match.Groups[1]
    Read-JsonToken -Reader $reader -Token $token.Value -Offset $token.Index
    if ($reader.Fault) { break }
    $end = $token.Index + $token.Length
    $match = $match.NextMatch()
  }
  if (-not $reader.Fault -and ($reader.Expect -ne 'end' -or $Text.Substring($end).Trim(" `t`r`n") -ne '')) {
    $rest = $end + [regex]::Match($Text.Substring($end), '^[ \t\r\n]*').Length
    Set-JsonFault -Reader $reader -Offset $rest
  }
  if ($reader.Fault) { $reader.Root = $null }
  $reader
}

function Set-JsonFault {
  <#
  .SYNOPSIS
  Notes where the text stops being JSON, and why.
  #>
  [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
  param([object] $Reader, [int] $Offset, [string] $Detail)
  if (-not $Detail) {
    $Detail = if ($Reader.Text.Trim() -eq '') { 'empty' }
    elseif ($Offset -ge $Reader.Text.Length) { 'end' }
    elseif ($Reader.Text.Substring($Offset) -cmatch '^/[/*]') { 'comment' }
    else { 'syntax' }
  }
  $Reader.Fault = [pscustomobject]@{ Offset = $Offset; Detail = $Detail }
}

function Read-JsonToken {
  <#
  .SYNOPSIS
  Takes one token into the tree, or notes that it may not stand there.
  #>
  param([object] $Reader, [string] $Token, [int] $Offset)
  $expect = $Reader.Expect
  $sign = $Token[0]
  if ($sign -eq '}' -or $sign -eq ']') {
    $kind = $sign -eq '}' ? 'object' : 'array'
    $may = $expect -eq 'comma' -or $expect -eq "$kind-start"
    if (-not $may -or $Reader.Open.Count -eq 0 -or $Reader.Open.Peek().Kind -ne $kind) {
      return Set-JsonFault -Reader $Reader -Offset $Offset
    }
    [void] $Reader.Open.Pop()
    $Reader.Expect = $Reader.Open.Count -eq 0 ? 'end' : 'comma'
    return
  }
  if ($sign -eq ',' -and $expect -eq 'comma') {
    $Reader.Expect = $Reader.Open.Peek().Kind -eq 'object' ? 'key' : 'value'
    return
  }
  if ($sign -eq ':' -and $expect -eq 'colon') {
    $Reader.Expect = 'value'
    return
  }
  if ($sign -eq '"' -and ($expect -eq 'key' -or $expect -eq 'object-start')) {
    return Read-JsonKey -Reader $Reader -Token $Token -Offset $Offset
  }
  if (($expect -eq 'value' -or $expect -eq 'array-start') -and $sign -ne ',' -and $sign -ne ':') {
    return Read-JsonValue -Reader $Reader -Token $Token -Offset $Offset
  }
  Set-JsonFault -Reader $Reader -Offset $Offset
}

function Read-JsonKey {
  <#
  .SYNOPSIS
  Takes a key, and notes it when the object has it already.
  #>
  param([object] $Reader, [string] $Token, [int] $Offset)
  $name = ConvertFrom-JsonString -Token $Token
  if ($null -eq $name) { return Set-JsonFault -Reader $Reader -Offset $Offset -Detail surrogate }
  $parent = $Reader.Open.Peek()
  if ($parent.Members.Contains($name)) {
    $Reader.Repeated.Add([pscustomobject]@{ Pointer = Join-JsonPointer $parent.Pointer $name; Offset = $Offset })
  }
  $Reader.Key = $name
  $Reader.KeyOffset = $Offset
  $Reader.Expect = 'colon'
}

function Read-JsonValue {
  <#
  .SYNOPSIS
  Takes a value, or opens an object or a list.
  #>
  param([object] $Reader, [string] $Token, [int] $Offset)
  $node = New-JsonNode -Token $Token -Offset $Offset
  if ($null -eq $node) { return Set-JsonFault -Reader $Reader -Offset $Offset -Detail surrogate }
  $container = $node.Kind -eq 'object' -or $node.Kind -eq 'array'
  if ($container -and $Reader.Open.Count -eq 64) {
    return Set-JsonFault -Reader $Reader -Offset $Offset -Detail depth
  }
  if ($Reader.Open.Count -eq 0) {
    $Reader.Root = $node
  } else {
    $parent = $Reader.Open.Peek()
    if ($parent.Kind -eq 'array') {
      $node.Pointer = "$($parent.Pointer)/$($parent.Items.Count)"
      $parent.Items.Add($node)
    } else {
      $node.Pointer = Join-JsonPointer $parent.Pointer $Reader.Key
      $node.KeyOffset = $Reader.KeyOffset
      $parent.Members[$Reader.Key] = $node
    }
  }
  if ($container) {
    $Reader.Open.Push($node)
    $Reader.Expect = "$($node.Kind)-start"
  } else {
    $Reader.Expect = $Reader.Open.Count -eq 0 ? 'end' : 'comma'
  }
}

function New-JsonNode {
  <#
  .SYNOPSIS
  A node for a token: Kind, Offset, Pointer, KeyOffset, and Value, Members (in order, by exact name) or Items.
  #>
  [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
  param([string] $Token, [int] $Offset)
  $node = [pscustomobject]@{
    Kind = 'null'; Offset = $Offset; Pointer = ''; KeyOffset = -1; Value = $null; Members = $null; Items = $null
  }
  switch ($Token[0]) {
    '{' {
      $node.Kind = 'object'
      $node.Members = [Collections.Specialized.OrderedDictionary]::new([StringComparer]::Ordinal)
    }
    '[' {
      $node.Kind = 'array'
      $node.Items = [Collections.Generic.List[object]]::new()
    }
    '"' {
      $node.Kind = 'string'
      $node.Value = ConvertFrom-JsonString -Token $Token
      if ($null -eq $node.Value) { return $null }
    }
    't' { $node.Kind = 'boolean'; $node.Value = $true }
    'f' { $node.Kind = 'boolean'; $node.Value = $false }
    'n' { }
    default {
      $node.Kind = 'number'
      $node.Value = [double]::Parse($Token, [Globalization.CultureInfo]::InvariantCulture)
    }
  }
  $node
}

function ConvertFrom-JsonString {
  <#
  .SYNOPSIS
  The text of a string token; null when an escape leaves half a character.
  #>
  param([string] $Token)
  if (-not $Token.Contains('\')) { return $Token.Substring(1, $Token.Length - 2) }
  try {
    $document = [Text.Json.JsonDocument]::Parse($Token)
    return $document.RootElement.GetString()
  } catch {
    return $null
  } finally {
    if ($document) { $document.Dispose() }
  }
}

function Join-JsonPointer {
  <#
  .SYNOPSIS
  A JSON pointer (RFC 6901) with one more step.
  #>
  param([string] $Pointer, [string] $Step)
  "$Pointer/$($Step.Replace('~', '~0').Replace('/', '~1'))"
}
