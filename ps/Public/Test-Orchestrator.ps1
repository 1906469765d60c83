function Test-Orchestrator {
    <#
    .SYNOPSIS
    Examines the installation and the machine, and says what to do about each fault.
    .DESCRIPTION
    The doctor: PowerShell, Node.js, manifest, backend, built parts, folders, ports and who holds them, disk space of
    every path in the manifest, memory, the guardian's heartbeat, state files, what should be against what is, ComfyUI,
    and who may read the secrets. Changes nothing and never fails: a check that cannot be made is a result too.

    For Windows services also: rights, execution policy and download marks, nssm.exe and its hash, drives that services do
    not see, services that were made by hand, are paused or marked for deletion, why a service ended, and a guardian that
    writes no log. Commands of this session that failed for a stray Cyrillic letter in front are explained.
    .PARAMETER Manifest
    Path of the manifest. Give it when several installations are on one machine, or to examine one before it is
    installed.
    .OUTPUTS
    Orchestrator.Check. One or more for each check: Name, Status (pass, warn, fail, skip), Message, Fix and Code.
    .EXAMPLE
    Test-Orchestrator

    Shows all checks.
    .EXAMPLE
    Test-Orchestrator | Where-Object Status -in warn, fail | Format-List

    Shows only what needs attention, with the way out.
    .LINK
    Get-OrchestratorStatus
    #>
    [CmdletBinding()]
    [OutputType('Orchestrator.Check')]
    param([string] $Manifest)
    Use-ModulePart Doctor
    $context = $null
    try {
        $context = Get-OrchestratorContext -Manifest $Manifest
    } catch {
        $broken = New-CheckFault -Name Manifest -Record $_
    }
    foreach ($name in $script:Checks) {
        if ($context) {
            Invoke-Check -Name $name -Context $context
        } elseif ($name -eq 'Manifest') {
            $broken
        } elseif ($name -in 'PowerShell', 'Administrator', 'ExecutionPolicy', 'Node', 'Secret', 'StrayLetter') {
            Invoke-Check -Name $name
        }
    }
}
