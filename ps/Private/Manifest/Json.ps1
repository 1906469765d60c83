$script:JsonToken = [regex]::new(
  '\G[ \t\r\n]*([{}\[\]:,]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|(?:true|false|null)(?![A-Za-z0-9_]))',
  [Text.RegularExpressions.RegexOptions]::CultureInvariant
)

function ConvertFrom-JsonText {
  <#
  .SYNOPSIS
  Reads strict JSON into a tree that knows where each value begins. core/manifest/tree.ts is its twin.
  .DESCRIPTION
  One loop over the tokens without a call for each: calls would cost more than all the rest.
  .OUTPUTS
  An object with Root (null when the text is not JSON), Fault (Offset and Detail) and Repeated (the second and later
  ones of equal keys). A node has Kind, Offset, Pointer, KeyOffset, and Value, Members (in order, by exact name) or Items.
  #>
  param([AllowEmptyString()][string] $Text)
  $root = $fault = $parent = $key = $null
  $keyOffset = -1
  $end = 0
  $expect = 'value'
  $open = [Collections.Generic.Stack[object]]::new()
  $repeated = [Collections.Generic.List[object]]::new()
  $match = $script:JsonToken.Match($Text)
  while ($match.Success) {
    $token = $match.Groups[1]
    $offset = $token.Index
    $sign = $Text[$offset]
    $done = $false
    if ($sign -eq ',' -or $sign -eq ':') {
      $done = $expect -eq ($sign -eq ',' ? 'comma' : 'colon')
      $expect = $sign -eq ',' -and $parent.Kind -eq 'object' ? 'key' : 'value'
    } elseif ($sign -eq '}' -or $sign -eq ']') {
      $kind = $sign -eq '}' ? 'object' : 'array'
      $done = $parent -and $parent.Kind -eq $kind -and ($expect -eq 'comma' -or $expect -eq $kind)
      if ($done) {
        [void] $open.Pop()
        $parent = $open.Count -eq 0 ? $null : $open.Peek()
        $expect = $parent ? 'comma' : 'end'
      }
    } elseif ($expect -eq 'key' -or $expect -eq 'object') {
      $done = $sign -eq '"'
      if ($done) {
        $key = $Text.Substring($offset + 1, $token.Length - 2)
        if ($key.Contains('\')) { $key = ConvertFrom-JsonString $token.Value }
        if ($null -eq $key) { $fault = New-JsonFault $Text $offset surrogate; break }
        if ($parent.Members.Contains($key)) {
          $repeated.Add([pscustomobject]@{ Pointer = Join-JsonPointer $parent.Pointer $key; Offset = $offset })
        }
        $keyOffset = $offset
        $expect = 'colon'
      }
    } elseif ($expect -eq 'value' -or $expect -eq 'array') {
      $done = $true
      # A hashtable: an object with properties takes twenty times as long to make.
      $node = @{
        Kind = 'string'; Offset = $offset; Pointer = ''; KeyOffset = -1; Value = $null; Members = $null; Items = $null
      }
      if ($sign -eq '"') {
        $node.Value = $Text.Substring($offset + 1, $token.Length - 2)
        if ($node.Value.Contains('\')) { $node.Value = ConvertFrom-JsonString $token.Value }
      } else {
        Set-JsonNodeKind $node $sign $token.Value
      }
      if ($null -eq $node.Value -and $node.Kind -eq 'string') { $fault = New-JsonFault $Text $offset surrogate; break }
      if ($null -eq $parent) {
        $root = $node
      } elseif ($parent.Kind -eq 'array') {
        $node.Pointer = "$($parent.Pointer)/$($parent.Items.Count)"
        $parent.Items.Add($node)
      } else {
        $node.Pointer = "$($parent.Pointer)/$($key.Replace('~', '~0').Replace('/', '~1'))"
        $node.KeyOffset = $keyOffset
        $parent.Members[$key] = $node
      }
      if ($sign -eq '{' -or $sign -eq '[') {
        if ($open.Count -eq 64) { $fault = New-JsonFault $Text $offset depth; break }
        $open.Push($node)
        $parent = $node
        $expect = $node.Kind
      } else {
        $expect = $parent ? 'comma' : 'end'
      }
    }
    if (-not $done) { $fault = New-JsonFault $Text $offset; break }
    $end = $offset + $token.Length
    $match = $match.NextMatch()
  }
  if (-not $fault) {
    $rest = $end + [regex]::Match($Text.Substring($end), '^[ \t\r\n]*').Length
    if ($expect -ne 'end' -or $rest -lt $Text.Length) { $fault = New-JsonFault $Text $rest }
  }
  [pscustomobject]@{ Root = $fault ? $null : $root; Fault = $fault; Repeated = $repeated }
}

function New-JsonFault {
  <#
  .SYNOPSIS
  Where the text stops being JSON, and why.
  #>
  [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
  param([string] $Text, [int] $Offset, [string] $Detail)
  if (-not $Detail) {
    $Detail = if ($Text.Trim() -eq '') { 'empty' }
    elseif ($Offset -ge $Text.Length) { 'end' }
    elseif ($Text.Substring($Offset) -cmatch '^/[/*]') { 'comment' }
    else { 'syntax' }
  }
  [pscustomobject]@{ Offset = $Offset; Detail = $Detail }
}

function Set-JsonNodeKind {
  <#
  .SYNOPSIS
  Makes a node what the first sign of its token says: anything but a text.
  #>
  [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
  param($Node, $Sign, $Token)
  if ($Sign -eq '{') {
    $Node.Kind = 'object'
    $Node.Members = [Collections.Specialized.OrderedDictionary]::new([StringComparer]::Ordinal)
  } elseif ($Sign -eq '[') {
    $Node.Kind = 'array'
    $Node.Items = [Collections.Generic.List[object]]::new()
  } elseif ($Sign -eq 't' -or $Sign -eq 'f') {
    $Node.Kind = 'boolean'
    $Node.Value = $Sign -eq 't'
  } elseif ($Sign -eq 'n') {
    $Node.Kind = 'null'
  } else {
    $Node.Kind = 'number'
    $Node.Value = [double]::Parse($Token, [Globalization.CultureInfo]::InvariantCulture)
  }
}

function ConvertFrom-JsonString {
  <#
  .SYNOPSIS
  The text of a string token with escapes; null when one leaves half a character.
  #>
  param($Token)
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
  param($Pointer, $Step)
  "$Pointer/$($Step.Replace('~', '~0').Replace('/', '~1'))"
}
