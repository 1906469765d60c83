# Where an NSSM service stands. The service manager is the truth; run/<id>.json holds what it said last, in the form that
# the guardian and the panel read, and is written by whoever holds the service's lock.

function Get-ServiceName {
    <#
    .SYNOPSIS
    The Windows name of a service.
    #>
    param([object] $Context, [string] $Id)
    foreach ($one in $Context.Services) { if ($one.id -eq $Id) { return $one.serviceName } }
}

function Get-NssmSight {
    <#
    .SYNOPSIS
    Looks at a service: the service manager's word held against the processes that really live.
    .PARAMETER Last
    The content of run/<id>.json, null for none.
    .PARAMETER Table
    Get-ProcessTable, where it is known already.
    .OUTPUTS
    Scm (Get-ScmStatus, null when there is no service), WrapperId and WrapperBegin (null when it does not live), Program (Id and Begin, null
    for none) and Orphan: the program lives on and its wrapper does not.
    #>
    param([string] $ServiceName, [AllowNull()][Collections.IDictionary] $Last, [AllowNull()][object[]] $Table)
    $scm = Get-ScmStatus -ServiceName $ServiceName
    $sight = [pscustomobject]@{ Scm = $scm; WrapperId = $null; WrapperBegin = $null; Program = $null; Orphan = $false }
    # A service manager may go on naming a wrapper that was killed.
    $begin = if ($scm -and $scm.ProcessId) { Get-ProcessBegin -Id $scm.ProcessId }
    if ($begin) {
        $sight.WrapperId = $scm.ProcessId
        $sight.WrapperBegin = $begin
    }
    if ($sight.WrapperId) {
        $sight.Program = Find-ChildProgram -WrapperId $sight.WrapperId -Table $Table
        return $sight
    }
    if ($Last -and $Last['processId']) {
        $begin = Get-ProcessBegin -Id $Last['processId']
        $noted = ConvertFrom-StateTime $Last['startedAt']
        if ($begin -and $noted -and [math]::Abs(($begin - $noted).TotalMilliseconds) -lt 1000) {
            $sight.Program = [pscustomobject]@{ Id = [int] $Last['processId']; Begin = $begin }
            $sight.Orphan = $true
        }
    }
    $sight
}

# Exit codes of the service manager's own, in SERVICE_STATUS.
$script:ErrorServiceSpecific = 1066
$script:ErrorProcessAborted = 1067
$script:ErrorNeverStarted = 1077

function ConvertTo-NssmRun {
    <#
    .SYNOPSIS
    What run/<id>.json should say, from what was seen and what it said before. Pure.
    .PARAMETER Asked
    One of ours has just stopped it: an end is no surprise.
    .OUTPUTS
    A dictionary as runSchema of core/contract/state.ts has it.
    #>
    param(
        [Parameter(Mandatory)][string] $Id,
        [Parameter(Mandatory)][object] $Sight,
        [AllowNull()][Collections.IDictionary] $Last,
        [switch] $Asked,
        [datetime] $Now = [datetime]::UtcNow
    )
    $run = [ordered]@{
        version = 1; id = $Id; state = 'Stopped'; hostProcessId = $Sight.WrapperId; hostStart = $null; socket = ''
        processId = $null; processStart = $null; startedAt = $null; endedAt = $null; exitCode = $null; signal = $null
        launches = 0; error = $null; updatedAt = $null
    }
    if ($Sight.WrapperBegin) { $run.hostStart = [string] $Sight.WrapperBegin.ToFileTimeUtc() }
    if ($Last) { foreach ($key in 'startedAt', 'launches') { $run[$key] = $Last[$key] } }
    if ($Sight.Program) {
        $run.state = if ($Sight.Scm.State -eq 'StopPending') { 'Stopping' } else { 'Running' }
        $run.processId = $Sight.Program.Id
        $run.startedAt = ConvertTo-StateTime $Sight.Program.Begin
        $known = $Last -and $Last['processId'] -eq $run.processId -and $Last['startedAt'] -eq $run.startedAt
        if (-not $known) { $run.launches = 1 + [int] $run.launches }
    } else {
        Set-RunEnd -Run $run -Scm $Sight.Scm -WrapperLives ([bool] $Sight.WrapperId) -Last $Last -Asked $Asked
        $run.endedAt = ConvertTo-StateTime $Now
    }
    $run.updatedAt = ConvertTo-StateTime $Now
    # The same end is not news, and keeps its time.
    if ($Last -and (Test-SameRun -One $run -Other $Last)) {
        $run.endedAt = $Last['endedAt']
        $run.updatedAt = $Last['updatedAt']
    }
    $run
}

function Set-RunEnd {
    <#
    .SYNOPSIS
    Says in a run how its program ended.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Collections.IDictionary] $Run, [AllowNull()][object] $Scm, [bool] $WrapperLives, [AllowNull()][Collections.IDictionary] $Last, [bool] $Asked)
    if ($null -eq $Scm) {
        $Run.state = 'Failed'
        $Run.error = Get-Phrase 'Nssm.NoService'
        return
    }
    if ($WrapperLives) {
        switch ($Scm.State) {
            'Paused' { $Run.state = 'Failed'; $Run.error = Get-Phrase 'Nssm.Paused' }
            'StopPending' { $Run.state = 'Stopping' }
            default { $Run.state = 'Starting' }
        }
        return
    }
    if ($Scm.State -eq 'Stopped' -and ($Asked -or $Scm.Win32ExitCode -eq 0)) { return }
    if ($Scm.State -eq 'Stopped' -and $Scm.Win32ExitCode -eq $script:ErrorNeverStarted) {
        # Made anew, or the machine was started anew: what it did before is over.
        $Run.startedAt = $null
        return
    }
    if ($Scm.State -eq 'Stopped' -and $Scm.Win32ExitCode -eq $script:ErrorServiceSpecific) {
        $ran = $Last -and ($Last['processId'] -or $Last['state'] -eq 'Exited')
        $Run.state = $ran ? 'Exited' : 'Failed'
        $Run.exitCode = [int64] $Scm.SpecificExitCode
        if (-not $ran) { $Run.error = Get-StartFailure -Code $Scm.SpecificExitCode }
        return
    }
    $Run.state = 'Exited'
    if ($Scm.State -eq 'Stopped' -and $Scm.Win32ExitCode -ne $script:ErrorProcessAborted) {
        $Run.state = 'Failed'
        $Run.error = Get-Phrase 'Nssm.Win32' @{ code = $Scm.Win32ExitCode }
    }
}

function Get-StartFailure {
    <#
    .SYNOPSIS
    What NSSM's own exit codes say about a start that came to nothing.
    #>
    param([int64] $Code)
    if ($Code -in 2, 3, 4, 5) { return Get-Phrase "Nssm.Start.$Code" }
    Get-Phrase 'Reason.Ended' @{ code = $Code }
}

function Test-SameRun {
    <#
    .SYNOPSIS
    Says whether two runs say the same, whenever they were written.
    #>
    param([Collections.IDictionary] $One, [Collections.IDictionary] $Other)
    foreach ($key in 'state', 'hostProcessId', 'hostStart', 'processId', 'startedAt', 'exitCode', 'launches', 'error') {
        if ([string] $One[$key] -cne [string] $Other[$key]) { return $false }
    }
    return $true
}

function Read-NssmRun {
    <#
    .SYNOPSIS
    The last run that was noted of a service. Never throws.
    #>
    param([object] $Context, [string] $Id)
    $path = Get-StatePath -Data $Context.Data -Kind Run -Id $Id
    Read-StateFile -Path $path -Require version, id, state, processId -Fresh
}

function Update-NssmRun {
    <#
    .SYNOPSIS
    Looks at a service and writes run/<id>.json where it says something else. The caller holds the service's lock.
    .OUTPUTS
    The run.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [string] $Id, [switch] $Asked, [AllowNull()][string] $Fault)
    $last = (Read-NssmRun -Context $Context -Id $Id).Value
    $sight = Get-NssmSight -ServiceName (Get-ServiceName -Context $Context -Id $Id) -Last $last
    $run = ConvertTo-NssmRun -Id $Id -Sight $sight -Last $last -Asked:$Asked
    if ($Fault -and -not $run.processId) {
        $run.state = 'Failed'
        $run.error = $Fault
    }
    Write-NssmRun -Context $Context -Id $Id -Run $run -Last $last
    $run
}

function Write-NssmRun {
    <#
    .SYNOPSIS
    Writes run/<id>.json unless it says the same already.
    #>
    param([object] $Context, [string] $Id, [Collections.IDictionary] $Run, [AllowNull()][Collections.IDictionary] $Last)
    if ($Last -and (Test-SameRun -One $Run -Other $Last) -and $Run.updatedAt -eq $Last['updatedAt']) { return }
    $text = (ConvertTo-Json -InputObject $Run -Depth 4) + "`n"
    Write-StateFile -Path (Get-StatePath -Data $Context.Data -Kind Run -Id $Id) -Text $text
}
