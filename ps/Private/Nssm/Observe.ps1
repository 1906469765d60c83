# What an operator did with Stop-Service, Start-Service, nssm or services.msc: it is as good as our own cmdlets, so it is
# noted in desired.json. A crash is told from a stop by how the service ended; see docs/operations.md.

# A restart by hand is a stop with a start right after it: a stop counts when it lasts.
$script:SettleMs = 1000

function Sync-NssmService {
    <#
    .SYNOPSIS
    Looks at one service, notes in desired.json what an operator did, and writes its run file.
    .PARAMETER Table
    Get-ProcessTable, taken after the caller's last change.
    .OUTPUTS
    An object with Run and Change: none, settling, stopped, started, restarted, or busy (somebody of ours is at work on it).
    #>
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][object] $Service, [AllowNull()][object[]] $Table)
    Use-ModulePart Nssm
    $path = Get-StatePath -Data $Context.Data -Kind Lock -Id $Service.id
    try {
        $lock = Enter-FileLock -Path $path -Name $Service.displayName -TimeoutMs 0
    } catch {
        return [pscustomobject]@{ Run = $null; Change = 'busy' }
    }
    try {
        $now = [datetime]::UtcNow
        $last = (Read-NssmRun -Context $Context -Id $Service.id).Value
        $sight = Get-NssmSight -ServiceName $Service.serviceName -Last $last -Table $Table
        $run = ConvertTo-NssmRun -Id $Service.id -Sight $sight -Last $last -Now $now
        $question = @{
            Run    = $run
            Last   = $last
            Entry  = (Read-Desired -Context $Context -Fresh).Services[$Service.id]
            BootAt = $now.AddMilliseconds(-[Environment]::TickCount64)
            Now    = $now
        }
        # Nobody is there to note the guardian's own stop, and its start says nothing new.
        $change = if ($Service.health.kind -eq 'heartbeat') { 'none' } else { Get-OperatorChange @question }
        switch ($change) {
            'settling' {
                $run.state = 'Stopping'
                if ($last['state'] -eq 'Stopping' -and -not $last['processId']) { $run.updatedAt = $last['updatedAt'] }
            }
            'stopped' { Set-Desired -Context $Context -Id $Service.id -State stopped -By operator }
            { $_ -in 'started', 'restarted' } { Set-Desired -Context $Context -Id $Service.id -State running -By operator }
        }
        # After desired.json: who reads the new run must find the wish that explains it.
        Write-NssmRun -Context $Context -Id $Service.id -Run $run -Last $last
        [pscustomobject]@{ Run = $run; Change = $change }
    } finally {
        $lock.Dispose()
    }
}

function Get-OperatorChange {
    <#
    .SYNOPSIS
    What a person did to a service behind our back, from what is seen, what was noted last, and what was wanted. Pure.
    .DESCRIPTION
    Our own cmdlets write the run file before they let go of the lock, so every difference is somebody else's doing: a
    person's, NSSM's own (the wrapper stays the same), or the machine's start.
    .PARAMETER Entry
    The entry of desired.json; null when nobody ever said anything, and then nothing is concluded.
    #>
    param(
        [Parameter(Mandatory)][Collections.IDictionary] $Run,
        [AllowNull()][Collections.IDictionary] $Last,
        [AllowNull()][object] $Entry,
        [Parameter(Mandatory)][datetime] $BootAt,
        [Parameter(Mandatory)][datetime] $Now
    )
    if (-not $Entry -or -not $Last) { return 'none' }
    $noted = ConvertFrom-StateTime $Last['updatedAt']
    $beforeBoot = $noted -and $noted -lt $BootAt
    $wrapper = "$($Run.hostProcessId) $($Run.hostStart)"
    if ($null -ne $Run.hostProcessId -and $wrapper -ne "$($Last['hostProcessId']) $($Last['hostStart'])") {
        if ($Entry.State -eq 'stopped') { return 'started' }
        if ($beforeBoot) { return 'none' }
        if ($Last['state'] -in 'Exited', 'Failed', 'Stopped') { return 'started' }
        return 'restarted'
    }
    if ($Run.processId) { return 'none' }
    if ($Entry.State -eq 'stopped') {
        # Stopped only because the machine went down; now its start at boot has failed, and somebody should see to it.
        if ($beforeBoot -and $Run.state -in 'Exited', 'Failed') { return 'started' }
        return 'none'
    }
    if ($Run.state -ne 'Stopped' -or $beforeBoot) { return 'none' }
    switch ($Last['state']) {
        'Stopped' { return 'none' }
        { $_ -in 'Exited', 'Failed' } { return 'stopped' }
        'Stopping' {
            $waited = ($Now - $noted).TotalMilliseconds
            if (-not $Last['processId'] -and $waited -ge $script:SettleMs) { return 'stopped' }
        }
    }
    'settling'
}
