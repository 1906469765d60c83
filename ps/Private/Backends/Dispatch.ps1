# Five verbs, the same for each backend. A backend is a file with five functions <Verb>-<Backend>Service; whoever calls
# the verbs below knows neither the backend nor the operating system.

function Test-Backend {
    <#
    .SYNOPSIS
    Says whether this module has the backend.
    #>
    param([Parameter(Mandatory)][string] $Name)
    Test-Path -Path "function:Start-${Name}Service"
}

function Assert-Backend {
    <#
    .SYNOPSIS
    Throws ORC2012 where the backend cannot work on this machine.
    #>
    param([Parameter(Mandatory)][string] $Name)
    $detail = if (-not (Test-Backend -Name $Name)) {
        Get-Phrase 'Backend.Missing' @{ backend = $Name }
    } elseif (Test-Path -Path "function:Test-${Name}Backend") {
        & "Test-${Name}Backend"
    }
    if ($detail) {
        throw (New-OrchestratorError -Code ORC2012 -Data @{ backend = $Name; detail = $detail } -Target $Name)
    }
}

function Install-BackendService {
    <#
    .SYNOPSIS
    Makes the service known to the backend. Changes only what differs.
    #>
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][object] $Service)
    & "Install-$($Context.Backend)Service" -Context $Context -Service $Service
}

function Uninstall-BackendService {
    <#
    .SYNOPSIS
    Makes the backend forget a service, running or not.
    #>
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][string] $Id)
    & "Uninstall-$($Context.Backend)Service" -Context $Context -Id $Id
}

function Start-BackendService {
    <#
    .SYNOPSIS
    Starts the program of a service unless it runs, and returns what Query returns. Does not wait for its health.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][object] $Service)
    & "Start-$($Context.Backend)Service" -Context $Context -Service $Service
}

function Stop-BackendService {
    <#
    .SYNOPSIS
    Stops the program politely, then its tree by force at the time limit. Returns when nothing of it runs.
    .PARAMETER Keep
    It is about to be started again: what serves it may stay, which makes the start faster.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)][object] $Context,
        [Parameter(Mandatory)][string] $Id,
        [Parameter(Mandatory)][int] $TimeoutMs,
        [switch] $Keep
    )
    & "Stop-$($Context.Backend)Service" -Context $Context -Id $Id -TimeoutMs $TimeoutMs -Keep:$Keep
}

function Get-BackendService {
    <#
    .SYNOPSIS
    The verb Query: what the backend sees of a service.
    .OUTPUTS
    State (Running, Starting, Stopping, Stopped, Unknown), ProcessId (the program's, not the wrapper's), Since, ExitCode;
    and Ready (the backend can take commands for it), Detail (why it ended), Warning (a fault of its state file).
    #>
    param([object] $Context, [string] $Id)
    & "Get-$($Context.Backend)Service" -Context $Context -Id $Id
}
