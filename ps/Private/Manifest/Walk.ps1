$script:ManifestSchema = $null
$script:SchemaPattern = @{}

function Get-ManifestSchema {
  <#
  .SYNOPSIS
  The generated schema of the manifest: Text for Test-Json, Root for the walker. Read at first use.
  #>
  if (-not $script:ManifestSchema) {
    $path = [IO.Path]::Combine((Get-OrchestratorRoot), 'ps', 'schema', 'manifest.schema.json')
    $text = [IO.File]::ReadAllText($path)
    $script:ManifestSchema = [pscustomobject]@{
      Text = $text
      Root = ConvertFrom-Json -InputObject $text -AsHashtable -Depth 64 -DateKind String
    }
  }
  $script:ManifestSchema
}

function New-ManifestFault {
  <#
  .SYNOPSIS
  A fault before it has words: where it is, and what the words need.
  #>
  [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
  param(
    [string] $Code, [string] $Pointer, [int] $Offset, [hashtable] $Data = @{},
    [string] $Detail, [hashtable] $DetailData = @{}, [object] $Suggestion = $null
  )
  [pscustomobject]@{
    Code = $Code; Pointer = $Pointer; Offset = $Offset; Data = $Data
    Detail = $Detail; DetailData = $DetailData; Suggestion = $Suggestion
  }
}

function New-ValueFault {
  <#
  .SYNOPSIS
  ORC1005 about a value.
  #>
  [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
  param([object] $Node, [string] $Detail, [hashtable] $DetailData = @{})
  $fault = @{ Code = 'ORC1005'; Pointer = $Node.Pointer; Offset = $Node.Offset }
  New-ManifestFault @fault -Detail $Detail -DetailData $DetailData
}

function Test-JsonNode {
  <#
  .SYNOPSIS
  Holds a value to the part of JSON Schema that the generated schema uses, and names every fault. A word of the schema
  that is not known here is left to Test-Json, whose refusal is then reported without a place.
  .OUTPUTS
  Faults.
  #>
  param($Schema, $Node)
  $kind = $Node.Kind
  $type = $Schema['type']
  if (-not $type) {
    $branches = $Schema['anyOf'] ?? $Schema['oneOf']
    if ($kind -eq 'null' -and $branches.Where({ $_['type'] -eq 'null' })) { return }
    return Test-JsonBranch $branches.Where({ $_['type'] -ne 'null' }) $Node
  }
  if ($kind -eq 'number') {
    $value = $Node.Value
    # 1.0 and 1e3 are integers, as for both languages' parsers.
    $fits = $type -eq 'number' ? [double]::IsFinite($value) : ($type -eq 'integer' -and [double]::IsInteger($value))
  } else {
    $fits = $kind -eq $type
  }
  if (-not $fits) {
    return New-ValueFault -Node $Node -Detail type -DetailData @{ allowed = $type }
  }
  $allowed = $Schema['enum']
  if ($null -eq $allowed -and $Schema.Contains('const')) { $allowed = @($Schema['const']) }
  if ($null -ne $allowed) {
    if ([Array]::IndexOf([string[]] $allowed, [string] $Node.Value) -ge 0) { return }
    return New-ValueFault -Node $Node -Detail oneOf -DetailData @{ allowed = $allowed -join ', ' }
  }
  if ($kind -eq 'string') { Test-JsonString $Schema $Node }
  elseif ($kind -eq 'number') { Test-JsonNumber $Schema $Node }
  elseif ($kind -eq 'array') { Test-JsonArray $Schema $Node }
  elseif ($kind -eq 'object') { Test-JsonObject $Schema $Node }
}

function Test-JsonBranch {
  <#
  .SYNOPSIS
  Holds a value to the branch of a union that it belongs to: the one whose constant it has.
  #>
  param($Branch, $Node)
  $rules = $Branch[0]['properties']
  $key = if ($rules) { $rules.Keys.Where({ $rules[$_].Contains('const') }, 'First') | Select-Object -First 1 }
  if (-not $key) { return Test-JsonNode $Branch[0] $Node }
  if ($Node.Kind -ne 'object') {
    return New-ValueFault -Node $Node -Detail type -DetailData @{ allowed = 'object' }
  }
  $found = $Node.Members[$key]
  if (-not $found) {
    return New-ManifestFault -Code ORC1004 -Pointer (Join-JsonPointer $Node.Pointer $key) -Offset $Node.Offset
  }
  foreach ($one in $Branch) {
    if ($found.Kind -eq 'string' -and [string]::Equals($one['properties'][$key]['const'], $found.Value)) {
      return Test-JsonNode $one $Node
    }
  }
  $allowed = @(foreach ($one in $Branch) { $one['properties'][$key]['const'] }) -join ', '
  New-ValueFault -Node $found -Detail oneOf -DetailData @{ allowed = $allowed }
}

function Test-JsonString {
  <#
  .SYNOPSIS
  Length (in code points, as zod counts) and pattern of a text.
  #>
  param($Schema, $Node)
  $text = $Node.Value
  $least = $Schema['minLength']
  $most = $Schema['maxLength']
  $pattern = $Schema['pattern']
  $length = $text.Length
  if ($null -ne $most -and $length -gt $most) { $length -= [regex]::Matches($text, '[\uDC00-\uDFFF]').Count }
  if ($null -ne $least -and $length -lt $least) {
    return New-ValueFault -Node $Node -Detail minLength -DetailData @{ limit = $least }
  }
  if ($null -ne $most -and $length -gt $most) {
    return New-ValueFault -Node $Node -Detail maxLength -DetailData @{ limit = $most }
  }
  if ($null -eq $pattern) { return }
  $exact = $script:SchemaPattern[$pattern]
  if ($null -eq $exact) { $exact = Get-SchemaPattern $pattern }
  if (-not $exact.IsMatch($text)) {
    New-ValueFault -Node $Node -Detail pattern -DetailData @{ allowed = $pattern }
  }
}

function Test-JsonNumber {
  <#
  .SYNOPSIS
  Range of a number.
  #>
  param($Schema, $Node)
  $least = $Schema['minimum']
  $most = $Schema['maximum']
  if ($null -ne $least -and $Node.Value -lt $least) {
    return New-ValueFault -Node $Node -Detail minimum -DetailData @{ limit = $least }
  }
  if ($null -ne $most -and $Node.Value -gt $most) {
    New-ValueFault -Node $Node -Detail maximum -DetailData @{ limit = $most }
  }
}

function Test-JsonArray {
  <#
  .SYNOPSIS
  Number of entries, and each entry.
  #>
  param($Schema, $Node)
  $count = $Node.Items.Count
  if ($Schema.Contains('minItems') -and $count -lt $Schema['minItems']) {
    New-ValueFault -Node $Node -Detail minItems -DetailData @{ limit = $Schema['minItems'] }
  }
  if ($Schema.Contains('maxItems') -and $count -gt $Schema['maxItems']) {
    New-ValueFault -Node $Node -Detail maxItems -DetailData @{ limit = $Schema['maxItems'] }
  }
  foreach ($item in $Node.Items) { Test-JsonNode $Schema['items'] $item }
}

function Test-JsonObject {
  <#
  .SYNOPSIS
  Missing keys, unknown keys, and each value; for a free table of names, the names.
  #>
  param($Schema, $Node)
  $properties = $Schema['properties']
  foreach ($key in $Schema['required']) {
    if (-not $Node.Members.Contains($key)) {
      New-ManifestFault -Code ORC1004 -Pointer (Join-JsonPointer $Node.Pointer $key) -Offset $Node.Offset
    }
  }
  foreach ($key in $Node.Members.Keys) {
    $value = $Node.Members[$key]
    if ($properties -and $properties.Contains($key)) {
      Test-JsonNode $properties[$key] $value
    } elseif ($Schema['additionalProperties'] -is [Collections.IDictionary]) {
      Test-JsonEntry $Schema $key $value
    } else {
      $place = @{ Pointer = $value.Pointer; Offset = $value.KeyOffset }
      $known = [string[]] @($properties.Keys)
      New-ManifestFault -Code ORC1003 @place -Suggestion (Get-NearestText -Text $key -Candidate $known)
    }
  }
}

function Test-JsonEntry {
  <#
  .SYNOPSIS
  Name and value of an entry of a free table.
  #>
  param($Schema, $Key, $Node)
  $pattern = $Schema.Contains('propertyNames') ? $Schema['propertyNames']['pattern'] : $null
  if ($pattern -and -not (Get-SchemaPattern $pattern).IsMatch($Key)) {
    $place = @{ Pointer = $Node.Pointer; Offset = $Node.KeyOffset }
    return New-ManifestFault -Code ORC1005 @place -Detail keyPattern -DetailData @{ allowed = $pattern }
  }
  Test-JsonNode $Schema['additionalProperties'] $Node
}

function Get-SchemaPattern {
  <#
  .SYNOPSIS
  A pattern of the schema with JavaScript's meaning: its $ is the very end, while .NET's also stands before a last line
  end.
  #>
  [OutputType([regex])]
  param($Pattern)
  if (-not $script:SchemaPattern.ContainsKey($Pattern)) {
    $exact = [regex]::Replace($Pattern, '\\.|\[(?:\\.|[^\]])*\]|\$', { param($part) $part.Value -eq '$' ? '\z' : $part.Value })
    $script:SchemaPattern[$Pattern] = [regex]::new($exact, 'CultureInvariant')
  }
  $script:SchemaPattern[$Pattern]
}
