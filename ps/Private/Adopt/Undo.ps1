# Putting back what a service was before it was taken over.

# Values of a service's own key that the service manager keeps in memory: it must be told, not only the registry.
$script:ManagedValues = 'Start', 'DelayedAutostart', 'DisplayName', 'Description', 'DependOnService', 'DependOnGroup'

function Undo-Adoption {
    <#
    .SYNOPSIS
    Puts back recorded services, one after another, and forgets their records.
    .OUTPUTS
    An InstallChange for each value that was written.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Management.Automation.PSCmdlet] $Cmdlet, [object] $Context, [object[]] $Record)
    $lock = Enter-InstallLock -Context $Context
    try {
        foreach ($one in $Record) {
            try {
                Restore-Service -Record $one
                [IO.File]::Delete($one.Path)
                Clear-AdoptedState -Context $Context -Id $one.Id
            } catch {
                $Cmdlet.WriteError($_)
            }
        }
        if (-not @(Read-AdoptedRecord -Data $Context.Data)) { Remove-AdoptedCopy -Context $Context }
    } finally {
        $lock.Dispose()
    }
}

function Get-UndoChange {
    <#
    .SYNOPSIS
    What putting a service back would write, as InstallChange objects.
    #>
    param([Parameter(Mandatory)][object] $Record)
    $dump = Read-ServiceDump -Name $Record.Name
    if (-not $dump) { return New-InstallChange -Target $Record.Id -Property 'service' -To $Record.Name -Action create }
    foreach ($one in (Compare-ServiceDump -From $dump.Tree -To $Record.Tree)) {
        $now = ($dump.Tree[$one.Key] | Where-Object { $_.Name -eq $one.Name }).Data
        $secret = $one.Name -in 'AppEnvironment', 'AppEnvironmentExtra'
        $change = @{
            Target   = $Record.Id
            Property = (@($one.Key, $one.Name) | Where-Object { $_ }) -join '\'
            From     = Format-UndoValue -Value $now -Secret:$secret
            To       = Format-UndoValue -Value $one.Data -Secret:$secret
            Action   = if ($null -eq $one.Kind) { 'remove' } elseif ($null -eq $now) { 'create' } else { 'change' }
        }
        New-InstallChange @change
    }
}

function Format-UndoValue {
    <#
    .SYNOPSIS
    A value of the registry as text for a person; of an environment no secret.
    #>
    param([AllowNull()][object] $Value, [switch] $Secret)
    if ($null -eq $Value) { return $null }
    @(foreach ($one in $Value) { if ($Secret) { Hide-SecretValue "$one" } else { "$one" } }) -join ' '
}

function Restore-Service {
    <#
    .SYNOPSIS
    Makes a service's registry be what its record says, byte for byte. Throws ORC2056 when it does not become so.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][object] $Record)
    $dump = Read-ServiceDump -Name $Record.Name
    if (-not $dump) {
        $program = Get-DumpValue -Dump $Record -Key Parameters -Name Application
        $again = [pscustomobject]@{ id = $Record.Id; serviceName = $Record.Name; command = [pscustomobject]@{ file = $program } }
        New-NssmService -Nssm (Get-UsableNssm).Path -Service $again
        $dump = Read-ServiceDump -Name $Record.Name
    }
    Set-ManagedValue -Record $Record -Dump $dump
    $left = Compare-ServiceDump -From (Read-ServiceDump -Name $Record.Name).Tree -To $Record.Tree
    Write-ServiceDump -Name $Record.Name -Difference @($left)
    $still = @(Compare-ServiceDump -From (Read-ServiceDump -Name $Record.Name).Tree -To $Record.Tree)
    if ($still) {
        $data = @{ name = $Record.Name; detail = Get-Phrase 'Adopt.NotRestored' @{ values = ($still.Name -join ', ') } }
        throw (New-OrchestratorError -Code ORC2056 -Data $data -Target $Record.Name)
    }
}

function Set-ManagedValue {
    <#
    .SYNOPSIS
    Has NSSM tell the service manager those values that it keeps in memory, where they differ.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Record, [object] $Dump)
    $names = @(Compare-ServiceDump -From $Dump.Tree -To $Record.Tree | Where-Object { $_.Key -eq '' }).Name | Where-Object { $_ -in $script:ManagedValues }
    if (-not $names) { return }
    $nssm = Get-ServiceNssm -Setting (Read-NssmSetting -ServiceName $Record.Name)
    $done = @{}
    foreach ($name in $names) {
        $parameter = if ($name -eq 'DelayedAutostart') { 'Start' } else { $name }
        if ($done[$parameter]) { continue }
        $done[$parameter] = $true
        $words = @(Get-ManagedWord -Record $Record -Parameter $parameter)
        $verb = if ($words) { 'set' } else { 'reset' }
        Invoke-Nssm -Path $nssm -Arguments (@($verb, $Record.Name, $parameter) + $words) -Target $Record.Id
    }
}

function Get-ManagedWord {
    <#
    .SYNOPSIS
    A recorded value as the words for nssm.exe; none where there was no value.
    #>
    param([object] $Record, [string] $Parameter)
    $value = Get-DumpValue -Dump $Record -Key '' -Name $Parameter
    if ($Parameter -ne 'Start') { return @($value | Where-Object { "$_" -ne '' }) }
    $delayed = (Get-DumpValue -Dump $Record -Key '' -Name DelayedAutostart) -eq 1
    switch ($value) {
        2 { $script:StartNames[($delayed ? 'delayed' : 'auto')] }
        3 { $script:StartNames['manual'] }
        4 { $script:StartNames['disabled'] }
    }
}

function Write-ServiceDump {
    <#
    .SYNOPSIS
    Writes differences into a service's keys.
    #>
    param([Parameter(Mandatory)][string] $Name, [AllowEmptyCollection()][object[]] $Difference)
    $service = Open-ServiceKey -Name $Name -Writable
    try {
        foreach ($one in $Difference) {
            if ($null -eq $one.Name) {
                $service.DeleteSubKeyTree($one.Key, $false)
                continue
            }
            $key = if ($one.Key) { $service.CreateSubKey($one.Key, $true) } else { $service }
            if ($null -eq $one.Kind) {
                $key.DeleteValue($one.Name, $false)
            } else {
                $key.SetValue($one.Name, (ConvertFrom-DumpData -Value $one), $one.Kind)
            }
            if ($one.Key) { $key.Dispose() }
        }
    } finally {
        $service.Dispose()
    }
}

function ConvertFrom-DumpData {
    <#
    .SYNOPSIS
    The data of a value as the registry takes it for its kind.
    #>
    param([Parameter(Mandatory)][object] $Value)
    switch ([string] $Value.Kind) {
        'DWord' { return [int] $Value.Data }
        'QWord' { return [long] $Value.Data }
        'MultiString' { return , [string[]] @($Value.Data) }
        { $_ -in 'Binary', 'None', 'Unknown' } { return , [Convert]::FromBase64String([string] $Value.Data) }
        default { return [string] $Value.Data }
    }
}

function Clear-AdoptedState {
    <#
    .SYNOPSIS
    Forgets what was wanted of a service that is no longer Orchestrator's.
    #>
    param([object] $Context, [string] $Id)
    if (-not $Context.Installed) { return }
    Remove-Desired -Context $Context -Id $Id
    $run = Get-StatePath -Data $Context.Data -Kind Run -Id $Id
    if ([IO.File]::Exists($run)) { [IO.File]::Delete($run) }
}

function Remove-AdoptedCopy {
    <#
    .SYNOPSIS
    Removes the installed copy when no service of it is Orchestrator's any more; else says what is left.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context)
    if (-not $Context.Installed) { return }
    $names = @($Context.Services | Where-Object { $_.mode -ne 'external' }).serviceName
    $ours = @(Get-RegisteredService -Name $names | Where-Object { $_.Ours -and $_.Name -in $names })
    if ($ours) {
        Write-Warning (Get-Phrase 'Adopt.OthersLeft' @{ services = ($ours.Name -join ', ') })
    } else {
        [IO.File]::Delete($Context.ManifestPath)
    }
}
