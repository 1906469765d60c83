# Services that run and say nothing, or that do not stay up, with a hint from how they ended.

# What a program says before it ends, and the text that explains it. The first that fits counts.
$script:EndingSigns = @(
    @{ Name = 'Memory'; Text = 'CUDA out of memory|OutOfMemoryError|Allocation on device' }
    @{ Name = 'Pagefile'; Text = 'paging file is too small|os error 1455|WinError 1455' }
    @{ Name = 'Port'; Text = 'WinError 10048|address already in use|EADDRINUSE|error while attempting to bind' }
    @{ Name = 'Module'; Text = 'No module named' }
    @{ Name = 'Driver'; Text = 'Torch not compiled with CUDA|Found no NVIDIA driver|CUDA driver version is insufficient|no CUDA-capable device' }
    @{ Name = 'Library'; Text = 'DLL load failed|WinError 126|WinError 193' }
    @{ Name = 'Disk'; Text = 'No space left on device|WinError 112|ENOSPC' }
    @{ Name = 'File'; Text = "can't open file|Cannot find module|The system cannot find the (file|path)" }
    @{ Name = 'Permission'; Text = 'Permission denied|WinError 5\b|Access is denied|EACCES|EPERM' }
    @{ Name = 'Batch'; Text = 'Terminate batch job|Press any key' }
)
# Exit codes that say something by themselves: unsigned, as Windows writes them.
$script:EndingCodes = @{
    '3221225477' = 'Crash'; '3221226505' = 'Crash'; '3221225781' = 'Library'; '3221225794' = 'Library'; '9009' = 'File'
}

function Test-FailureCheck {
    <#
    .SYNOPSIS
    Services that should run and ended with a fault, each with the likely cause.
    #>
    param([AllowNull()][object] $Context)
    if (-not (Test-WindowsService -Context $Context) -or -not $Context.Installed) { return }
    $desired = Read-Desired -Context $Context
    foreach ($service in $Context.Services | Where-Object { $_.mode -ne 'external' }) {
        $seen = Get-BackendService -Context $Context -Id $service.id
        if ((Get-DesiredState -Desired $desired -Id $service.id -Observed $false) -ne 'running') { continue }
        if ($seen.State -ne 'Stopped' -or (Get-MissingFile -Service $service)) { continue }
        $fact = [pscustomobject]@{
            Id = $service.id; Name = $service.displayName; ExitCode = $seen.ExitCode
            ProgramThere = [IO.File]::Exists($service.command.file); Program = $service.command.file
            Lines = @(foreach ($log in $service.logs.stderr, $service.logs.stdout) { Read-LastLine -Path $log })
        }
        Get-FailureFinding -Fact $fact
    }
}

function Get-FailureFinding {
    <#
    .SYNOPSIS
    What the end of a service means.
    #>
    param([Parameter(Mandatory)][object] $Fact)
    $cause = Get-EndingCause -Fact $Fact
    $last = $Fact.Lines | Where-Object { $_ -match '\S' } | Select-Object -Last 1
    $data = @{ service = $Fact.Name; id = $Fact.Id; code = $Fact.ExitCode; program = $Fact.Program; line = (Protect-Line $cause.Line) }
    if (-not $cause.Line) { $data.line = Protect-Line "$last" }
    $message = if ($null -eq $Fact.ExitCode) { Get-Phrase 'Failure.Ended' $data } else { Get-Phrase 'Failure.EndedCode' $data }
    if ($data.line) { $message = "$message $(Get-Phrase 'Failure.Line' $data)" }
    New-Check -Name Failure -Status fail -Message $message -Fix (Get-Phrase "Failure.Fix.$($cause.Name)" $data)
}

function Get-EndingCause {
    <#
    .SYNOPSIS
    The likely cause of an end, and the line that shows it.
    #>
    param([Parameter(Mandatory)][object] $Fact)
    if (-not $Fact.ProgramThere) { return [pscustomobject]@{ Name = 'Program'; Line = '' } }
    foreach ($sign in $script:EndingSigns) {
        $line = $Fact.Lines | Where-Object { $_ -match $sign.Text } | Select-Object -Last 1
        if ($line) { return [pscustomobject]@{ Name = $sign.Name; Line = $line } }
    }
    $code = if ($null -eq $Fact.ExitCode) { '' } else { [string] ([long] $Fact.ExitCode -band 0xFFFFFFFFL) }
    $name = $script:EndingCodes[$code]
    [pscustomobject]@{ Name = if ($name) { $name } else { 'Log' }; Line = '' }
}

function Protect-Line {
    <#
    .SYNOPSIS
    A line of a log short enough for a report, without what looks like a key.
    #>
    param([AllowEmptyString()][string] $Text)
    $plain = ($Text.Trim() -replace '(?i)(token|key|password|secret)(["'']?\s*[=:]\s*)\S+', '$1$2***') -replace '\bhf_\w{8,}', '***'
    if ($plain.Length -gt 160) { $plain.Substring(0, 160) } else { $plain }
}

function Test-GuardianLogCheck {
    <#
    .SYNOPSIS
    A guardian that runs and writes nothing.
    #>
    param([AllowNull()][object] $Context)
    if (-not (Test-WindowsService -Context $Context) -or -not $Context.Installed) { return }
    $guardian = $Context.Services | Where-Object { $_.health.kind -eq 'heartbeat' } | Select-Object -First 1
    if (-not $guardian -or $guardian.mode -eq 'external') { return }
    $seen = Get-BackendService -Context $Context -Id $guardian.id
    $since = ConvertFrom-StateTime $seen.Since
    $file = [IO.FileInfo]::new($guardian.logs.stdout)
    $rotated = @(Get-RotatedLog -Path $guardian.logs.stdout).Count -gt 0
    $fact = [pscustomobject]@{
        Id      = $guardian.id
        Running = $seen.State -eq 'Running'
        Seconds = if ($null -eq $since) { 0 } else { ([datetime]::UtcNow - $since).TotalSeconds }
        Log     = $guardian.logs.stdout
        Bytes   = if ($file.Exists) { $file.Length } else { $null }
        Rotated = $rotated
        Lines   = @(Read-LastLine -Path $guardian.logs.stderr)
    }
    Get-GuardianLogFinding -Fact $fact
}

function Get-GuardianLogFinding {
    <#
    .SYNOPSIS
    What a guardian's log says by its size. The guardian writes a line when it starts and one every cycle.
    #>
    param([Parameter(Mandatory)][object] $Fact)
    if (-not $Fact.Running) { return }
    $data = @{ log = $Fact.Log; seconds = [math]::Round($Fact.Seconds); id = $Fact.Id; line = '' }
    if ($Fact.Bytes -gt 0 -or $Fact.Rotated) {
        return New-Check -Name GuardianLog -Status pass -Message (Get-Phrase 'GuardianLog.Good' $data)
    }
    if ($Fact.Seconds -lt 60) {
        return New-Check -Name GuardianLog -Status skip -Message (Get-Phrase 'GuardianLog.Young' $data)
    }
    $key = if ($null -eq $Fact.Bytes) { 'Missing' } else { 'Empty' }
    $message = Get-Phrase "GuardianLog.$key" $data
    $last = $Fact.Lines | Where-Object { $_ -match '\S' } | Select-Object -Last 1
    if ($last) { $message = "$message $(Get-Phrase 'Failure.Line' @{ line = (Protect-Line $last) })" }
    New-Check -Name GuardianLog -Status fail -Message $message -Fix (Get-Phrase 'GuardianLog.Fix' $data)
}

function Read-LastLine {
    <#
    .SYNOPSIS
    The last lines of a log; nothing when it cannot be read.
    #>
    param([Parameter(Mandatory)][string] $Path)
    if (-not [IO.File]::Exists($Path)) { return }
    try {
        $stream = [IO.FileStream]::new($Path, 'Open', 'Read', 'ReadWrite, Delete')
        try {
            $stream.Position = [math]::Max(0, $stream.Length - 16KB)
            $text = [IO.StreamReader]::new($stream, [Text.UTF8Encoding]::new($false)).ReadToEnd()
        } finally {
            $stream.Dispose()
        }
        $text -split "[\r\n]+" | Where-Object { $_ } | Select-Object -Last 40
    } catch {
        Write-Debug "not readable: $Path"
    }
}
