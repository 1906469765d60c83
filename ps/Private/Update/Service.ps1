# The services during an update. desired.json stays as it is: what should run before should run after, and what an
# operator has stopped stays stopped.

function Get-UpdateWish {
    <#
    .SYNOPSIS
    Which services are to be started after the swap, and which of them must become healthy.
    .OUTPUTS
    A dictionary with start (they should run) and must (they were healthy): lists of ids.
    #>
    param([AllowNull()][object] $Context)
    $wish = @{ start = @(); must = @() }
    if (-not $Context) { return $wish }
    $managed = @($Context.Services | Where-Object { $_.mode -ne 'external' })
    if (-not $managed) { return $wish }
    $wanted = @(Get-ServiceStatus -Context $Context -Service $managed | Where-Object { $_.Desired -eq 'running' })
    $wish.start = @($wanted.Id)
    $wish.must = @($wanted | Where-Object { $_.Health -eq 'healthy' } | ForEach-Object { $_.Id })
    $wish
}

function Enter-UpdateLock {
    <#
    .SYNOPSIS
    Takes the lock of the installation and those of its services, so that nobody installs or starts anything meanwhile.
    .PARAMETER Patient
    Wait for another session that installs, for a minute: the way back has no other chance.
    .OUTPUTS
    The locks. Hand them to Exit-UpdateLock.
    #>
    param([AllowNull()][object] $Context, [switch] $Patient)
    $locks = [Collections.Generic.List[object]]::new()
    if (-not $Context) { return , $locks }
    try {
        if ($Patient) {
            $path = Get-StatePath -Data $Context.Data -Kind Lock -Id install
            $locks.Add((Enter-FileLock -Path $path -Name 'Install-Orchestrator'))
        } else {
            $locks.Add((Enter-InstallLock -Context $Context))
        }
        foreach ($service in $Context.Services) {
            if ($service.mode -ne 'external') { $locks.Add((Enter-ServiceLock -Context $Context -Service $service)) }
        }
    } catch {
        Exit-UpdateLock -Lock $locks
        throw
    }
    , $locks
}

function Exit-UpdateLock {
    <#
    .SYNOPSIS
    Frees locks; those that are free already are left alone.
    #>
    param([AllowNull()][AllowEmptyCollection()][object] $Lock)
    foreach ($one in $Lock) { $one.Dispose() }
}

function Stop-UpdateService {
    <#
    .SYNOPSIS
    Stops all services, the last first: the guardian before what it watches. The caller holds their locks.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([AllowNull()][object] $Context)
    if (-not $Context) { return }
    $managed = @($Context.Services | Where-Object { $_.mode -ne 'external' })
    for ($i = $managed.Count - 1; $i -ge 0; $i--) {
        Write-Verbose (Get-Phrase 'Verbose.Stop' @{ service = $managed[$i].displayName })
        [void] (Invoke-ServiceStop -Context $Context -Service $managed[$i])
    }
}

function Save-InstallState {
    <#
    .SYNOPSIS
    Keeps the installed copy of the manifest and how it was installed, for a return.
    #>
    param([string] $Root, [AllowNull()][object] $Context)
    if (-not $Context) { return }
    $backup = Get-UpdatePath -Root $Root -Name Backup
    [void] [IO.Directory]::CreateDirectory($backup)
    foreach ($path in $Context.ManifestPath, (Get-InstallRequestPath -Data $Context.Data)) {
        if ([IO.File]::Exists($path)) { [IO.File]::Copy($path, [IO.Path]::Combine($backup, [IO.Path]::GetFileName($path)), $true) }
    }
}

function Restore-InstallState {
    <#
    .SYNOPSIS
    Puts the installed copy back, and tells the backend of what differs, which takes the lock of each service.
    .PARAMETER Manifest
    Path of the installed copy.
    .OUTPUTS
    The context of what is installed again.
    #>
    param([string] $Root, [AllowNull()][AllowEmptyString()][string] $Manifest)
    if (-not $Manifest) { return }
    $backup = Get-UpdatePath -Root $Root -Name Backup
    $failed = if ([IO.File]::Exists($Manifest)) { try { Read-Context -Path $Manifest } catch { Write-Debug "unreadable: $Manifest" } }
    foreach ($path in $Manifest, (Get-InstallRequestPath -Data ([IO.Path]::GetDirectoryName($Manifest)))) {
        $kept = [IO.Path]::Combine($backup, [IO.Path]::GetFileName($path))
        if ([IO.File]::Exists($kept)) { Write-StateFile -Path $path -Text ([IO.File]::ReadAllText($kept)) }
    }
    $script:ContextCache.Remove($Manifest)
    $context = Read-Context -Path $Manifest
    if ($failed) {
        foreach ($service in $failed.Services | Where-Object { $_.mode -ne 'external' -and $_.id -notin $context.Services.id }) {
            Stop-BackendService -Context $failed -Id $service.id -TimeoutMs $service.stop.timeoutMs
            Uninstall-BackendService -Context $failed -Id $service.id
        }
    }
    foreach ($service in $context.Services) {
        if ($service.mode -ne 'external') { Install-BackendService -Context $context -Service $service }
    }
    $context
}
