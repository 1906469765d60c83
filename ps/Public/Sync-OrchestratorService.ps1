function Sync-OrchestratorService {
    <#
    .SYNOPSIS
    Looks at every Windows service again and notes what was done to it with other tools.
    .DESCRIPTION
    The guardian calls it every few seconds. It reads each service's state from the service manager and writes it to the
    run files that the guardian and the panel read. A stop, start or restart with Stop-Service, nssm, services.msc and
    the like is an operator's wish like one with our own cmdlets: it goes into desired.json, so that the guardian obeys
    it. A program that ended by itself is a crash and changes no wish.

    With the Embedded backend there is nothing to look at: its hosts write their files themselves.
    .PARAMETER Name
    Which services: ids, service names, aliases or wildcards. Leave it out for all.
    .PARAMETER Manifest
    Path of the manifest. Give it when several installations are on one machine.
    .OUTPUTS
    Orchestrator.ServiceSync. One for each service: Id, State and ProcessId as now written, and Change: none, settling (a
    stop that must last a second to count), stopped, started, restarted, or busy (another session is at work on it).
    .EXAMPLE
    Sync-OrchestratorService

    Shows whether somebody stopped or started a service by hand.
    .EXAMPLE
    Sync-OrchestratorService comfyui

    Looks at one service only.
    .LINK
    Get-OrchestratorStatus
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('Orchestrator.ServiceSync')]
    param(
        [Parameter(Position = 0)]
        [ArgumentCompleter({ & (Get-Module Orchestrator) { Use-ModulePart Core; Complete-ServiceName @args } @args })]
        [ValidateNotNullOrEmpty()]
        [string[]] $Name,

        [string] $Manifest
    )
    Use-ModulePart Core
    try {
        $context = Get-OrchestratorContext -Manifest $Manifest -RequireInstalled
        $services = @(Find-Service -Cmdlet $PSCmdlet -Context $context -Name $Name | Where-Object { $_.mode -ne 'external' })
        if (-not $services -or -not $PSCmdlet.ShouldProcess(($services.displayName -join ', '), (Get-Phrase 'Action.Sync'))) { return }
        Sync-BackendService -Context $context -Service $services
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
