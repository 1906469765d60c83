# Oldest Node.js that runs the programs: engines of package.json.
$script:NodeMinimum = [version] '22.22.0'
$script:NodeFound = @{}

function Find-Node {
    <#
    .SYNOPSIS
    Finds the Node.js that runs hosts and services.
    .DESCRIPTION
    ORCHESTRATOR_NODE, else the project's own below .runtime, else node on PATH when it is new enough.
    .OUTPUTS
    An object with Path (null when none is usable), Version and Detail (why not).
    #>
    param([Parameter(Mandatory)][string] $Root)
    $name = if ($IsWindows) { 'node.exe' } else { 'node' }
    $own = [IO.Path]::Combine($Root, '.runtime', 'node_modules', 'node', 'bin', $name)
    $candidate = if ($env:ORCHESTRATOR_NODE) {
        $env:ORCHESTRATOR_NODE
    } elseif ([IO.File]::Exists($own)) {
        $own
    } else {
        Find-OnPath -Name 'node'
    }
    if (-not $candidate) {
        return [pscustomobject]@{ Path = $null; Version = $null; Detail = (Get-Phrase 'Node.None') }
    }
    if (-not $script:NodeFound.ContainsKey($candidate)) {
        $script:NodeFound[$candidate] = Test-Node -Path $candidate
    }
    $script:NodeFound[$candidate]
}

function Test-Node {
    <#
    .SYNOPSIS
    Runs a Node.js to learn its version, and judges it.
    #>
    param([Parameter(Mandatory)][string] $Path)
    try {
        $run = Invoke-Program -File $Path -Arguments '--version' -TimeoutMs 10000
        $version = [version] ($run.Output.Trim().TrimStart('v') -replace '-.*$', '')
    } catch {
        $detail = Get-Phrase 'Node.Broken' @{ path = $Path; detail = $_.Exception.GetBaseException().Message }
        return [pscustomobject]@{ Path = $null; Version = $null; Detail = $detail }
    }
    if ($version -lt $script:NodeMinimum) {
        $detail = Get-Phrase 'Node.Old' @{ path = $Path; version = $version; minimum = $script:NodeMinimum }
        return [pscustomobject]@{ Path = $null; Version = $version; Detail = $detail }
    }
    [pscustomobject]@{ Path = $Path; Version = $version; Detail = '' }
}

function Find-OnPath {
    <#
    .SYNOPSIS
    The full path of a program on PATH; null when it is not there.
    #>
    param([Parameter(Mandatory)][string] $Name)
    $found = Get-Command -Name $Name -CommandType Application -TotalCount 1 -ErrorAction Ignore
    if ($found) { $found.Source } else { $null }
}

function Invoke-Launch {
    <#
    .SYNOPSIS
    Starts a process. When the system says that it has failed within itself (1359, seen on a busy machine) nothing was
    started, so it is tried again, twice.
    #>
    param(
        [Parameter(Mandatory)][Diagnostics.ProcessStartInfo] $Start,
        [scriptblock] $Launch = { param($info) [Diagnostics.Process]::Start($info) }
    )
    $internalError = 1359
    for ($try = 1; ; $try++) {
        try {
            return & $Launch $Start
        } catch {
            $fault = $_.Exception.GetBaseException()
            $again = $fault -is [ComponentModel.Win32Exception] -and $fault.NativeErrorCode -eq $internalError
            if (-not $again -or $try -ge 3) { throw }
            Start-Sleep -Milliseconds 200
        }
    }
}

function Invoke-Program {
    <#
    .SYNOPSIS
    Runs a program to its end, with each argument as it is and always a time limit.
    .OUTPUTS
    An object with ExitCode, Output and ErrorOutput.
    #>
    param(
        [Parameter(Mandatory)][string] $File,
        [string[]] $Arguments = @(),
        [int] $TimeoutMs = 20000,
        [Collections.IDictionary] $Environment = @{}
    )
    $start = [Diagnostics.ProcessStartInfo]::new($File)
    foreach ($argument in $Arguments) { $start.ArgumentList.Add($argument) }
    foreach ($name in $Environment.Keys) { $start.Environment[$name] = $Environment[$name] }
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = Invoke-Launch -Start $start
    try {
        $process.StandardInput.Close()
        $output = $process.StandardOutput.ReadToEndAsync()
        $errors = $process.StandardError.ReadToEndAsync()
        if (-not $process.WaitForExit($TimeoutMs)) {
            $process.Kill($true)
            throw [TimeoutException]::new("$([IO.Path]::GetFileName($File)) did not end within $TimeoutMs ms")
        }
        # What it left running may hold its pipes on Windows, for as long as it runs; what it wrote itself is here at once.
        $read = foreach ($task in $output, $errors) { if ($task.Wait(2000)) { $task.Result } else { '' } }
        [pscustomobject]@{ ExitCode = $process.ExitCode; Output = $read[0]; ErrorOutput = $read[1] }
    } finally {
        $process.Dispose()
    }
}
