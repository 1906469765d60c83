# The backend for every system, without administrator rights: one small host process per service, which spawns the
# program, redirects and rotates its output, and stops it politely. See guardian/host and core/contract/hostProtocol.ts.

# For a host with its rotating log streams; V8 gives memory back late, so its heap is kept small.
$script:HostOptions = '--max-semi-space-size=1', '--max-old-space-size=64', '--disable-warning=ExperimentalWarning'

function Install-EmbeddedService {
    <#
    .SYNOPSIS
    Makes the folders that the host of a service writes to.
    #>
    param([object] $Context, [object] $Service)
    New-ServiceFolder -Context $Context -Service $Service
}

function Uninstall-EmbeddedService {
    <#
    .SYNOPSIS
    Ends the host of a service with its program, and removes what it left.
    #>
    param([object] $Context, [string] $Id)
    Stop-EmbeddedService -Context $Context -Id $Id -TimeoutMs 5000
    $path = Get-StatePath -Data $Context.Data -Kind Run -Id $Id
    if ([IO.File]::Exists($path)) { [IO.File]::Delete($path) }
}

function Start-EmbeddedService {
    <#
    .SYNOPSIS
    Tells the service's host to start the program; starts the host first where none lives.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [object] $Service)
    $spec = New-HostSpec -Context $Context -Service $Service
    $request = [ordered]@{ verb = 'start'; spec = $spec }
    $answer = $null
    $run = Read-Run -Context $Context -Id $Service.id
    if ($run.Value -and (Test-HostAlive -Run $run.Value)) {
        $answer = Invoke-HostRequest -Socket $run.Value['socket'] -Request $request -TimeoutMs 15000
    }
    if ($null -eq $answer) {
        $socket = Start-ServiceHost -Context $Context -Service $Service -Spec $spec
        $answer = Invoke-HostRequest -Socket $socket -Request $request -TimeoutMs 15000
    }
    if ($null -eq $answer) {
        throw (New-StartError -Service $Service -Detail (Get-Phrase 'Host.NoAnswer'))
    }
    if (-not $answer['ok']) {
        # The state file has the bare reason; the message around it is the one that is made here.
        $reason = if ($answer['run'] -is [Collections.IDictionary]) { $answer['run']['error'] }
        throw (New-StartError -Service $Service -Detail ($reason ? $reason : $answer['error']['message']))
    }
    ConvertFrom-Run -Run $answer['run']
}

function Stop-EmbeddedService {
    <#
    .SYNOPSIS
    Has the host stop the program; with a dead host, ends what it left behind.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [string] $Id, [int] $TimeoutMs, [switch] $Keep)
    $run = (Read-Run -Context $Context -Id $Id).Value
    if ($null -eq $run) { return }
    if (Test-HostAlive -Run $run) {
        $request = [ordered]@{ verb = 'stop'; timeoutMs = $TimeoutMs; release = -not $Keep }
        $answer = Invoke-HostRequest -Socket $run['socket'] -Request $request -TimeoutMs ($TimeoutMs + 15000)
        if ($answer -and -not $answer['ok']) {
            throw (New-StopError -Run $run -Id $Id -Detail $answer['error']['message'])
        }
        if ($answer -and $Keep) { return }
        Wait-HostEnd -Run $run
    }
    if (Test-ProgramAlive -Run $run) { Stop-ProcessTree -Id $run['processId'] }
    if (Test-ProgramAlive -Run $run) {
        throw (New-StopError -Run $run -Id $Id -Detail (Get-Phrase 'Stop.Survived'))
    }
}

function Get-EmbeddedService {
    <#
    .SYNOPSIS
    What is known of a service from its host's state file, held against the processes that really live.
    #>
    param([object] $Context, [string] $Id)
    $run = Read-Run -Context $Context -Id $Id
    ConvertFrom-Run -Run $run.Value -Warning $run.Warning
}

function ConvertFrom-Run {
    <#
    .SYNOPSIS
    The answer of Query from the content of run/<id>.json.
    #>
    param([AllowNull()][object] $Run, [AllowNull()][string] $Warning)
    $answer = [pscustomobject]@{
        State = 'Stopped'; ProcessId = $null; Since = $null; ExitCode = $null
        Ready = $false; Detail = $null; Warning = $Warning; HostProcessId = $null; Launches = 0
    }
    if ($null -eq $Run) { return $answer }
    $answer.Ready = Test-HostAlive -Run $Run
    $answer.HostProcessId = if ($answer.Ready) { $Run['hostProcessId'] }
    $answer.Launches = [int] $Run['launches']
    $answer.Detail = $Run['error']
    if (Test-ProgramAlive -Run $Run) {
        $answer.State = if ($Run['state'] -in 'Starting', 'Stopping') { $Run['state'] } else { 'Running' }
        $answer.ProcessId = [int] $Run['processId']
        $answer.Since = $Run['startedAt']
        return $answer
    }
    if ($answer.Ready -and $Run['state'] -eq 'Starting') { $answer.State = 'Starting' }
    # It has ended this moment, and its host is about to say how.
    if ($answer.Ready -and $Run['state'] -eq 'Running') { $answer.State = 'Unknown' }
    $answer.ExitCode = $Run['exitCode']
    $answer.Since = $Run['endedAt'] ?? $Run['startedAt']
    if ($null -eq $answer.Detail -and $Run['signal']) {
        $answer.Detail = Get-Phrase 'Ended.Signal' @{ signal = $Run['signal'] }
    }
    $answer
}

function Read-Run {
    <#
    .SYNOPSIS
    Reads run/<id>.json. Never throws.
    #>
    param([object] $Context, [string] $Id)
    $path = [IO.Path]::Combine($Context.Data, 'run', "$Id.json")
    $read = Read-StateFile -Path $path -Require version, id, state, hostProcessId, socket, processId
    if ($null -eq $read.Value) {
        # The file is lost; the host may live on and knows the same.
        $socket = Get-HostSocket -Data $Context.Data -Id $Id
        $answer = Invoke-HostRequest -Socket $socket -Request ([ordered]@{ verb = 'query' }) -ConnectMs 20
        if ($answer -and $answer['run'] -is [Collections.IDictionary]) { $read.Value = $answer['run'] }
    }
    $read
}

function Test-HostAlive {
    <#
    .SYNOPSIS
    Says whether the host that wrote a state file still lives.
    #>
    param([Collections.IDictionary] $Run)
    $before = if (-not $Run['hostStart']) { ConvertFrom-StateTime $Run['updatedAt'] }
    Test-ProcessAlive -Id $Run['hostProcessId'] -Start $Run['hostStart'] -Before $before
}

function Test-ProgramAlive {
    <#
    .SYNOPSIS
    Says whether the program that a state file names still lives.
    #>
    param([Collections.IDictionary] $Run)
    if ($null -eq $Run['processId']) { return $false }
    $before = if (-not $Run['processStart']) { ConvertFrom-StateTime $Run['startedAt'] }
    Test-ProcessAlive -Id $Run['processId'] -Start $Run['processStart'] -Before $before
}

function Wait-HostEnd {
    <#
    .SYNOPSIS
    Waits for a host that was released to end, and ends it by force after five seconds.
    #>
    param([Collections.IDictionary] $Run)
    $deadline = [Environment]::TickCount64 + 5000
    while ((Test-HostAlive -Run $Run) -and [Environment]::TickCount64 -lt $deadline) {
        [Threading.Thread]::Sleep(10)
    }
    if (Test-HostAlive -Run $Run) { Stop-ProcessTree -Id $Run['hostProcessId'] }
}

function Start-ServiceHost {
    <#
    .SYNOPSIS
    Starts the host of a service and returns its socket once it takes commands.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [object] $Service, [Collections.IDictionary] $Spec)
    $launch = @{
        Root             = $Context.Root
        File             = Get-UsableNode -Root $Context.Root
        Arguments        = $script:HostOptions + (Get-ProgramPath -Root $Context.Root -Name Host), (ConvertTo-Base64Json $Spec)
        WorkingDirectory = $Context.Data
    }
    try {
        $hostId = Start-Detached @launch
    } catch {
        throw (New-StartError -Service $Service -Detail $_.Exception.Message)
    }
    $deadline = [Environment]::TickCount64 + 15000
    do {
        $run = (Read-Run -Context $Context -Id $Service.id).Value
        # Another host may have been faster; the one that owns the socket writes the file.
        if ($run -and (Test-HostAlive -Run $run)) { return $run['socket'] }
        [Threading.Thread]::Sleep(5)
    } while ([Environment]::TickCount64 -lt $deadline -and (Test-ProcessAlive -Id $hostId))
    throw (New-StartError -Service $Service -Detail (Get-Phrase 'Host.NotUp' @{ processId = $hostId }))
}

function New-HostSpec {
    <#
    .SYNOPSIS
    What a host needs to know of its service: hostSpecSchema of the host protocol.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [object] $Service)
    $environment = [ordered]@{}
    foreach ($variable in $Service.env.PSObject.Properties) { $environment[$variable.Name] = [string] $variable.Value }
    [ordered]@{
        id            = $Service.id
        dataDir       = $Context.Data
        command       = [ordered]@{ file = $Service.command.file; args = @($Service.command.args) }
        cwd           = $Service.cwd
        env           = $environment
        stdout        = $Service.logs.stdout
        stderr        = $Service.logs.stderr
        rotateBytes   = $Service.logs.rotateBytes
        keepBytes     = $Service.logs.keepBytes
        keepDays      = $Service.logs.keepDays
        stopTimeoutMs = $Service.stop.timeoutMs
        restart       = $Service.restart.policy -eq 'host'
    }
}

function New-StartError {
    <#
    .SYNOPSIS
    The error ORC2004 of a service.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Service, [string] $Detail)
    New-OrchestratorError -Code ORC2004 -Data @{ service = $Service.displayName; detail = $Detail } -Target $Service.id
}

function New-StopError {
    <#
    .SYNOPSIS
    The error ORC2007 of a service.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Collections.IDictionary] $Run, [string] $Id, [string] $Detail)
    New-OrchestratorError -Code ORC2007 -Data @{ service = $Id; detail = $Detail; processId = $Run['processId'] } -Target $Id
}
