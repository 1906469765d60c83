function Test-ManifestText {
  <#
  .SYNOPSIS
  Judges the text of a manifest.
  .DESCRIPTION
  Gives the codes ORC1002 to ORC1010 with pointers and lines, in document order, as core/manifest/judge.ts does. The
  walker explains; Test-Json with the generated schema has the last word on what the walker lets pass.
  .PARAMETER Text
  The content of the file.
  .PARAMETER Path
  The file's path, for the messages.
  .OUTPUTS
  Findings: Code, Path (JSON pointer), Line, Message, Suggestion. None means that the manifest is valid.
  #>
  param(
    [Parameter(Mandatory)][AllowEmptyString()][string] $Text,
    [Parameter(Mandatory)][string] $Path
  )
  $Text = Remove-ByteOrderMark $Text
  foreach ($fault in Get-ManifestFault -Text $Text) {
    ConvertTo-ManifestFinding -Fault $fault -Data (Get-FaultData -Fault $fault -Text $Text -Path $Path)
  }
}

function Remove-ByteOrderMark {
  <#
  .SYNOPSIS
  A text without the mark that some editors put first.
  #>
  [OutputType([string])]
  param([Parameter(Position = 0)][AllowEmptyString()][string] $Text)
  $Text.StartsWith([char] 0xFEFF) ? $Text.Substring(1) : $Text
}

function Get-ManifestFault {
  <#
  .SYNOPSIS
  Every fault of a text in document order, each code and place once.
  #>
  param([AllowEmptyString()][string] $Text)
  $faults = [Collections.Generic.List[object]]::new()
  $names = [Collections.Generic.HashSet[string]]::new([StringComparer]::Ordinal)
  foreach ($fault in Find-ManifestFault -Text $Text) {
    if ($names.Add("$($fault.Code) $($fault.Pointer)")) { $faults.Add($fault) }
  }
  $order = [Comparison[object]] {
    param($a, $b)
    if ($a.Offset -ne $b.Offset) { return $a.Offset - $b.Offset }
    $byCode = [string]::CompareOrdinal($a.Code, $b.Code)
    if ($byCode -ne 0) { return $byCode }
    [string]::CompareOrdinal($a.Pointer, $b.Pointer)
  }
  $faults.Sort($order)
  $faults
}

function Find-ManifestFault {
  <#
  .SYNOPSIS
  Every fault of a manifest's text, in no order and perhaps twice.
  #>
  param([AllowEmptyString()][string] $Text)
  $tree = ConvertFrom-JsonText $Text
  if ($tree.Fault) {
    $place = @{ Code = 'ORC1002'; Pointer = ''; Offset = $tree.Fault.Offset }
    return New-ManifestFault @place -Detail $tree.Fault.Detail -DetailData @{ limit = 64 }
  }
  $version = Get-JsonMember $tree.Root 'version'
  if (${version}?.Kind -eq 'number' -and $version.Value -ne 1) {
    $place = @{ Code = 'ORC1010'; Pointer = $version.Pointer; Offset = $version.Offset }
    return New-ManifestFault @place -Data @{ value = $version.Value }
  }
  $schema = Get-ManifestSchema
  $faults = @(
    foreach ($twice in $tree.Repeated) {
      New-ManifestFault -Code ORC1006 -Pointer $twice.Pointer -Offset $twice.Offset
    }
    Test-JsonNode $schema.Root $tree.Root
    Test-ManifestRule -Root $tree.Root
  )
  if ($faults.Count -eq 0 -and -not (Test-ManifestSchema -Text $Text -Schema $schema.Text)) {
    return New-ManifestFault -Code ORC1005 -Pointer '' -Offset $tree.Root.Offset -Detail judges
  }
  $faults
}

function Test-ManifestSchema {
  <#
  .SYNOPSIS
  What Test-Json says. For nested faults it returns False without an error, so the Boolean is what counts.
  #>
  [OutputType([bool])]
  param([string] $Text, [string] $Schema)
  try {
    return [bool] (Test-Json -Json $Text -Schema $Schema -ErrorAction Stop)
  } catch {
    return $false
  }
}

function Get-FaultData {
  <#
  .SYNOPSIS
  What the text of a fault's code is filled with. Every line end that editors know counts.
  #>
  [OutputType([hashtable])]
  param([object] $Fault, [AllowEmptyString()][string] $Text, [string] $Path)
  $before = [regex]::Split($Text.Substring(0, $Fault.Offset), '\r\n|\n|\r')
  $data = @{} + $Fault.Data
  $data.path = $Path
  $data.line = $before.Count
  $data.pointer = $Fault.Pointer -eq '' ? '/' : $Fault.Pointer
  $data.nearest = [string] $Fault.Suggestion
  $data.detail = ''
  if ($Fault.Detail) {
    $detailData = @{ column = $before[-1].Length + 1 } + $Fault.DetailData
    $data.detail = Format-OrchestratorString -Text (Get-StringTable -Name details)[$Fault.Detail] -Data $detailData
  }
  $data
}

function ConvertTo-ManifestFinding {
  <#
  .SYNOPSIS
  Gives a fault its words.
  #>
  param([object] $Fault, [hashtable] $Data)
  $words = Get-OrchestratorText -Code $Fault.Code -Data $Data
  [pscustomobject]@{
    PSTypeName = 'Orchestrator.ManifestFinding'
    Code       = $Fault.Code
    Path       = $Fault.Pointer
    Line       = $Data.line
    Message    = @($words.What, $words.Why, $words.Fix).Where({ $_ }) -join ' '
    Suggestion = $Fault.Suggestion
  }
}
