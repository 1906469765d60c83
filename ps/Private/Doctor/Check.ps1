# The doctor's checks, in the order they are shown. Each is one function Test-<Name>Check that takes a context and
# returns check objects. The word after the name says whether Install-Orchestrator asks it before it touches anything.
$script:Checks = @(
    'PowerShell'
    'Administrator'
    'ExecutionPolicy'
    'Node'
    'Manifest'
    'Backend'
    'Nssm'
    'Service'
    'Program'
    'Required'
    'Drive'
    'Folder'
    'Port'
    'Disk'
    'Memory'
    'Guardian'
    'GuardianLog'
    'Failure'
    'StateFile'
    'Desired'
    'Comfy'
    'Secret'
    'StrayLetter'
)
$script:InstallChecks = @(
    'Administrator', 'ExecutionPolicy', 'Node', 'Backend', 'Nssm', 'Service', 'Program', 'Required', 'Drive', 'Folder'
    'Port', 'Disk', 'Comfy'
)

function Invoke-Check {
    <#
    .SYNOPSIS
    Runs one check. One that fails to run is a result too: the doctor never throws.
    #>
    param([Parameter(Mandatory)][string] $Name, [AllowNull()][object] $Context, [switch] $Planned)
    try {
        $call = @{ Context = $Context }
        $command = Get-Item -LiteralPath "function:Test-${Name}Check"
        if ($command.Parameters.ContainsKey('Planned')) { $call.Planned = $Planned }
        & $command @call
    } catch {
        New-CheckFault -Name $Name -Record $_
    }
}

function New-Check {
    <#
    .SYNOPSIS
    One result of the doctor.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)][string] $Name,
        [Parameter(Mandatory)][ValidateSet('pass', 'warn', 'fail', 'skip')][string] $Status,
        [Parameter(Mandatory)][string] $Message,
        [string] $Fix = '',
        [AllowNull()][object] $Code
    )
    [pscustomobject]@{
        PSTypeName = 'Orchestrator.Check'
        Name       = $Name
        Status     = $Status
        Message    = $Message
        Fix        = $Fix
        Code       = $Code
    }
}

function New-CheckFault {
    <#
    .SYNOPSIS
    A failed or warning check from an error: its what and why as the message, its fix as the fix.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)][string] $Name,
        [Parameter(Mandatory)][Management.Automation.ErrorRecord] $Record,
        [string] $Status = 'fail'
    )
    if ($Record.FullyQualifiedErrorId -match '^(ORC\d{4})') {
        $code = $Matches[1]
        $text = Get-OrchestratorText -Code $code -Data $Record.Exception.Data
        return New-Check -Name $Name -Status $Status -Message "$($text.What) $($text.Why)" -Fix $text.Fix -Code $code
    }
    $message = Get-Phrase 'Check.Broken' @{ detail = $Record.Exception.GetBaseException().Message }
    New-Check -Name $Name -Status $Status -Message $message -Fix (Get-Phrase 'Check.BrokenFix')
}
