function Stop-Orchestrator {
    <#
    .SYNOPSIS
    Stops services, the last of the manifest first.
    .DESCRIPTION
    First writes to desired.json that the services should not run, so that the guardian leaves them alone, then stops
    each: politely, and by force with everything below it when the time limit of the manifest has passed. A service that
    does not run is left alone. An external service is never stopped.
    .PARAMETER Name
    Which services: ids, service names, aliases or wildcards, also from the pipeline. Leave it out to stop all.
    .PARAMETER By
    Who asks; it is noted in desired.json. Only the panel needs to give it.
    .PARAMETER Manifest
    Path of the manifest. Give it when several installations are on one machine.
    .INPUTS
    System.String. Names, or objects with a property Name or Id.
    .OUTPUTS
    Orchestrator.ServiceStatus. One for each service that was asked for.
    .EXAMPLE
    Stop-Orchestrator

    Stops everything.
    .EXAMPLE
    Stop-Orchestrator comfy* -Verbose

    Stops ComfyUI to free its GPU memory, and says what happens.
    .LINK
    Start-Orchestrator
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('Orchestrator.ServiceStatus')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('Id')]
        [ArgumentCompleter({ & (Get-Module Orchestrator) { Use-ModulePart Core; Complete-ServiceName @args } @args })]
        [ValidateNotNullOrEmpty()]
        [string[]] $Name,

        [ValidateSet('operator', 'panel')]
        [string] $By = 'operator',

        [string] $Manifest
    )
    begin {
        Use-ModulePart Core
        $names = [Collections.Generic.List[string]]::new()
    }
    process { foreach ($one in $Name) { $names.Add($one) } }
    end {
        if ($MyInvocation.ExpectingInput -and $names.Count -eq 0) { return }
        try {
            $context = Get-OrchestratorContext -Manifest $Manifest -RequireInstalled
            $selected = Resolve-Service -Context $context -Name $names
            $shown = @(Select-Changeable -Cmdlet $PSCmdlet -Selected $selected | Where-Object {
                    $_.mode -eq 'external' -or $PSCmdlet.ShouldProcess($_.displayName, (Get-Phrase 'Action.Stop'))
                })
            $services = @($shown | Where-Object { $_.mode -ne 'external' })
            if ($WhatIfPreference -or -not $shown) { return }
            Stop-ServiceSet -Cmdlet $PSCmdlet -Context $context -Service $services -By $By
            Get-ServiceStatus -Context $context -Service $shown -NoProbe
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
