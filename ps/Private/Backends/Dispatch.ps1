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

function New-ServiceFolder {
    <#
    .SYNOPSIS
    Makes the folders that a service's log and state files lie in, whoever writes them.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [object] $Service)
    $folders = @(
        [IO.Path]::Combine($Context.Data, 'run')
        [IO.Path]::Combine($Context.Data, 'locks')
        [IO.Path]::GetDirectoryName($Service.logs.stdout)
        [IO.Path]::GetDirectoryName($Service.logs.stderr)
    )
    foreach ($folder in $folders) { [void] [IO.Directory]::CreateDirectory($folder) }
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

function Sync-BackendService {
    <#
    .SYNOPSIS
    Has a backend look at services again that other tools may have changed. Nothing where that cannot be.
    .OUTPUTS
    Orchestrator.ServiceSync, one for each service.
    #>
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][AllowEmptyCollection()][object[]] $Service)
    if ($Context.Backend -ne 'Nssm') { return }
    Use-ModulePart Nssm
    $table = @(Get-ProcessTable)
    foreach ($one in $Service) {
        $sync = Sync-NssmService -Context $Context -Service $one -Table $table
        [pscustomobject]@{
            PSTypeName = 'Orchestrator.ServiceSync'
            Id         = $one.id
            State      = if ($sync.Run) { $sync.Run.state }
            ProcessId  = if ($sync.Run) { $sync.Run.processId }
            Change     = $sync.Change
        }
    }
}

function Get-BackendDifference {
    <#
    .SYNOPSIS
    Where what is really set up for a service differs from what the manifest asks for: somebody's hand edit, or a change
    that is to be made.
    .OUTPUTS
    Objects with Name, From, To and Restart (it takes effect at the next start); none with Embedded, which keeps no
    settings of its own. Null From and Name "service" say that the service is not there.
    #>
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][object] $Service)
    if ($Context.Backend -ne 'Nssm' -or $Service.mode -eq 'external' -or -not $IsWindows) { return }
    Use-ModulePart Nssm
    Get-NssmDifference -Context $Context -Service $Service
}
