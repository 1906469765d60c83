function Get-ServiceStatus {
    <#
    .SYNOPSIS
    How services are: desired beside observed, and the health that follows from both.
    .DESCRIPTION
    A fresh view of the guardian is taken as it is; then state files are all that is read. Without one the services are
    asked directly, all at the same time, for two seconds at most.
    .PARAMETER Probe
    Answers that are known already, by id, so that nobody is asked twice.
    .PARAMETER Seen
    What the backend has just said of services, by id, so that it is not asked twice.
    .PARAMETER NoProbe
    Ask only the external ones: a running service of which nothing is known counts as starting.
    #>
    param(
        [object] $Context,
        [object[]] $Service,
        [Collections.IDictionary] $Probe = @{},
        [Collections.IDictionary] $Seen = @{},
        [switch] $NoProbe
    )
    $desired = Read-Desired -Context $Context
    $beat = Read-Heartbeat -Context $Context
    $pictures = @(foreach ($one in $Service) {
            $observed = $Seen[$one.id]
            if (-not $observed -and $one.mode -ne 'external') { $observed = Get-BackendService -Context $Context -Id $one.id }
            New-ServicePicture -Service $one -Desired $desired -Beat $beat -Seen $observed
        })
    $answers = @{}
    foreach ($id in $Probe.Keys) { $answers[$id] = $Probe[$id] }
    $ask = @(foreach ($one in $pictures) {
            if (-not $one.NeedsProbe -or $answers.ContainsKey($one.Service.id)) { continue }
            if (-not $NoProbe -or $one.Service.mode -eq 'external') { $one.Service }
        })
    if ($ask) {
        foreach ($answer in (Invoke-HealthProbe -Service $ask)) { $answers[$answer.Id] = $answer }
        Update-StrangerAnswer -Context $Context -Service $ask -Answer $answers
    }
    foreach ($picture in $pictures) { New-ServiceStatus -Context $Context -Picture $picture -Answer $answers[$picture.Service.id] }
}

function New-ServicePicture {
    <#
    .SYNOPSIS
    All that the state files say about one service, before anybody is asked.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Service, [object] $Desired, [object] $Beat, [object] $Seen)
    $external = $Service.mode -eq 'external'
    $running = $external -or $Seen.State -eq 'Running'
    $entry = $Desired.Services[$Service.id]
    $view = Get-GuardianView -Beat $Beat -Id $Service.id
    $kind = $Service.health.kind
    $current = $view -and $Beat.Fresh -and $kind -ne 'heartbeat' -and
    (Test-ViewCurrent -View $view -Entry $entry -Seen $Seen)
    $wanted = if ($external) { 'running' } elseif ($entry) { $entry.State } elseif ($running) { 'running' } else { 'stopped' }
    $warnings = [string[]] @(foreach ($text in $Desired.Warning, $Beat.Warning, $(if ($Seen) { $Seen.Warning })) { if ($text) { $text } })
    [pscustomobject]@{
        Service    = $Service
        Seen       = $Seen
        Desired    = $wanted
        Wanted     = $null -ne $entry
        View       = $view
        Current    = [bool] $current
        Missing    = if ($Service.requires) { Get-MissingFile -Service $Service }
        Beat       = $Beat
        NeedsProbe = $running -and -not $current -and $kind -eq 'http'
        Warnings   = $warnings
    }
}

function Get-GuardianView {
    <#
    .SYNOPSIS
    The guardian's view of a service, null where it has none.
    #>
    param([object] $Beat, [string] $Id)
    if ($null -eq $Beat.Value -or $Beat.Value['services'] -isnot [Collections.IDictionary]) { return $null }
    $view = $Beat.Value['services'][$Id]
    if ($view -is [Collections.IDictionary]) { $view } else { $null }
}

function Test-ViewCurrent {
    <#
    .SYNOPSIS
    Says whether the guardian's view is about what is wanted and what runs now.
    #>
    param([Collections.IDictionary] $View, [object] $Entry, [object] $Seen)
    if ($Entry -and [int] $View['generation'] -ne $Entry.Generation) { return $false }
    if ($null -eq $Seen -or $null -eq $Seen.ProcessId) { return $true }
    $null -eq $View['processId'] -or [int] $View['processId'] -eq $Seen.ProcessId
}

function Get-MissingFile {
    <#
    .SYNOPSIS
    The first file that a service requires and that is not there.
    #>
    param([object] $Service)
    foreach ($file in $Service.requires) {
        if (-not [IO.Path]::Exists($file)) { return $file }
    }
}

function Update-StrangerAnswer {
    <#
    .SYNOPSIS
    An answer counts only when it comes from our own program: a stranger's is a fault that names it.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [object[]] $Service, [Collections.IDictionary] $Answer)
    $healthy = @($Service | Where-Object { $_.mode -ne 'external' -and $Answer[$_.id] -and $Answer[$_.id].Healthy })
    if (-not $healthy) { return }
    foreach ($owner in (Get-PortOwner -Context $Context -Service $healthy)) {
        if ($owner.Kind -eq 'stranger') {
            $Answer[$owner.Id].Healthy = $false
            $Answer[$owner.Id].Detail = Get-Phrase 'Probe.Stranger' @{ owner = $owner.Label; port = $owner.Port }
        }
    }
}

function New-ServiceStatus {
    <#
    .SYNOPSIS
    The status object of one service.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [object] $Picture, [object] $Answer)
    $service = $Picture.Service
    $seen = $Picture.Seen
    $view = $Picture.View
    $verdict = Get-Verdict -Context $Context -Picture $Picture -Answer $Answer
    $current = $Picture.Current
    [pscustomobject]@{
        PSTypeName    = 'Orchestrator.ServiceStatus'
        Id            = $service.id
        ServiceName   = $service.serviceName
        DisplayName   = $service.displayName
        Mode          = $service.mode
        Desired       = $Picture.Desired
        State         = $verdict.State
        Health        = $verdict.Health
        Reason        = $verdict.Reason
        ProcessId     = if ($seen) { $seen.ProcessId } else { $null }
        Since         = if ($seen) { $seen.Since } else { $null }
        ExitCode      = if ($seen) { $seen.ExitCode } else { $null }
        Address       = $Context.Addresses[$service.id]
        Attempts      = if ($current) { [int] $view['attempts'] } else { 0 }
        MaxAttempts   = if ($current) { [int] $view['maxAttempts'] } else { [int] $service.restart.maxAttempts }
        GuardianState = if ($current) { $view['state'] } else { $null }
        NextAction    = if ($current) { $view['nextAction'] } else { $null }
        NextActionAt  = if ($current) { $view['nextActionAt'] } else { $null }
        LatencyMs     = if ($Answer) { $Answer.LatencyMs } elseif ($current) { $view['latencyMs'] } else { $null }
        Drift         = [string[]] @(Get-Drift -Context $Context -Service $service)
        Warnings      = $Picture.Warnings
    }
}

function Get-Drift {
    <#
    .SYNOPSIS
    Where the Windows service differs from the installed manifest, one sentence each.
    #>
    param([object] $Context, [object] $Service)
    if ($Context.Backend -eq 'Embedded' -or -not $Context.Installed) { return }
    foreach ($one in (Get-BackendDifference -Context $Context -Service $Service)) {
        if ($one.Name -eq 'service') { Get-Phrase 'Drift.Gone' @{ to = $one.To }; continue }
        $nothing = Get-Phrase 'Drift.Nothing'
        Get-Phrase 'Drift.Changed' @{ name = $one.Name; from = ($one.From ? $one.From : $nothing); to = ($one.To ? $one.To : $nothing) }
    }
}

function Get-Verdict {
    <#
    .SYNOPSIS
    The words State, Health and Reason of a service, from all that is known of it.
    #>
    param([object] $Context, [object] $Picture, [object] $Answer)
    $seen = $Picture.Seen
    # The usual case first: all is as the guardian says.
    if ($Picture.Current -and -not $Answer -and $seen.State -eq 'Running' -and $Picture.Desired -eq 'running') {
        return [pscustomobject]@{ State = 'Running'; Health = $Picture.View['state']; Reason = $Picture.View['reason'] }
    }
    if ($null -eq $seen) { return New-Verdict External (Get-RunningHealth -Context $Context -Picture $Picture -Answer $Answer) }
    if ($seen.State -ne 'Running') {
        if ($Picture.Missing) {
            return New-Verdict Skipped @('skipped', (Get-Phrase 'Reason.Missing' @{ file = $Picture.Missing }))
        }
        return New-Verdict $seen.State (Get-IdleHealth -Context $Context -Picture $Picture)
    }
    $health = Get-RunningHealth -Context $Context -Picture $Picture -Answer $Answer
    if ($Picture.Desired -eq 'stopped') { $health = @($health[0], (Get-Phrase 'Reason.Unwanted')) }
    New-Verdict Running $health
}

function New-Verdict {
    <#
    .SYNOPSIS
    State, health and reason as one object.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $State, [string[]] $Health)
    [pscustomobject]@{ State = $State; Health = $Health[0]; Reason = $Health[1] }
}

function Get-IdleHealth {
    <#
    .SYNOPSIS
    Health and reason of a service whose program does not run.
    #>
    param([object] $Context, [object] $Picture)
    $seen = $Picture.Seen
    if ($seen.State -in 'Starting', 'Stopping') { return 'starting', (Get-Phrase "Reason.$($seen.State)") }
    if ($Picture.Desired -eq 'stopped') {
        if (-not $Context.Installed) { return 'stopped', (Get-Phrase 'Reason.NotInstalled') }
        return 'stopped', (Get-Phrase ($Picture.Wanted ? 'Reason.Stopped' : 'Reason.Never'))
    }
    # The guardian looks twice a second; until it does, its word is about a process that is gone.
    if ($Picture.Current -and $Picture.View['state'] -in 'restarting', 'cooling', 'exhausted') {
        return $Picture.View['state'], $Picture.View['reason']
    }
    'unhealthy', (Get-EndReason -Seen $seen)
}

function Get-EndReason {
    <#
    .SYNOPSIS
    Why a program does not run, as far as its host knows.
    #>
    param([object] $Seen)
    if ($Seen.Detail) { return Get-Phrase 'Reason.EndedBy' @{ detail = $Seen.Detail } }
    if ($null -ne $Seen.ExitCode) { return Get-Phrase 'Reason.Ended' @{ code = $Seen.ExitCode } }
    Get-Phrase 'Reason.Gone'
}

function Get-RunningHealth {
    <#
    .SYNOPSIS
    Health and reason of a service whose program runs, or of an external one.
    #>
    param([object] $Context, [object] $Picture, [AllowNull()][object] $Answer)
    if ($Picture.Current -and -not $Answer) { return $Picture.View['state'], $Picture.View['reason'] }
    $service = $Picture.Service
    if ($service.health.kind -eq 'heartbeat') {
        $Answer = Test-Heartbeat -Service $service -Observed $Picture.Seen -Beat $Picture.Beat
    } elseif ($service.health.kind -eq 'process') {
        return 'healthy', (Get-Phrase 'Reason.Alive')
    }
    if ($Answer -and $Answer.Healthy) { return 'healthy', $Answer.Detail }
    if (Test-Grace -Picture $Picture) {
        return 'starting', ($Answer ? $Answer.Detail : (Get-Phrase 'Reason.Starting'))
    }
    if (-not $Answer) { return 'unknown', (Get-Phrase 'Reason.NotAsked') }
    'unhealthy', $Answer.Detail
}

function Test-Grace {
    <#
    .SYNOPSIS
    Says whether a process is so young that it may still be starting.
    #>
    param([object] $Picture)
    $since = if ($Picture.Seen) { ConvertFrom-StateTime $Picture.Seen.Since } else { $null }
    if ($null -eq $since) { return $false }
    ([datetime]::UtcNow - $since).TotalMilliseconds -lt [int] $Picture.Service.health.startupGraceMs
}
