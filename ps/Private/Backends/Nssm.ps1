# The backend of production: Windows services, each through nssm.exe, which does for a plain program what Windows asks of
# a service. State is read from the service manager, parameters from the registry. See docs/decisions.md.

function Test-NssmBackend {
    <#
    .SYNOPSIS
    Why this machine has no such backend; nothing when it has.
    #>
    if (-not $IsWindows) { return Get-Phrase 'Nssm.WindowsOnly' }
    Use-ModulePart Nssm
    $nssm = Find-Nssm
    if (-not $nssm.Path) { return $nssm.Detail }
}

function Install-NssmService {
    <#
    .SYNOPSIS
    Makes the service, or changes the parameters that differ.
    #>
    param([object] $Context, [object] $Service)
    Use-ModulePart Nssm
    New-ServiceFolder -Context $Context -Service $Service
    $lock = Enter-ServiceLock -Context $Context -Service $Service
    try {
        $actual = Read-NssmSetting -ServiceName $Service.serviceName
        if ($actual -and $actual['DeleteFlag']) {
            throw (New-OrchestratorError -Code ORC2030 -Data @{ service = $Service.serviceName } -Target $Service.id)
        }
        $nssm = if ($actual) { Get-NssmBinary -Path (Get-ServiceNssm -Setting $actual) } else { Get-UsableNssm }
        if (-not $actual) {
            New-NssmService -Nssm $nssm.Path -Service $Service
            $actual = Read-NssmSetting -ServiceName $Service.serviceName
        }
        $wanted = New-NssmSetting -Context $Context -Service $Service -Build $nssm.Build
        $work = @{
            Nssm        = $nssm.Path
            ServiceName = $Service.serviceName
            Difference  = @(Compare-NssmSetting -Actual $actual -Wanted $wanted)
            Target      = $Service.id
            Account     = if ($Context.PSObject.Properties['Account']) { $Context.Account }
        }
        Set-NssmSetting @work
        [void] (Update-NssmRun -Context $Context -Id $Service.id)
    } finally {
        $lock.Dispose()
    }
}

function Uninstall-NssmService {
    <#
    .SYNOPSIS
    Removes the service and what the module noted of it.
    #>
    param([object] $Context, [string] $Id)
    Use-ModulePart Nssm
    $name = Get-ServiceName -Context $Context -Id $Id
    if (Get-ScmStatus -ServiceName $name) {
        $nssm = Get-ServiceNssm -Setting (Read-NssmSetting -ServiceName $name)
        Remove-NssmService -Nssm $nssm -ServiceName $name -Target $Id
    }
    $path = Get-StatePath -Data $Context.Data -Kind Run -Id $Id
    if ([IO.File]::Exists($path)) { [IO.File]::Delete($path) }
}

function Start-NssmService {
    <#
    .SYNOPSIS
    Starts the service and waits until its program is there.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [object] $Service)
    Use-ModulePart Nssm
    $last = (Read-NssmRun -Context $Context -Id $Service.id).Value
    $sight = Get-NssmSight -ServiceName $Service.serviceName -Last $last
    if ($null -eq $sight.Scm) {
        throw (New-StartError -Service $Service -Detail (Get-Phrase 'Nssm.NoService'))
    }
    # NSSM waits before its next try and would go on waiting: a start means now.
    if ($sight.Scm.State -eq 'Paused') {
        Stop-NssmService -Context $Context -Id $Service.id -TimeoutMs $Service.stop.timeoutMs
        $sight = Get-NssmSight -ServiceName $Service.serviceName -Last $last
    }
    # It would hold the port and the files that the new one needs.
    if ($sight.Orphan) { Stop-SameProcess -Process $sight.Program }
    try {
        Invoke-ScmStart -Service $Service
        Wait-NssmProgram -Service $Service
    } catch {
        $fault = if ($_.Exception.Data.Contains('detail')) { $_.Exception.Data['detail'] } else { $_.Exception.GetBaseException().Message }
        [void] (Update-NssmRun -Context $Context -Id $Service.id -Fault $fault)
        throw
    }
    ConvertFrom-NssmRun -Run (Update-NssmRun -Context $Context -Id $Service.id)
}

function Stop-NssmService {
    <#
    .SYNOPSIS
    Has NSSM stop the program politely, and at the time limit ends by force what is left of it.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [string] $Id, [int] $TimeoutMs, [switch] $Keep)
    Use-ModulePart Nssm
    $name = Get-ServiceName -Context $Context -Id $Id
    $last = (Read-NssmRun -Context $Context -Id $Id).Value
    $sight = Get-NssmSight -ServiceName $name -Last $last
    $below = @(if ($sight.Program) { Get-Descendant -Id $sight.Program.Id })
    if ($sight.WrapperId) { Stop-ScmService -ServiceName $name -Sight $sight -TimeoutMs $TimeoutMs -Id $Id }
    # What left the tree of the program is not found by NSSM, and what it would not let go of is not ended by it.
    if ($sight.Program) { Stop-SameProcess -Process (@($sight.Program) + $below) }
    $run = Update-NssmRun -Context $Context -Id $Id -Asked
    if ($run.processId) {
        throw (New-StopError -Run $run -Id $Id -Detail (Get-Phrase 'Stop.Survived'))
    }
    Write-Debug "stopped, kept: $Keep"
}

function Get-NssmService {
    <#
    .SYNOPSIS
    What the service manager says of a service, held against the processes that live. Writes nothing.
    #>
    param([object] $Context, [string] $Id)
    Use-ModulePart Nssm
    $read = Read-NssmRun -Context $Context -Id $Id
    $sight = Get-NssmSight -ServiceName (Get-ServiceName -Context $Context -Id $Id) -Last $read.Value
    ConvertFrom-NssmRun -Run (ConvertTo-NssmRun -Id $Id -Sight $sight -Last $read.Value) -Warning $read.Warning
}

function ConvertFrom-NssmRun {
    <#
    .SYNOPSIS
    The answer of Query from a run.
    #>
    param([Collections.IDictionary] $Run, [AllowNull()][string] $Warning)
    $state = switch ($Run.state) {
        { $_ -in 'Exited', 'Failed' } { 'Stopped' }
        default { $_ }
    }
    [pscustomobject]@{
        State         = $state
        ProcessId     = $Run.processId
        Since         = if ($Run.processId) { $Run.startedAt } else { $Run.endedAt }
        ExitCode      = $Run.exitCode
        # An orphan runs, and nobody can stop it through its service.
        Ready         = $null -ne $Run.hostProcessId
        Detail        = $Run.error
        Warning       = $Warning
        HostProcessId = $Run.hostProcessId
        Launches      = [int] $Run.launches
    }
}
