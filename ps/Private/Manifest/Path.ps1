function Resolve-OrchestratorManifestPath {
  <#
  .SYNOPSIS
  Finds the manifest in force.
  .DESCRIPTION
  The path that was given, else ORCHESTRATOR_MANIFEST, else the installed copy below .orchestrator, else the one of this
  kind of system. core/manifest/resolve.ts is its twin. Whether the file exists is for its reader to say.
  .OUTPUTS
  System.String: an absolute path.
  #>
  [OutputType([string])]
  param([Parameter(Position = 0)][AllowNull()][AllowEmptyString()][string] $Manifest)
  $root = Get-OrchestratorRoot
  if ($Manifest) {
    return $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Manifest)
  }
  if ($env:ORCHESTRATOR_MANIFEST) { return [IO.Path]::GetFullPath($env:ORCHESTRATOR_MANIFEST, $PWD.ProviderPath) }
  $installed = [IO.Path]::Combine($root, '.orchestrator', 'orchestrator.json')
  if ([IO.File]::Exists($installed)) { return $installed }
  [IO.Path]::Combine($root, 'deploy', ($IsWindows ? 'windows' : 'local'), 'orchestrator.json')
}

function Get-OrchestratorRoot {
  <#
  .SYNOPSIS
  The project's root: the parent of ps/.
  #>
  [OutputType([string])]
  param()
  [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..', '..'))
}

function Set-AbsoluteManifestPath {
  <#
  .SYNOPSIS
  Makes every relative path of a manifest absolute, in place. core/manifest/load.ts (absolutePaths) is its twin.
  #>
  [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
  param([Parameter(Mandatory)][object] $Manifest, [Parameter(Mandatory)][string] $Folder)
  $paths = $Manifest.paths
  foreach ($key in 'data', 'logs') { $paths.$key = Get-AbsolutePath -Path $paths.$key -Folder $Folder }
  $tls = $Manifest.panel.tls
  if ($tls) {
    foreach ($key in 'certFile', 'keyFile') { $tls.$key = Get-AbsolutePath -Path $tls.$key -Folder $Folder }
  }
  foreach ($service in $Manifest.services) {
    $service.cwd = Get-AbsolutePath -Path $service.cwd -Folder $Folder
    $service.requires = @(foreach ($file in $service.requires) { Get-AbsolutePath -Path $file -Folder $Folder })
    foreach ($key in 'stdout', 'stderr') {
      $service.logs.$key = Get-AbsolutePath -Path $service.logs.$key -Folder $Folder
    }
  }
}

function Get-AbsolutePath {
  <#
  .SYNOPSIS
  A path as seen from a folder. A Windows path with a drive stays as it is on every system.
  #>
  [OutputType([string])]
  param([string] $Path, [string] $Folder)
  if ($Path -cmatch '^[A-Za-z]:[\\/]' -or $Path.StartsWith('/') -or ($IsWindows -and $Path.StartsWith('\'))) {
    return $Path
  }
  [IO.Path]::TrimEndingDirectorySeparator([IO.Path]::GetFullPath($Path, $Folder))
}
