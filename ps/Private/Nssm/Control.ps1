# Start and stop through the service manager, each with an end to the waiting.

# A start is over when NSSM has its program, or has given up; a stop has this much beyond the program's own time.
$script:ScmStartMs = 20000
$script:ScmMarginMs = 6000

function Get-ServiceController {
    <#
    .SYNOPSIS
    The service manager's handle to a service.
    #>
    param([Parameter(Mandatory)][string] $ServiceName)
    # Get-Service brings the type with it, whichever PowerShell this is.
    Get-Service -Name $ServiceName -ErrorAction Stop
}

function Invoke-ScmStart {
    <#
    .SYNOPSIS
    Tells the service manager to start a service. One that is being started or stopped is waited for first.
    #>
    param([Parameter(Mandatory)][object] $Service)
    $deadline = [Environment]::TickCount64 + $script:ScmStartMs
    $controller = Get-ServiceController -ServiceName $Service.serviceName
    try {
        while ((Get-ScmStatus -ServiceName $Service.serviceName).State -eq 'StopPending') {
            if ([Environment]::TickCount64 -gt $deadline) { break }
            [Threading.Thread]::Sleep(50)
        }
        $controller.Start()
    } catch {
        $cause = $_.Exception.GetBaseException()
        # 1056: it runs already, so somebody was faster.
        if ($cause -is [ComponentModel.Win32Exception] -and $cause.NativeErrorCode -eq 1056) { return }
        $code = if ($cause -is [ComponentModel.Win32Exception]) { $cause.NativeErrorCode } else { 0 }
        $detail = switch ($code) {
            1058 { Get-Phrase 'Nssm.Disabled' }
            1072 { Get-Phrase 'Nssm.Marked' }
            5 { Get-Phrase 'Nssm.NoRights' }
            default { $cause.Message }
        }
        throw (New-StartError -Service $Service -Detail $detail)
    } finally {
        $controller.Dispose()
    }
}

function Wait-NssmProgram {
    <#
    .SYNOPSIS
    Waits until the service has a program; throws ORC2004 when it ended before one was seen.
    #>
    param([Parameter(Mandatory)][object] $Service)
    $deadline = [Environment]::TickCount64 + $script:ScmStartMs
    while ($true) {
        $scm = Get-ScmStatus -ServiceName $Service.serviceName
        if ($scm.ProcessId -and (Find-ChildProgram -WrapperId $scm.ProcessId)) { return }
        # NSSM waits before it starts a program again that ended at once: the start itself is done.
        if ($scm.State -eq 'Paused') { return }
        if ($scm.State -eq 'Stopped') {
            $detail = if ($scm.Win32ExitCode -eq $script:ErrorServiceSpecific) { Get-StartFailure -Code $scm.SpecificExitCode } else {
                Get-Phrase 'Nssm.Win32' @{ code = $scm.Win32ExitCode }
            }
            throw (New-StartError -Service $Service -Detail $detail)
        }
        if ([Environment]::TickCount64 -gt $deadline) {
            throw (New-StartError -Service $Service -Detail (Get-Phrase 'Nssm.NoProgram' @{ state = $scm.State }))
        }
        [Threading.Thread]::Sleep(30)
    }
}

function Stop-ScmService {
    <#
    .SYNOPSIS
    Tells the service manager to stop a service and waits; at the limit ends the program, then the wrapper, by force.
    .NOTES
    The services that depend on it are left alone. Windows then refuses the stop, and the program is ended instead.

    A paused NSSM waits between two tries of a program that keeps ending. There is nothing to finish then, and some builds
    do not hear a stop until that wait of up to minutes is over, which would hold up the caller: so it is ended at once.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $ServiceName, [object] $Sight, [int] $TimeoutMs, [string] $Id)
    if ($Sight.Scm.State -eq 'Paused') {
        Stop-ProcessTree -Id $Sight.WrapperId
        [void] (Wait-ScmStopped -ServiceName $ServiceName -TimeoutMs 3000)
        return
    }
    $controller = Get-ServiceController -ServiceName $ServiceName
    $refused = $false
    try {
        $controller.Stop($false)
    } catch {
        $cause = $_.Exception.GetBaseException()
        $code = if ($cause -is [ComponentModel.Win32Exception]) { $cause.NativeErrorCode } else { 0 }
        if ($code -eq 5) {
            throw (New-StopError -Run @{ processId = $Sight.WrapperId } -Id $Id -Detail (Get-Phrase 'Nssm.NoRights'))
        }
        # 1062: it does not run any more. Whatever else it is: what is left is ended below.
        $refused = $code -ne 1062
    } finally {
        $controller.Dispose()
    }
    if (-not $refused -and (Wait-ScmStopped -ServiceName $ServiceName -TimeoutMs ($TimeoutMs + $script:ScmMarginMs))) { return }
    if ($Sight.Program) { Stop-SameProcess -Process $Sight.Program }
    if (Wait-ScmStopped -ServiceName $ServiceName -TimeoutMs 3000) { return }
    Stop-ProcessTree -Id $Sight.WrapperId
    [void] (Wait-ScmStopped -ServiceName $ServiceName -TimeoutMs 3000)
}

function Wait-ScmStopped {
    <#
    .SYNOPSIS
    Waits until a service is stopped, or its wrapper is gone. The answer is whether it is.
    #>
    param([string] $ServiceName, [int] $TimeoutMs)
    $deadline = [Environment]::TickCount64 + $TimeoutMs
    do {
        $scm = Get-ScmStatus -ServiceName $ServiceName
        if ($null -eq $scm -or $scm.State -eq 'Stopped') { return $true }
        if (-not $scm.ProcessId -or -not (Get-ProcessBegin -Id $scm.ProcessId)) { return $true }
        [Threading.Thread]::Sleep(30)
    } while ([Environment]::TickCount64 -lt $deadline)
    return $false
}
