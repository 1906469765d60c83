function Sync-Service {
    <#
    .SYNOPSIS
    Makes one service be what desired.json says, under its lock.
    .DESCRIPTION
    What to do is read under the lock, not brought along, and read again after acting: whoever wrote last wins, and
    sessions that press Start and Stop at once end with a service that is what the file says.
    .PARAMETER Intent
    What the caller has just written; counts where the file cannot be read.
    .PARAMETER Restart
    Stop it first when it runs, once.
    .OUTPUTS
    What the backend sees afterwards.
    #>
    param(
        [Parameter(Mandatory)][object] $Context,
        [Parameter(Mandatory)][object] $Service,
        [Parameter(Mandatory)][ValidateSet('running', 'stopped')][string] $Intent,
        [switch] $Restart
    )
    $lock = Enter-ServiceLock -Context $Context -Service $Service
    try {
        $again = [bool] $Restart
        do {
            $want = Get-Wanted -Context $Context -Id $Service.id -Default $Intent
            $seen = if ($want -eq 'running') {
                Invoke-ServiceStart -Context $Context -Service $Service -Restart:$again
            } else {
                Invoke-ServiceStop -Context $Context -Service $Service
            }
            $again = $false
        } while ((Get-Wanted -Context $Context -Id $Service.id -Default $Intent) -ne $want)
        $seen
    } finally {
        $lock.Dispose()
    }
}

function Get-Wanted {
    <#
    .SYNOPSIS
    The desired state of one service as the file has it at this moment.
    #>
    param([object] $Context, [string] $Id, [string] $Default)
    Get-DesiredState -Desired (Read-Desired -Context $Context -Fresh) -Id $Id -Observed ($Default -eq 'running')
}

function Invoke-ServiceStart {
    <#
    .SYNOPSIS
    Starts the program of a service unless it runs. The caller holds the lock.
    .PARAMETER Seen
    What the backend said since the lock is held.
    #>
    param([object] $Context, [object] $Service, [switch] $Restart, [AllowNull()][object] $Seen)
    if (-not $Seen) { $Seen = Get-BackendService -Context $Context -Id $Service.id }
    if (($Restart -and $Seen.State -ne 'Stopped') -or $Seen.State -eq 'Unknown') {
        Stop-BackendService -Context $Context -Id $Service.id -TimeoutMs $Service.stop.timeoutMs -Keep
        $Seen = Get-BackendService -Context $Context -Id $Service.id
    }
    if ($Seen.State -eq 'Running' -and $Seen.Ready) { return $Seen }
    if ($Seen.State -ne 'Running') { Assert-PortFree -Context $Context -Service $Service }
    Start-BackendService -Context $Context -Service $Service
}

function Invoke-ServiceStop {
    <#
    .SYNOPSIS
    Stops the program of a service and what serves it. The caller holds the lock.
    #>
    param([object] $Context, [object] $Service)
    Stop-BackendService -Context $Context -Id $Service.id -TimeoutMs $Service.stop.timeoutMs
    Get-BackendService -Context $Context -Id $Service.id
}

function Assert-PortFree {
    <#
    .SYNOPSIS
    Throws ORC2002 when somebody else listens where a service is about to.
    #>
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][object] $Service)
    if ($null -eq $Service.port -or (Test-PortFree -HostName $Service.host -Port $Service.port)) { return }
    $owner = Get-PortOwner -Context $Context -Service $Service
    if ($owner.Kind -in 'stranger', 'unknown') { throw (New-PortError -Service $Service -Owner $owner) }
}

function New-PortError {
    <#
    .SYNOPSIS
    The error ORC2002 of a service.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Service, [object] $Owner)
    $data = @{ port = $Owner.Port; service = $Service.displayName; owner = $Owner.Label }
    New-OrchestratorError -Code ORC2002 -Data $data -Target $Service.id
}

function Get-PortFault {
    <#
    .SYNOPSIS
    The errors ORC2002 of services that are about to start, before anything is touched.
    #>
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][AllowEmptyCollection()][object[]] $Service)
    $taken = @($Service | Where-Object { $_.port -and -not (Test-PortFree -HostName $_.host -Port $_.port) })
    if (-not $taken) { return }
    foreach ($owner in (Get-PortOwner -Context $Context -Service $taken)) {
        if ($owner.Kind -notin 'stranger', 'unknown') { continue }
        New-PortError -Service ($taken | Where-Object { $_.id -eq $owner.Id }) -Owner $owner
    }
}
