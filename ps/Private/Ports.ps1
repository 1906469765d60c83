function Test-PortFree {
    <#
    .SYNOPSIS
    Tries whether a service could listen now. Costs a millisecond and works everywhere, also where owners are hidden.
    .PARAMETER HostName
    The service's host as the manifest has it; localhost means both loopback addresses.
    #>
    param([Parameter(Mandatory)][string] $HostName, [Parameter(Mandatory)][int] $Port)
    foreach ($address in (Get-BindAddress -HostName $HostName)) {
        $socket = $null
        try {
            $socket = [Net.Sockets.Socket]::new($address.AddressFamily, 'Stream', 'Tcp')
            if ($IsWindows) { $socket.ExclusiveAddressUse = $true }
            $socket.Bind([Net.IPEndPoint]::new($address, $Port))
        } catch {
            $fault = $_.Exception.GetBaseException()
            # An address that this machine lacks, or IPv6 switched off, says nothing about the port.
            if ($fault -is [Net.Sockets.SocketException] -and $fault.SocketErrorCode -in 'AddressAlreadyInUse', 'AccessDenied') {
                return $false
            }
        } finally {
            if ($socket) { $socket.Dispose() }
        }
    }
    return $true
}

function Get-BindAddress {
    <#
    .SYNOPSIS
    The addresses on which a host name of the manifest listens.
    #>
    param([Parameter(Mandatory)][string] $HostName)
    $plain = $HostName.Trim('[', ']')
    $address = $null
    if ($plain -eq 'localhost') {
        [Net.IPAddress]::Loopback
        [Net.IPAddress]::IPv6Loopback
    } elseif ([Net.IPAddress]::TryParse($plain, [ref] $address)) {
        $address
    } else {
        [Net.IPAddress]::Any
    }
}

function Get-PortListener {
    <#
    .SYNOPSIS
    All TCP listeners of this machine that sit on one of some ports.
    .OUTPUTS
    Objects with Port, Address, ProcessId (null where the system hides it) and Owner (an account, where only that is known).
    #>
    param([Parameter(Mandatory)][int[]] $Port)
    if ($IsLinux) { return Get-LinuxListener -Port $Port }
    if ($IsWindows) { return Get-WindowsListener -Port $Port }
    Get-AnyListener -Port $Port
}

function Get-LinuxListener {
    <#
    .SYNOPSIS
    Listeners from the kernel's own tables: address to inode, inode to process.
    #>
    param([int[]] $Port)
    $found = foreach ($table in '/proc/net/tcp', '/proc/net/tcp6') {
        if (-not [IO.File]::Exists($table)) { continue }
        foreach ($line in [IO.File]::ReadAllLines($table)) {
            $field = $line.Trim() -split '\s+'
            # State 0A is LISTEN; the header has another word there.
            if ($field[3] -ne '0A') { continue }
            $at = $field[1].LastIndexOf(':')
            $number = [Convert]::ToInt32($field[1].Substring($at + 1), 16)
            if ($number -notin $Port) { continue }
            [pscustomobject]@{
                Port      = $number
                Address   = ConvertFrom-KernelAddress $field[1].Substring(0, $at)
                ProcessId = $null
                Owner     = "uid $($field[7])"
                Inode     = $field[9]
            }
        }
    }
    if ($found) { Resolve-ListenerProcess -Listener @($found) }
    $found
}

function ConvertFrom-KernelAddress {
    <#
    .SYNOPSIS
    Reads an address of /proc/net/tcp: hexadecimal, each group of four bytes in the machine's own order.
    #>
    param([string] $Hex)
    $bytes = [Convert]::FromHexString($Hex)
    for ($i = 0; $i -lt $bytes.Length; $i += 4) { [array]::Reverse($bytes, $i, 4) }
    [Net.IPAddress]::new($bytes).ToString()
}

function Resolve-ListenerProcess {
    <#
    .SYNOPSIS
    Fills in the process of each listener by looking for its socket among the open files of all processes.
    #>
    param([object[]] $Listener)
    $wanted = @{}
    foreach ($one in $Listener) { $wanted["socket:[$($one.Inode)]"] = $one }
    foreach ($folder in [IO.Directory]::EnumerateDirectories('/proc')) {
        $id = 0
        if (-not [int]::TryParse([IO.Path]::GetFileName($folder), [ref] $id)) { continue }
        try {
            foreach ($file in [IO.Directory]::EnumerateFiles("$folder/fd")) {
                $target = [IO.FileInfo]::new($file).LinkTarget
                if ($target -and $wanted.ContainsKey($target)) {
                    $wanted[$target].ProcessId = $id
                    $wanted.Remove($target)
                }
            }
        } catch {
            # It ended meanwhile, or belongs to another account.
            continue
        }
        if ($wanted.Count -eq 0) { return }
    }
}

function Get-WindowsListener {
    <#
    .SYNOPSIS
    Listeners as Windows lists them.
    .NOTES
    The cmdlet is missing on small editions of Windows, and fails where the management service (WMI) is off: then only the
    ports are known.
    #>
    param([int[]] $Port)
    try {
        $seen = Get-NetTCPConnection -State Listen -LocalPort $Port -ErrorAction Ignore
    } catch {
        $seen = $null
    }
    if (-not $seen) { return Get-AnyListener -Port $Port }
    foreach ($one in $seen) {
        $id = if ($one.OwningProcess) { [int] $one.OwningProcess } else { $null }
        [pscustomobject]@{ Port = [int] $one.LocalPort; Address = $one.LocalAddress; ProcessId = $id; Owner = $null; Inode = $null }
    }
}

function Get-AnyListener {
    <#
    .SYNOPSIS
    Listeners where the system tells ports only.
    #>
    param([int[]] $Port)
    foreach ($end in [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpListeners()) {
        if ($end.Port -in $Port) {
            # Without the number of the network card that some systems add to an IPv6 address.
            $address = [Net.IPAddress]::new($end.Address.GetAddressBytes()).ToString()
            [pscustomobject]@{ Port = $end.Port; Address = $address; ProcessId = $null; Owner = $null; Inode = $null }
        }
    }
}

function Get-PortOwner {
    <#
    .SYNOPSIS
    Says who holds the port of each service: nobody, the service itself, a stranger, or someone who cannot be seen.
    .OUTPUTS
    One object for each service with a port: Id, Port, Kind (free, ours, stranger, unknown), ProcessId and Label.
    #>
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][object[]] $Service)
    $withPort = @($Service | Where-Object { $_.port })
    if (-not $withPort) { return }
    $listeners = @(Get-PortListener -Port ([int[]] $withPort.port))
    foreach ($one in $withPort) {
        $addresses = @(Get-BindAddress -HostName $one.host)
        $hit = @($listeners | Where-Object { $_.Port -eq $one.port -and (Test-AddressClash -Listener $_ -Address $addresses) })
        New-PortOwner -Context $Context -Service $one -Listener $hit
    }
}

function Test-AddressClash {
    <#
    .SYNOPSIS
    Says whether a listener keeps a service from listening on one of its addresses.
    #>
    param([object] $Listener, [Net.IPAddress[]] $Address)
    if ($Listener.Address -in '0.0.0.0', '::') { return $true }
    foreach ($one in $Address) {
        if ($one.ToString() -in '0.0.0.0', '::', $Listener.Address) { return $true }
    }
    return $false
}

function New-PortOwner {
    <#
    .SYNOPSIS
    The verdict about one service's port.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [object] $Service, [object[]] $Listener)
    $owner = [pscustomobject]@{
        Id = $Service.id; Port = [int] $Service.port; Kind = 'free'; ProcessId = $null; Label = ''
    }
    if (-not $Listener) { return $owner }
    $known = @($Listener | Where-Object { $_.ProcessId })
    $foreign = @($known | Where-Object { -not (Test-OwnProcess -Context $Context -Service $Service -Id $_.ProcessId) })
    if ($foreign) {
        $owner.Kind = 'stranger'
        $owner.ProcessId = $foreign[0].ProcessId
        $owner.Label = Get-ProcessLabel -Id $foreign[0].ProcessId
    } elseif ($known) {
        $owner.Kind = 'ours'
        $owner.ProcessId = $known[0].ProcessId
        $owner.Label = Get-ProcessLabel -Id $known[0].ProcessId
    } else {
        Set-HiddenOwner -Context $Context -Service $Service -Owner $owner -Account $Listener[0].Owner
    }
    $owner
}

function Set-HiddenOwner {
    <#
    .SYNOPSIS
    The verdict where the system does not say whose a listener is. Where it names nobody's, and the service's program
    runs, the program is taken to be the one.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [object] $Service, [object] $Owner, [AllowNull()][AllowEmptyString()][string] $Account)
    if ($Account) {
        $Owner.Kind = 'unknown'
        $Owner.Label = Get-Phrase 'Port.Hidden' @{ account = $Account }
        return
    }
    $seen = Get-BackendService -Context $Context -Id $Service.id
    if ($seen.State -eq 'Running') {
        $Owner.Kind = 'ours'
        $Owner.ProcessId = $seen.ProcessId
        $Owner.Label = Get-ProcessLabel -Id $seen.ProcessId
    } else {
        $Owner.Kind = 'unknown'
        $Owner.Label = Get-Phrase 'Port.Unnamed'
    }
}

function Test-OwnProcess {
    <#
    .SYNOPSIS
    Says whether a process belongs to a service: it is its program, a descendant of it, or carries its mark.
    #>
    param([object] $Context, [object] $Service, [int] $Id)
    $seen = Get-BackendService -Context $Context -Id $Service.id
    $roots = @($seen.ProcessId, $seen.HostProcessId | Where-Object { $_ })
    $at = $Id
    # A chain of parents is short; the bound only guards against a process table that changes while it is read.
    for ($step = 0; $step -lt 32 -and $at -gt 1; $step++) {
        if ($at -in $roots) { return $true }
        $at = Get-ParentId -Id $at
    }
    Test-ProcessMark -Context $Context -Service $Service -Id $Id
}

function Get-ParentId {
    <#
    .SYNOPSIS
    The process id of a process's parent, 0 when it is not known.
    #>
    param([int] $Id)
    if ($IsLinux) {
        $stat = Get-ProcessStat -Id $Id
        if ($stat) { return $stat.ParentId }
        return 0
    }
    try { [int] (Get-Process -Id $Id -ErrorAction Stop).Parent.Id } catch { 0 }
}

function Test-ProcessMark {
    <#
    .SYNOPSIS
    Looks for the environment that Install-Orchestrator gives each service, so that a program is known as ours even when
    its state file was lost. Linux only.
    #>
    param([object] $Context, [object] $Service, [int] $Id)
    if (-not $IsLinux) { return $false }
    try {
        $marks = [IO.File]::ReadAllText("/proc/$Id/environ").Split("`0")
    } catch {
        return $false
    }
    $marks -contains "ORCHESTRATOR_SERVICE_ID=$($Service.id)" -and
    $marks -contains "ORCHESTRATOR_MANIFEST=$($Context.ManifestPath)"
}
