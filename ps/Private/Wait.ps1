function Wait-ServiceHealthy {
    <#
    .SYNOPSIS
    Waits until a service is healthy, for as long as its manifest gives it to start.
    .DESCRIPTION
    Holds no lock, so that an operator can stop a service that takes its time. Gives up early when the service ended and
    nobody will start it again.
    .OUTPUTS
    An object with Healthy, Seconds and Answer (the last probe).
    #>
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][object] $Service)
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $limit = [math]::Max(1000, [int] $Service.health.startupGraceMs)
    $activity = Get-Phrase 'Wait.Activity' @{ service = $Service.displayName }
    $pause = 15
    $first = (Get-BackendService -Context $Context -Id $Service.id).Launches
    try {
        while ($true) {
            $answer = Get-ServiceAnswer -Context $Context -Service $Service -FirstLaunch $first
            $elapsed = $clock.Elapsed.TotalMilliseconds
            if ($answer.Healthy -or $answer.Final -or $elapsed -ge $limit) { break }
            Write-WaitProgress -Activity $activity -Detail $answer.Detail -Elapsed $elapsed -Limit $limit
            [Threading.Thread]::Sleep([int] [math]::Min($pause, [math]::Max(1, $limit - $elapsed)))
            $pause = [math]::Min(250, $pause * 1.5)
        }
    } finally {
        Write-Progress -Id 20 -Activity $activity -Completed
    }
    [pscustomobject]@{
        Healthy = $answer.Healthy
        Seconds = [math]::Round($clock.Elapsed.TotalSeconds, 1)
        Answer  = $answer
    }
}

function Write-WaitProgress {
    <#
    .SYNOPSIS
    Shows how long a wait has taken and what the last answer was; nothing in the first half second.
    #>
    param([string] $Activity, [string] $Detail, [double] $Elapsed, [double] $Limit)
    if ($Elapsed -lt 500) { return }
    $progress = @{
        Id               = 20
        Activity         = $Activity
        Status           = $Detail
        PercentComplete  = [math]::Min(100, [int] (100 * $Elapsed / $Limit))
        SecondsRemaining = [int] (($Limit - $Elapsed) / 1000)
    }
    Write-Progress @progress
}

function Get-ServiceAnswer {
    <#
    .SYNOPSIS
    Asks one service once. Final says that waiting longer is of no use.
    #>
    param([object] $Context, [object] $Service, [int] $FirstLaunch)
    $seen = Get-BackendService -Context $Context -Id $Service.id
    if ($seen.State -ne 'Running') {
        return Get-EndedAnswer -Context $Context -Service $Service -Seen $seen -FirstLaunch $FirstLaunch
    }
    $answer = switch ($Service.health.kind) {
        'http' { Invoke-HealthProbe -Service $Service }
        'heartbeat' { Test-Heartbeat -Service $Service -Observed $seen -Beat (Read-Heartbeat -Context $Context) }
        default { [pscustomobject]@{ Id = $Service.id; Healthy = $true; LatencyMs = $null; Detail = (Get-Phrase 'Reason.Alive') } }
    }
    if ($answer.Healthy) { Update-StrangerAnswer -Context $Context -Service $Service -Answer @{ $Service.id = $answer } }
    $answer | Add-Member -NotePropertyName Final -NotePropertyValue $false -PassThru
}

function Get-EndedAnswer {
    <#
    .SYNOPSIS
    The answer for a service whose program does not run: is there anybody who will start it again?
    #>
    param([object] $Context, [object] $Service, [object] $Seen, [int] $FirstLaunch)
    $answer = [pscustomobject]@{
        Id = $Service.id; Healthy = $false; LatencyMs = $null; Detail = (Get-EndReason -Seen $Seen); Final = $true
    }
    if ($Seen.State -eq 'Unknown') {
        $answer.Final = $false
    } elseif ($Seen.State -in 'Starting', 'Stopping') {
        $answer.Detail = Get-Phrase "Reason.$($Seen.State)"
        $answer.Final = $false
    } elseif ((Get-Wanted -Context $Context -Id $Service.id -Default running) -eq 'stopped') {
        $answer.Detail = Get-Phrase 'Wait.StoppedMeanwhile'
    } elseif ($Service.restart.policy -eq 'host') {
        # Its host starts it again; dead for the third time, it will be so for the fourth.
        $answer.Final = -not $Seen.Ready -or $Seen.Launches -ge $FirstLaunch + 2
    } elseif ($Service.restart.policy -eq 'guardian') {
        $beat = Read-Heartbeat -Context $Context
        $view = Get-GuardianView -Beat $beat -Id $Service.id
        $answer.Final = -not $beat.Fresh -or $null -eq $view -or $view['state'] -eq 'exhausted'
    }
    $answer
}
