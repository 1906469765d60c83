function Remove-Installation {
    <#
    .SYNOPSIS
    Stops and removes everything; keeps what a person may still want to read, unless Purge is given.
    .PARAMETER Lock
    The lock of the installation: freed here before the folder of locks is removed.
    .OUTPUTS
    An InstallChange for each thing that was removed.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Management.Automation.PSCmdlet] $Cmdlet, [object] $Context, [switch] $Purge, [IDisposable] $Lock)
    $services = @($Context.Services | Where-Object { $_.mode -ne 'external' })
    $failed = $false
    if ($services) { Set-Desired -Context $Context -Id $services.id -State stopped -By operator }
    for ($i = $services.Count - 1; $i -ge 0; $i--) {
        try {
            Remove-OneService -Context $Context -Service $services[$i]
            New-InstallChange -Target $services[$i].id -Property 'service' -From $services[$i].serviceName -Action remove
        } catch {
            $failed = $true
            $Cmdlet.WriteError((ConvertTo-OrchestratorRecord -Record $_ -Service $services[$i]))
        }
    }
    # What still runs must stay manageable, so its files stay.
    if ($failed) { return }
    Remove-OwnModulePlace
    if ($Lock) { $Lock.Dispose() }
    foreach ($path in (Get-StateLeftover -Context $Context -Purge:$Purge)) {
        if ([IO.Directory]::Exists($path)) { [IO.Directory]::Delete($path, $true) } else { [IO.File]::Delete($path) }
        New-InstallChange -Target 'orchestrator' -Property 'file' -From $path -Action remove
    }
    Remove-EmptyFolder -Path $Context.Logs
    Remove-EmptyFolder -Path $Context.Data
}

function Remove-OneService {
    <#
    .SYNOPSIS
    Stops one service and makes the backend forget it, under its lock.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [object] $Service)
    $lock = Enter-ServiceLock -Context $Context -Service $Service
    try {
        Stop-BackendService -Context $Context -Id $Service.id -TimeoutMs $Service.stop.timeoutMs
        Uninstall-BackendService -Context $Context -Id $Service.id
    } finally {
        $lock.Dispose()
    }
}

function Get-StateLeftover {
    <#
    .SYNOPSIS
    The files and folders of an installation that are there: only names that are known to be ours, never a whole folder
    that a person chose.
    #>
    param([object] $Context, [switch] $Purge)
    $names = @('run', 'locks', 'desired.json', 'guardian.json', 'install.json')
    if ($Purge) { $names += 'incidents', 'jobs', 'history.db', 'history.db-wal', 'history.db-shm' }
    # The copy goes last: while it is there, the cmdlets still find the rest.
    foreach ($name in $names + 'orchestrator.json') {
        $path = [IO.Path]::Combine($Context.Data, $name)
        if ([IO.Path]::Exists($path)) { $path }
    }
    if (-not $Purge) { return }
    foreach ($service in $Context.Services) {
        foreach ($live in $service.logs.stdout, $service.logs.stderr | Select-Object -Unique) {
            if ([IO.File]::Exists($live)) { $live }
            foreach ($file in (Get-RotatedLog -Path $live)) { $file.FullName }
        }
        $own = [IO.Path]::Combine([IO.Path]::GetDirectoryName($service.logs.stdout), "$($service.id)-host.log")
        if ([IO.File]::Exists($own)) { $own }
    }
}

function Remove-EmptyFolder {
    <#
    .SYNOPSIS
    Removes a folder when nothing is in it.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Path)
    if (-not [IO.Directory]::Exists($Path)) { return }
    if (@([IO.Directory]::EnumerateFileSystemEntries($Path) | Select-Object -First 1).Count -eq 0) {
        [IO.Directory]::Delete($Path)
    }
}
