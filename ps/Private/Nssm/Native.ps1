# What Windows tells only through its own functions: which process serves a service, how it ended, who is whose child.
# CIM knows the same, but it is absent or broken on some machines, slower, and its words are translated.

$script:NativeType = $null
$script:ScmHandle = [IntPtr]::Zero

function Get-NativeType {
    <#
    .SYNOPSIS
    The Windows functions that are used here, as a type. Made without the C# compiler, whose first use takes seconds.
    #>
    if ($script:NativeType) { return $script:NativeType }
    $name = [Reflection.AssemblyName]::new('Orchestrator.Native')
    $module = [Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly($name, 'Run').DefineDynamicModule('Native')
    $builder = $module.DefineType('Orchestrator.Native', 'Public, Class, Abstract, Sealed')
    $handle = [IntPtr]
    $functions = @(
        , @('OpenSCManagerW', 'advapi32.dll', $handle, @([string], [string], [uint32]))
        , @('OpenServiceW', 'advapi32.dll', $handle, @($handle, [string], [uint32]))
        , @('QueryServiceStatusEx', 'advapi32.dll', [bool], @($handle, [int], $handle, [int], $handle))
        , @('CloseServiceHandle', 'advapi32.dll', [bool], @($handle))
        , @('CreateToolhelp32Snapshot', 'kernel32.dll', $handle, @([uint32], [uint32]))
        , @('Process32FirstW', 'kernel32.dll', [bool], @($handle, $handle))
        , @('Process32NextW', 'kernel32.dll', [bool], @($handle, $handle))
        , @('CloseHandle', 'kernel32.dll', [bool], @($handle))
    )
    foreach ($one in $functions) {
        $method = $builder.DefinePInvokeMethod(
            $one[0], $one[1], 'Public, Static, PinvokeImpl', 'Standard', $one[2], [type[]] $one[3], 'Winapi', 'Unicode')
        $method.SetImplementationFlags('PreserveSig')
    }
    $script:NativeType = $builder.CreateType()
    $script:NativeType
}

# dwCurrentState of SERVICE_STATUS.
$script:ScmStates = @{
    1 = 'Stopped'; 2 = 'StartPending'; 3 = 'StopPending'; 4 = 'Running'; 5 = 'ContinuePending'; 6 = 'PausePending'; 7 = 'Paused'
}

function Get-ScmStatus {
    <#
    .SYNOPSIS
    What the service manager says of a service; null when it has no such service.
    .OUTPUTS
    State (Stopped, StartPending, StopPending, Running, ContinuePending, PausePending, Paused), Win32ExitCode,
    SpecificExitCode (unsigned) and ProcessId: the wrapper's, null while none runs.
    #>
    param([Parameter(Mandatory)][string] $ServiceName)
    $native = Get-NativeType
    if ($script:ScmHandle -eq [IntPtr]::Zero) { $script:ScmHandle = $native::OpenSCManagerW($null, $null, 1) }
    # 4 is SERVICE_QUERY_STATUS: an ordinary account has it.
    $service = $native::OpenServiceW($script:ScmHandle, $ServiceName, 4)
    if ($service -eq [IntPtr]::Zero) { return $null }
    # SERVICE_STATUS_PROCESS is nine numbers of 32 bits; after it lies room for the size that was needed.
    $buffer = [Runtime.InteropServices.Marshal]::AllocHGlobal(40)
    try {
        if (-not $native::QueryServiceStatusEx($service, 0, $buffer, 36, [IntPtr]::Add($buffer, 36))) { return $null }
        $number = 0..8 | ForEach-Object { [Runtime.InteropServices.Marshal]::ReadInt32($buffer, 4 * $_) }
        [pscustomobject]@{
            State            = $script:ScmStates[$number[1]]
            Win32ExitCode    = $number[3]
            SpecificExitCode = ConvertTo-Unsigned $number[4]
            ProcessId        = if ($number[7] -gt 0) { $number[7] } else { $null }
        }
    } finally {
        [Runtime.InteropServices.Marshal]::FreeHGlobal($buffer)
        [void] $native::CloseServiceHandle($service)
    }
}

function ConvertTo-Unsigned {
    <#
    .SYNOPSIS
    An exit code as Windows writes it: 0xC0000005 is a negative number to whoever reads it as signed.
    #>
    param([int] $Number)
    [BitConverter]::ToUInt32([BitConverter]::GetBytes($Number), 0)
}

function Get-ProcessTable {
    <#
    .SYNOPSIS
    All processes of this machine with their parents, in one snapshot.
    .OUTPUTS
    Objects with Id, ParentId and Name (the program's file).
    #>
    $native = Get-NativeType
    # PROCESSENTRY32W on 64 bit: size 568; id at 8, parent at 32, the file's name at 44.
    $size = 568
    $buffer = [Runtime.InteropServices.Marshal]::AllocHGlobal($size)
    $snapshot = $native::CreateToolhelp32Snapshot(2, 0)
    try {
        [Runtime.InteropServices.Marshal]::WriteInt32($buffer, $size)
        $more = $native::Process32FirstW($snapshot, $buffer)
        while ($more) {
            [pscustomobject]@{
                Id       = [Runtime.InteropServices.Marshal]::ReadInt32($buffer, 8)
                ParentId = [Runtime.InteropServices.Marshal]::ReadInt32($buffer, 32)
                Name     = [Runtime.InteropServices.Marshal]::PtrToStringUni([IntPtr]::Add($buffer, 44))
            }
            $more = $native::Process32NextW($snapshot, $buffer)
        }
    } finally {
        [void] $native::CloseHandle($snapshot)
        [Runtime.InteropServices.Marshal]::FreeHGlobal($buffer)
    }
}

function Get-ProcessBegin {
    <#
    .SYNOPSIS
    When a process began, in UTC; null when it is gone or may not be looked into.
    #>
    param([AllowNull()][object] $Id)
    if (-not $Id) { return $null }
    try {
        $process = [Diagnostics.Process]::GetProcessById([int] $Id)
    } catch {
        return $null
    }
    try { $process.StartTime.ToUniversalTime() } catch { $null } finally { $process.Dispose() }
}

function Find-ChildProgram {
    <#
    .SYNOPSIS
    The program that a wrapper runs: its child that is no console. Null when it runs none.
    .PARAMETER Table
    Get-ProcessTable, where it is known already.
    .OUTPUTS
    An object with Id and Begin (UTC).
    #>
    param([Parameter(Mandatory)][int] $WrapperId, [AllowNull()][object[]] $Table)
    if (-not $Table) { $Table = @(Get-ProcessTable) }
    $wrapperBegin = Get-ProcessBegin -Id $WrapperId
    foreach ($row in $Table) {
        if ($row.ParentId -ne $WrapperId -or $row.Name -eq 'conhost.exe') { continue }
        $begin = Get-ProcessBegin -Id $row.Id
        # Windows gives process ids again: who began before the wrapper is the child of an earlier process of that id.
        if ($null -eq $begin -or ($wrapperBegin -and $begin -lt $wrapperBegin)) { continue }
        return [pscustomobject]@{ Id = $row.Id; Begin = $begin }
    }
}

function Get-Descendant {
    <#
    .SYNOPSIS
    Everything below a process, as objects with Id and Begin.
    #>
    param([Parameter(Mandatory)][int] $Id)
    $table = @(Get-ProcessTable)
    $open = [Collections.Generic.Queue[object]]::new()
    $open.Enqueue([pscustomobject]@{ Id = $Id; Begin = Get-ProcessBegin -Id $Id })
    $known = [Collections.Generic.HashSet[int]]::new()
    while ($open.Count -gt 0) {
        $parent = $open.Dequeue()
        foreach ($row in $table) {
            if ($row.ParentId -ne $parent.Id -or -not $known.Add($row.Id)) { continue }
            $begin = Get-ProcessBegin -Id $row.Id
            if ($null -eq $begin -or ($parent.Begin -and $begin -lt $parent.Begin)) { continue }
            $child = [pscustomobject]@{ Id = $row.Id; Begin = $begin }
            $child
            $open.Enqueue($child)
        }
    }
}

function Stop-SameProcess {
    <#
    .SYNOPSIS
    Ends processes with all below them, each only if it is still the one that was meant.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([AllowEmptyCollection()][object[]] $Process)
    foreach ($one in $Process) {
        if ((Get-ProcessBegin -Id $one.Id) -eq $one.Begin) { Stop-ProcessTree -Id $one.Id }
    }
}
