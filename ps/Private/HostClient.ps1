function Invoke-HostRequest {
    <#
    .SYNOPSIS
    Sends one request to a service host and returns its answer; null when no host answers there.
    .DESCRIPTION
    One line of JSON each way, one request per connection. A pipe client with an absolute path connects to a plain Unix
    socket, so the same code serves Windows.
    .PARAMETER TimeoutMs
    How long to wait for the answer, once connected.
    .PARAMETER ConnectMs
    How long to wait for somebody who listens. On Windows one that is not there costs all of it.
    #>
    param([string] $Socket, [Collections.IDictionary] $Request, [int] $TimeoutMs = 5000, [int] $ConnectMs = 300)
    $pipe = Connect-HostSocket -Socket $Socket -TimeoutMs $ConnectMs
    if ($null -eq $pipe) { return $null }
    try {
        $line = (ConvertTo-Json -InputObject $Request -Depth 8 -Compress) + "`n"
        $bytes = [Text.Encoding]::UTF8.GetBytes($line)
        $pipe.Write($bytes, 0, $bytes.Length)
        $pipe.Flush()
        $reader = [IO.StreamReader]::new($pipe, [Text.Encoding]::UTF8)
        $task = $reader.ReadLineAsync()
        if (-not $task.Wait($TimeoutMs)) {
            throw [TimeoutException]::new("no answer within $TimeoutMs ms")
        }
        if ([string]::IsNullOrEmpty($task.Result)) { return $null }
        ConvertFrom-Json -InputObject $task.Result -AsHashtable -DateKind String -Depth 32
    } catch [IO.IOException] {
        # The host ended in the middle of the talk.
        return $null
    } catch [AggregateException] {
        return $null
    } finally {
        $pipe.Dispose()
    }
}

function Connect-HostSocket {
    <#
    .SYNOPSIS
    Connects to a host's socket or pipe; null when nobody listens there.
    #>
    param([string] $Socket, [int] $TimeoutMs)
    $name = $Socket -replace '^\\\\\.\\pipe\\', ''
    if (-not $IsWindows -and -not [IO.File]::Exists($name)) { return $null }
    $pipe = [IO.Pipes.NamedPipeClientStream]::new('.', $name, [IO.Pipes.PipeDirection]::InOut)
    try {
        $pipe.Connect($TimeoutMs)
        return $pipe
    } catch {
        $pipe.Dispose()
        return $null
    }
}

function Get-HostSocket {
    <#
    .SYNOPSIS
    Where the host of a service listens, from the data folder and the id alone: as guardian/host/socketPath.ts.
    #>
    param([Parameter(Mandatory)][string] $Data, [Parameter(Mandatory)][string] $Id)
    $folder = Resolve-RealPath -Path $Data
    if ($IsWindows) { $folder = $folder.ToLowerInvariant() }
    $hash = [Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes("$folder`0$Id"))
    $name = [Convert]::ToHexString($hash).Substring(0, 24).ToLowerInvariant()
    if ($IsWindows) { return "\\.\pipe\orchestrator-$name" }
    $base = if ([IO.Directory]::Exists('/tmp')) { '/tmp' } else { [IO.Path]::GetTempPath() }
    [IO.Path]::Combine($base, "orchestrator-$(Get-UserNumber)", "$name.sock")
}

function Resolve-RealPath {
    <#
    .SYNOPSIS
    A path with every symbolic link in it followed.
    #>
    param([Parameter(Mandatory)][string] $Path)
    $full = [IO.Path]::TrimEndingDirectorySeparator([IO.Path]::GetFullPath($Path))
    $parent = [IO.Path]::GetDirectoryName($full)
    if (-not $parent) { return $full }
    $here = [IO.Path]::Combine((Resolve-RealPath -Path $parent), [IO.Path]::GetFileName($full))
    try {
        $target = [IO.Directory]::ResolveLinkTarget($here, $true)
    } catch {
        return $here
    }
    if ($target) { return Resolve-RealPath -Path $target.FullName }
    $here
}

$script:UserNumber = $null

function Get-UserNumber {
    <#
    .SYNOPSIS
    The number of the account on a Unix system.
    #>
    if ($null -eq $script:UserNumber) {
        $script:UserNumber = if ($IsLinux) {
            $line = [IO.File]::ReadAllLines('/proc/self/status') | Where-Object { $_.StartsWith('Uid:') }
            ($line -split '\s+')[2]
        } else {
            (Invoke-Program -File '/usr/bin/id' -Arguments '-u').Output.Trim()
        }
    }
    $script:UserNumber
}
