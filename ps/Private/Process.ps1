function Get-ProcessStat {
    <#
    .SYNOPSIS
    Reads a process's entry of the kernel: parent, start time and state. Null where there is no such process.
    .NOTES
    Linux only; elsewhere always null. The start time is in the kernel's own unit, as run/<id>.json keeps it.
    #>
    param([int] $Id)
    # Asked often about processes that are gone, and each exception would be kept in the session's $Error.
    if (-not $IsLinux -or -not [IO.File]::Exists("/proc/$Id/stat")) { return $null }
    try {
        $text = [IO.File]::ReadAllText("/proc/$Id/stat")
    } catch {
        return $null
    }
    # The program's name stands in parentheses and may hold anything, also parentheses and blanks.
    $fields = $text.Substring($text.LastIndexOf(')') + 2).Split(' ')
    [pscustomobject]@{ State = $fields[0]; ParentId = [int] $fields[1]; Start = $fields[19] }
}

function Test-ProcessAlive {
    <#
    .SYNOPSIS
    Says whether a process lives and is the one that is meant: a reused process id is not taken for it.
    .PARAMETER Start
    Start time in the kernel's own unit; null where it is not known.
    .PARAMETER Before
    Used where the kernel's start time is not known: a process that began later is another one.
    #>
    param([object] $Id, [string] $Start, [object] $Before)
    if ($null -eq $Id -or [int] $Id -le 0) { return $false }
    if ($IsLinux) {
        # Get-ProcessStat once more, by hand: this is asked twice for each service at each look.
        $file = "/proc/$([int] $Id)/stat"
        if (-not [IO.File]::Exists($file)) { return $false }
        try { $text = [IO.File]::ReadAllText($file) } catch { return $false }
        $fields = $text.Substring($text.LastIndexOf(')') + 2).Split(' ')
        if ($fields[0] -eq 'Z' -or $fields[0] -eq 'X') { return $false }
        return (-not $Start) -or $fields[19] -eq $Start
    }
    try {
        $process = [Diagnostics.Process]::GetProcessById([int] $Id)
    } catch {
        return $false
    }
    try {
        if ($process.HasExited) { return $false }
        if ($null -eq $Before) { return $true }
        return $process.StartTime.ToUniversalTime() -le ([datetimeoffset] $Before).UtcDateTime.AddSeconds(5)
    } catch {
        # A process that this account may not look into is alive all the same.
        return $true
    } finally {
        $process.Dispose()
    }
}

function Get-ProcessLabel {
    <#
    .SYNOPSIS
    Names a process for a person: its program and its id. Never its arguments: they may hold secrets.
    #>
    param([Parameter(Mandatory)][int] $Id)
    # Node.js names its main thread, so the kernel's name of it says nothing.
    $command = if ($IsLinux) { try { [IO.File]::ReadAllText("/proc/$Id/cmdline") } catch { '' } }
    if ($command) {
        $name = [IO.Path]::GetFileName($command.Split([char] 0)[0].Split(' ')[0])
        if ($name) { return "$name (PID $Id)" }
    }
    try {
        $process = [Diagnostics.Process]::GetProcessById($Id)
        "$($process.ProcessName) (PID $Id)"
        $process.Dispose()
    } catch {
        "PID $Id"
    }
}

function Stop-ProcessTree {
    <#
    .SYNOPSIS
    Ends a process and everything below it, by force.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][int] $Id)
    # To the system 0 means the whole group of the caller, and 1 is the mother of all.
    if ($Id -le 1) { return }
    try {
        $process = [Diagnostics.Process]::GetProcessById($Id)
    } catch {
        return
    }
    try {
        $process.Kill($true)
        [void] $process.WaitForExit(5000)
    } catch [InvalidOperationException] {
        # It ended by itself in between.
        Write-Debug "process $Id was gone already"
    } catch {
        # One below it ended while the tree was walked: then at least this one.
        try { $process.Kill() } catch { Write-Debug "process $Id was gone already" }
        [void] $process.WaitForExit(5000)
    } finally {
        $process.Dispose()
    }
}

function Get-PwshPath {
    <#
    .SYNOPSIS
    The program of the PowerShell that runs now: the real one, not a launcher of it.
    #>
    $own = [IO.Path]::Combine($PSHOME, ($IsWindows ? 'pwsh.exe' : 'pwsh'))
    if ([IO.File]::Exists($own)) { $own } else { [Environment]::ProcessPath }
}
