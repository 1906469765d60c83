function Set-Installation {
    <#
    .SYNOPSIS
    Makes the plan real: removes what is gone, writes the copy, tells the backend, restarts what changed, starts the rest.
    .PARAMETER Module
    Put the module where new sessions find it.
    .PARAMETER Request
    What Install-Orchestrator was given; kept for an update, which installs anew.
    .OUTPUTS
    An InstallChange for each service that was started.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Management.Automation.PSCmdlet] $Cmdlet,
        [object] $Context,
        [AllowNull()][object] $Old,
        [AllowEmptyCollection()][string[]] $Restart,
        [switch] $NoStart,
        [switch] $Module,
        [AllowNull()][Collections.IDictionary] $Request
    )
    if ($Old) { Remove-GoneService -Old $Old -New $Context }
    Write-Copy -Context $Context
    if ($Request) { Write-InstallRequest -Context $Context -Request $Request }
    if ($Module) { Set-ModulePlace }
    foreach ($service in $Context.Services) {
        if ($service.mode -ne 'external') { Install-BackendService -Context $Context -Service $service }
    }
    $services = @($Context.Services | Where-Object {
            $_.mode -ne 'external' -and ($_.id -in $Restart -or ($_.startType -ne 'disabled' -and -not $NoStart))
        })
    $before = @{}
    foreach ($one in $services) { $before[$one.id] = Get-BackendService -Context $Context -Id $one.id }
    $set = @{ Cmdlet = $Cmdlet; Context = $Context; Service = $services; By = 'install'; Wait = $true; Restart = $Restart }
    $answers = Start-ServiceSet @set
    foreach ($status in (Get-ServiceStatus -Context $Context -Service $services -Probe $answers -NoProbe)) {
        $was = $before[$status.Id]
        if ($was.ProcessId -eq $status.ProcessId) { continue }
        $to = "$($status.Health) $($status.Address)".TrimEnd()
        New-InstallChange -Target $status.Id -Property 'state' -From $was.State.ToLowerInvariant() -To $to -Action change
    }
}

function Enter-InstallLock {
    <#
    .SYNOPSIS
    Takes the lock that only one session has that installs, updates or removes; throws ORC2031 at once when another has it.
    .OUTPUTS
    Dispose it to free the lock.
    #>
    param([Parameter(Mandatory)][object] $Context)
    try {
        Enter-FileLock -Path (Get-StatePath -Data $Context.Data -Kind Lock -Id install) -Name 'Install-Orchestrator' -TimeoutMs 0
    } catch {
        if ($_.FullyQualifiedErrorId -notmatch '^ORC2006') { throw }
        throw (New-OrchestratorError -Code ORC2031 -Data @{ data = $Context.Data } -Target $Context.ManifestPath)
    }
}

function Remove-GoneService {
    <#
    .SYNOPSIS
    Stops and removes services that are installed and no longer wanted, or that became external.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Old, [object] $New)
    $kept = @($New.Services | Where-Object { $_.mode -ne 'external' }).id
    $gone = @($Old.Services | Where-Object { $_.mode -ne 'external' -and $_.id -notin $kept })
    if ($Old.Backend -ne $New.Backend) { $gone = @($Old.Services | Where-Object { $_.mode -ne 'external' }) }
    for ($i = $gone.Count - 1; $i -ge 0; $i--) {
        $service = $gone[$i]
        $lock = Enter-ServiceLock -Context $Old -Service $service
        try {
            Stop-BackendService -Context $Old -Id $service.id -TimeoutMs $service.stop.timeoutMs
            Uninstall-BackendService -Context $Old -Id $service.id
        } finally {
            $lock.Dispose()
        }
    }
    if ($gone) { Remove-Desired -Context $Old -Id $gone.id }
}

function Write-Copy {
    <#
    .SYNOPSIS
    Writes the installed copy of the manifest, unless it is there byte for byte.
    #>
    param([object] $Context)
    $text = ConvertTo-ManifestText -Manifest $Context.Manifest
    if ([IO.File]::Exists($Context.ManifestPath) -and (Read-SharedText -Path $Context.ManifestPath) -ceq $text) { return }
    Write-StateFile -Path $Context.ManifestPath -Text $text
}

function Get-RestartChange {
    <#
    .SYNOPSIS
    The running services whose definition changed, as changes of their process.
    #>
    param([object] $Context, [AllowNull()][object] $Old, [object[]] $Change)
    if (-not $Old) { return }
    foreach ($service in $Context.Services) {
        $changed = @($Change | Where-Object { $_.Target -eq $service.id -and $_.Property -ne 'service' -and -not $_.Live })
        if (-not $changed -or $service.mode -eq 'external') { continue }
        $seen = Get-BackendService -Context $Context -Id $service.id
        if ($seen.State -ne 'Running') { continue }
        $from = Get-Phrase 'Install.Process' @{ processId = $seen.ProcessId }
        New-InstallChange -Target $service.id -Property 'process' -From $from -To (Get-Phrase 'Install.Restart') -Action change
    }
}
