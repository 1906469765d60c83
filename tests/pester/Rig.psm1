# What the tests share: installations of their own in folders of their own, on ports that are free.

$script:Root = [IO.Path]::GetFullPath("$PSScriptRoot/../..")
$script:Fake = [IO.Path]::Combine($script:Root, 'tests', 'fakes', 'service', 'web.mjs')
$script:GivenPorts = [Collections.Generic.HashSet[int]]::new()

function Get-RigRoot { $script:Root }

function Get-FreePort {
    # Never twice the same, although the first is free again.
    do {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $port = $listener.LocalEndpoint.Port
        $listener.Stop()
    } until ($script:GivenPorts.Add($port))
    $port
}

function Get-PwshFile {
    [IO.Path]::Combine($PSHOME, ($IsWindows ? 'pwsh.exe' : 'pwsh'))
}

function Get-NodeFile {
    if ($env:ORCHESTRATOR_NODE) { return $env:ORCHESTRATOR_NODE }
    (Get-Command -Name node -CommandType Application -TotalCount 1).Source
}

# A service of the manifest that runs the fake. Change its properties before the manifest is written.
function New-RigService {
    param([string] $Id, [string] $Folder, [string[]] $Arguments = @(), [switch] $NoPort)
    $port = if ($NoPort) { $null } else { Get-FreePort }
    $own = if ($NoPort) { @() } else { '--port', "$port" }
    [pscustomobject]@{
        id = $Id; serviceName = "Rig$Id"; displayName = "Rig $Id"; description = 'For tests.'; mode = 'managed'
        command = [pscustomobject]@{ file = Get-NodeFile; args = @(@($script:Fake) + $own + $Arguments) }
        cwd = $Folder; aliases = @(); env = [pscustomobject]@{}
        scheme = 'http'; host = '127.0.0.1'; port = $port; requires = @()
        health = if ($NoPort) {
            [pscustomobject]@{ kind = 'process'; startupGraceMs = 5000 }
        } else {
            [pscustomobject]@{ kind = 'http'; path = '/health'; timeoutMs = 1000; failureThreshold = 2; startupGraceMs = 8000 }
        }
        logs = [pscustomobject]@{
            stdout = "$Folder/logs/$Id-stdout.log"; stderr = "$Folder/logs/$Id-stderr.log"
            rotateBytes = 1048576; keepBytes = 104857600; keepDays = 30
        }
        dependsOn = @()
        restart = [pscustomobject]@{
            policy = 'guardian'; maxAttempts = 3; cooldownMs = 1000
            backoff = [pscustomobject]@{ factor = 1; maxMs = 300000; jitter = 0 }
            resetAfterMs = 60000; retryExhaustedMs = $null
        }
        stop = [pscustomobject]@{ timeoutMs = 2000 }
        startType = 'auto'
    }
}

# A guardian that only beats.
function New-RigGuardian {
    param([string] $Folder)
    $guardian = New-RigService -Id guardian -Folder $Folder -NoPort -Arguments '--beat', "$Folder/data/guardian.json"
    $guardian.health = [pscustomobject]@{ kind = 'heartbeat'; maxAgeMs = 5000; startupGraceMs = 5000 }
    $guardian.restart.policy = 'host'
    $guardian
}

# A folder with a manifest. $Change gets the manifest before it is written.
function New-Rig {
    param([string[]] $Id = @('alpha', 'beta'), [scriptblock] $Change, [string] $Name = 'rig')
    $folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), "orc-$Name-$([guid]::NewGuid().ToString('n').Substring(0, 8))")
    [void] [IO.Directory]::CreateDirectory($folder)
    $services = @(foreach ($one in $Id) { New-RigService -Id $one -Folder $folder })
    $local = Get-Content -LiteralPath "$script:Root/deploy/local/orchestrator.json" -Raw | ConvertFrom-Json -DateKind String
    $local.PSObject.Properties.Remove('$schema')
    $local.paths.data = "$folder/data"
    $local.paths.logs = "$folder/logs"
    $local.services = $services
    if ($Change) { & $Change $local $folder }
    $rig = [pscustomobject]@{ Folder = $folder; Manifest = "$folder/source.json"; Data = $local.paths.data; Content = $local }
    Save-Rig -Rig $rig
    $rig
}

function Save-Rig {
    param([object] $Rig)
    ConvertTo-Json -InputObject $Rig.Content -Depth 32 | Set-Content -LiteralPath $Rig.Manifest -Encoding utf8NoBOM
}

# Stops what a rig started, by the ids in its state files, and removes the folder.
function Remove-Rig {
    param([object] $Rig)
    if (-not $Rig) { return }
    try { Stop-Orchestrator -Manifest $Rig.Manifest -ErrorAction Ignore -WarningAction Ignore | Out-Null } catch { $null = $_ }
    foreach ($id in (Get-RigProcess -Rig $Rig)) { try { [Diagnostics.Process]::GetProcessById($id).Kill($true) } catch { $null = $_ } }
    for ($i = 0; $i -lt 20 -and (Test-Path -LiteralPath $Rig.Folder); $i++) {
        Remove-Item -LiteralPath $Rig.Folder -Recurse -Force -ErrorAction Ignore
        if (Test-Path -LiteralPath $Rig.Folder) { Start-Sleep -Milliseconds 100 }
    }
}

# Ids of processes that name the rig's folder, which only its hosts and programs do.
function Get-RigProcess {
    param([object] $Rig)
    if (-not $IsLinux) { return }
    $mark = $Rig.Folder
    foreach ($folder in [IO.Directory]::GetDirectories('/proc')) {
        $id = 0
        if (-not [int]::TryParse([IO.Path]::GetFileName($folder), [ref] $id) -or $id -eq $PID) { continue }
        try {
            $seen = [IO.File]::ReadAllText("$folder/cmdline") + [IO.File]::ReadAllText("$folder/environ")
            if ($seen.Contains("ORCHESTRATOR_MANIFEST=$mark") -or $seen.Contains($mark)) { $id }
        } catch { continue }
    }
}

function Get-RigRun {
    param([object] $Rig, [string] $Id)
    Get-Content -LiteralPath "$($Rig.Data)/run/$Id.json" -Raw -ErrorAction Ignore | ConvertFrom-Json -DateKind String
}

# A process of its own with the module loaded. Wait-RigPwsh gives its output.
function Start-RigPwsh {
    param([object] $Rig, [string] $Script, [hashtable] $Environment = @{}, [string] $Root = $script:Root)
    $start = [Diagnostics.ProcessStartInfo]::new((Get-PwshFile))
    $line = "`$ErrorActionPreference='Stop'; Import-Module '$Root/ps/Orchestrator.psd1'; $Script"
    foreach ($argument in '-NoLogo', '-NoProfile', '-NonInteractive', '-Command', $line) { $start.ArgumentList.Add($argument) }
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.Environment['NO_COLOR'] = '1'
    [void] $start.Environment.Remove('ORCHESTRATOR_LOAD')
    if ($Rig) { $start.Environment['ORCHESTRATOR_MANIFEST'] = $Rig.Manifest }
    foreach ($name in $Environment.Keys) { $start.Environment[$name] = $Environment[$name] }
    $process = [Diagnostics.Process]::Start($start)
    [pscustomobject]@{
        Process = $process; Output = $process.StandardOutput.ReadToEndAsync(); Errors = $process.StandardError.ReadToEndAsync()
    }
}

function Wait-RigPwsh {
    param([object] $Started, [int] $TimeoutMs = 60000)
    if (-not $Started.Process.WaitForExit($TimeoutMs)) {
        $Started.Process.Kill($true)
        throw 'The PowerShell process did not end.'
    }
    $Started.Process.WaitForExit()
    [pscustomobject]@{ ExitCode = $Started.Process.ExitCode; Output = $Started.Output.Result; Errors = $Started.Errors.Result }
}

# A process that ended and was not yet taken away by its parent is dead.
function Test-Alive {
    param([int] $Id)
    if ($IsLinux) {
        $stat = Get-Content -LiteralPath "/proc/$Id/stat" -ErrorAction Ignore
        return $stat -and $stat -notmatch '\) [ZX] '
    }
    $null -ne (Get-Process -Id $Id -ErrorAction Ignore)
}

# The codes on the error stream. (-ErrorVariable also holds what was caught on the way.)
function Select-Code {
    param([Parameter(ValueFromPipeline)][object] $Item)
    process { if ($Item -is [Management.Automation.ErrorRecord]) { ($Item.FullyQualifiedErrorId -split ',')[0] } }
}

function Wait-Until {
    param([scriptblock] $Condition, [int] $TimeoutMs = 10000, [string] $What = 'the condition')
    $deadline = [Environment]::TickCount64 + $TimeoutMs
    while (-not (& $Condition)) {
        if ([Environment]::TickCount64 -gt $deadline) { throw "Not within $TimeoutMs ms: $What" }
        Start-Sleep -Milliseconds 25
    }
}

# What a call throws, as its code.
function Get-Code {
    param([scriptblock] $Call)
    try {
        & $Call | Out-Null
        'nothing'
    } catch {
        ($_.FullyQualifiedErrorId -split ',')[0]
    }
}

# The object as the bridge gives it: first letter of each property lowered.
function ConvertTo-Lowered {
    param([object] $Value)
    if ($Value -is [array]) { return , @(foreach ($one in $Value) { ConvertTo-Lowered $one }) }
    if ($Value -isnot [Management.Automation.PSCustomObject]) { return $Value }
    $lowered = [ordered]@{}
    foreach ($property in $Value.PSObject.Properties) {
        $name = $property.Name.Substring(0, 1).ToLowerInvariant() + $property.Name.Substring(1)
        $lowered[$name] = ConvertTo-Lowered $property.Value
    }
    [pscustomobject] $lowered
}

# Faults of an object against the generated result schema of a cmdlet; none when it holds.
function Test-ResultSchema {
    param([object] $Value, [string] $Cmdlet)
    $schema = Get-Content -LiteralPath "$script:Root/ps/schema/cmdlets/$Cmdlet.result.schema.json" -Raw
    $json = ConvertTo-Json -InputObject (ConvertTo-Lowered $Value) -Depth 12
    Test-Json -Json $json -Schema $schema -ErrorAction Ignore
}
