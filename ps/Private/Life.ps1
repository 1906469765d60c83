# What Start-, Stop-, Restart- and Install-Orchestrator share: many services, in order, one error for each that failed.

function Start-ServiceSet {
    <#
    .SYNOPSIS
    Starts services in file order and returns the answers of the probes that were waited for.
    .DESCRIPTION
    The ports of all are looked at first: when a stranger holds one, nothing is written, started or stopped.
    .PARAMETER Cmdlet
    The $PSCmdlet of the caller; errors of single services go there.
    .PARAMETER Restart
    Ids of those to stop first when they run.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)][Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)][object] $Context,
        [Parameter(Mandatory)][AllowEmptyCollection()][object[]] $Service,
        [Parameter(Mandatory)][string] $By,
        [switch] $Wait,
        [AllowEmptyCollection()][string[]] $Restart = @()
    )
    $answers = @{}
    if (-not $Service) { return $answers }
    Assert-PortSet -Cmdlet $Cmdlet -Context $Context -Service $Service
    Set-Desired -Context $Context -Id $Service.id -State running -By $By
    $needed = @($Service.dependsOn | Where-Object { $_ })
    $failed = [Collections.Generic.HashSet[string]]::new()
    foreach ($one in $Service) {
        try {
            Start-OneService -Context $Context -Service $one -Failed $failed -Restart:($one.id -in $Restart)
            if (-not ($Wait -or $one.id -in $needed) -or (Get-MissingFile -Service $one)) { continue }
            $result = Wait-ServiceHealthy -Context $Context -Service $one
            $answers[$one.id] = $result.Answer
            if (-not $result.Healthy) { throw (New-WaitError -Service $one -Result $result) }
        } catch {
            [void] $failed.Add($one.id)
            $Cmdlet.WriteError((ConvertTo-OrchestratorRecord -Record $_ -Service $one))
        }
    }
    $answers
}

function Start-OneService {
    <#
    .SYNOPSIS
    Starts one service of a set, unless a file or a service that it needs is missing.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [object] $Service, [Collections.Generic.HashSet[string]] $Failed, [switch] $Restart)
    $missing = Get-MissingFile -Service $Service
    if ($missing) {
        $data = @{ service = $Service.displayName; file = $missing }
        Write-Warning (Get-ErrorLine -Code ORC2003 -Data $data)
        return
    }
    $blocker = $Service.dependsOn | Where-Object { $Failed.Contains($_) } | Select-Object -First 1
    if ($blocker) {
        $data = @{ service = $Service.displayName; dependency = $blocker }
        throw (New-OrchestratorError -Code ORC2021 -Data $data -Target $Service.id)
    }
    Write-Verbose (Get-Phrase 'Verbose.Start' @{ service = $Service.displayName })
    [void] (Sync-Service -Context $Context -Service $Service -Intent running -Restart:$Restart)
}

function Stop-ServiceSet {
    <#
    .SYNOPSIS
    Stops services, the last of the file first.
    .PARAMETER By
    Who asks. Null leaves desired.json alone.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)][Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)][object] $Context,
        [Parameter(Mandatory)][AllowEmptyCollection()][object[]] $Service,
        [Parameter(Mandatory)][string] $By
    )
    if (-not $Service) { return }
    Set-Desired -Context $Context -Id $Service.id -State stopped -By $By
    for ($i = $Service.Count - 1; $i -ge 0; $i--) {
        $one = $Service[$i]
        try {
            Write-Verbose (Get-Phrase 'Verbose.Stop' @{ service = $one.displayName })
            [void] (Sync-Service -Context $Context -Service $one -Intent stopped)
        } catch {
            $Cmdlet.WriteError((ConvertTo-OrchestratorRecord -Record $_ -Service $one))
        }
    }
}

function Assert-PortSet {
    <#
    .SYNOPSIS
    Stops the whole call when a stranger holds the port of a service that does not run yet.
    #>
    param([Management.Automation.PSCmdlet] $Cmdlet, [object] $Context, [object[]] $Service)
    $idle = @($Service | Where-Object {
            $_.port -and -not (Get-MissingFile -Service $_) -and
            (Get-BackendService -Context $Context -Id $_.id).State -notin 'Running', 'Stopping'
        })
    $faults = @(Get-PortFault -Context $Context -Service $idle)
    if (-not $faults) { return }
    foreach ($fault in $faults | Select-Object -SkipLast 1) { $Cmdlet.WriteError($fault) }
    throw $faults[-1]
}

function Select-Changeable {
    <#
    .SYNOPSIS
    The services of a selection that a change is about. An external one that was named is an error of its own; one that
    was not named stays in, for its status only.
    .PARAMETER All
    No name was given: services whose start type is disabled stay out.
    #>
    param([Management.Automation.PSCmdlet] $Cmdlet, [object] $Selected, [switch] $All)
    foreach ($one in $Selected.Service) {
        if ($one.mode -eq 'external') {
            if ($one.id -notin $Selected.Explicit) { $one; continue }
            $Cmdlet.WriteError((New-OrchestratorError -Code ORC2008 -Data @{ service = $one.displayName } -Target $one.id))
        } elseif (-not ($All -and $one.startType -eq 'disabled')) {
            $one
        }
    }
}

function New-WaitError {
    <#
    .SYNOPSIS
    The error ORC2005 of a service, with the last answer of its probe.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Service, [object] $Result)
    $data = @{
        service = $Service.displayName; id = $Service.id; seconds = $Result.Seconds; detail = $Result.Answer.Detail
    }
    New-OrchestratorError -Code ORC2005 -Data $data -Target $Service.id
}

function ConvertTo-OrchestratorRecord {
    <#
    .SYNOPSIS
    An error as it is when it has a code of ours, else as ORC2004 with the system's words as its cause.
    #>
    param([Management.Automation.ErrorRecord] $Record, [object] $Service)
    if ($Record.FullyQualifiedErrorId -match '^ORC\d{4}') { return $Record }
    New-StartError -Service $Service -Detail $Record.Exception.GetBaseException().Message
}
