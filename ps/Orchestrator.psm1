# Windows PowerShell 5.1 cannot parse the rest of the module, so this comes first and is written in its language.
if ($PSVersionTable.PSVersion -lt [version] '7.5') {
  throw "Orchestrator needs PowerShell 7.5 or later; this is $($PSVersionTable.PSVersion). Install it with: winget install Microsoft.PowerShell - then run pwsh."
}

$script:ModuleRoot = $PSScriptRoot
$script:ProjectRoot = [IO.Path]::GetDirectoryName($PSScriptRoot)

foreach ($folder in 'Private', 'Public') {
  $files = [IO.Directory]::GetFiles([IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1', 'AllDirectories')
  [array]::Sort($files, [StringComparer]::Ordinal)
  foreach ($file in $files) { . $file }
}
