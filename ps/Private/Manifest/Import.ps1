$script:JudgedManifest = @{}

function Import-OrchestratorManifestFile {
  <#
  .SYNOPSIS
  Reads a manifest that is known to be sound.
  .DESCRIPTION
  Each caller gets an object of its own. A file whose time and length are as before is not judged again in this session.
  .PARAMETER Path
  The file.
  .OUTPUTS
  The manifest with the keys of the file, absolute paths, and Path: the file's own absolute path. Throws ORC1001, or the
  first finding; then the exception's Data holds all of them as `Findings`.
  #>
  param([Parameter(Mandatory, Position = 0)][string] $Path)
  $absolute = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
  $file = [IO.FileInfo]::new($absolute)
  $stamp = if ($file.Exists) { "$($file.LastWriteTimeUtc.Ticks)/$($file.Length)" } else { '' }
  $kept = $script:JudgedManifest[$absolute]
  if (-not $kept -or $kept.Stamp -cne $stamp) {
    $text = Remove-ByteOrderMark (Read-ManifestText -Path $absolute)
    $faults = @(Get-ManifestFault -Text $text)
    if ($faults.Count -gt 0) { throw (New-ManifestError -Fault $faults -Text $text -Path $absolute) }
    $kept = [pscustomobject]@{ Stamp = $stamp; Text = $text }
    $script:JudgedManifest[$absolute] = $kept
  }
  $manifest = ConvertFrom-Json -InputObject $kept.Text -Depth 64 -DateKind String
  Set-AbsoluteManifestPath -Manifest $manifest -Folder ([IO.Path]::GetDirectoryName($absolute))
  $manifest.PSObject.Properties.Add([psnoteproperty]::new('Path', $absolute))
  $manifest
}

function Read-ManifestText {
  <#
  .SYNOPSIS
  The content of a manifest, or ORC1001.
  #>
  [OutputType([string])]
  param([Parameter(Mandatory)][string] $Path)
  try {
    $stream = [IO.FileStream]::new($Path, 'Open', 'Read', 'ReadWrite, Delete')
    try {
      # Without a look at the first bytes: UTF-16 is no JSON, and the judge takes one mark away, as the other judge does.
      $reader = [IO.StreamReader]::new($stream, [Text.UTF8Encoding]::new($false), $false)
      return $reader.ReadToEnd()
    } finally {
      $stream.Dispose()
    }
  } catch {
    $cause = $_.Exception.InnerException ?? $_.Exception
    throw (New-OrchestratorError -Code ORC1001 -Data @{ path = $Path } -Target $Path -Exception $cause)
  }
}

function New-ManifestError {
  <#
  .SYNOPSIS
  The error of a manifest's first fault; the exception's Data holds all of them as Findings.
  #>
  [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
  param([Parameter(Mandatory)][object[]] $Fault, [AllowEmptyString()][string] $Text, [string] $Path)
  $data = @(foreach ($one in $Fault) { Get-FaultData -Fault $one -Text $Text -Path $Path })
  $record = New-OrchestratorError -Code $Fault[0].Code -Data $data[0] -Category InvalidData -Target $Path
  $record.Exception.Data['Findings'] = @(
    for ($i = 0; $i -lt $Fault.Count; $i++) { ConvertTo-ManifestFinding -Fault $Fault[$i] -Data $data[$i] }
  )
  $record
}
