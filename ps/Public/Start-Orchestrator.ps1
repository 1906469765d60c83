function Start-Orchestrator {
    <#
    .SYNOPSIS
    Starts services, in the order of the manifest.
    .DESCRIPTION
    First writes to desired.json that the services should run, then starts each that does not run yet. A service that
    runs is left alone, so the command can be repeated. It also revives a service that the guardian has given up.

    Before anything is touched, the port of every service is looked at: when a program that is not ours holds one, the
    command names it with its process id and starts nothing. A service whose required files are missing is skipped with
    a warning. An external service is never started.
    .PARAMETER Name
    Which services: ids, service names, aliases or wildcards, also from the pipeline. Leave it out to start all whose
    start type is not disabled.
    .PARAMETER Wait
    Wait until each service is healthy before the next is started. Use it in scripts that need the service right after.
    Without it the command returns as soon as the programs run.
    .PARAMETER By
    Who asks; it is noted in desired.json. Only the panel needs to give it.
    .PARAMETER Manifest
    Path of the manifest. Give it when several installations are on one machine.
    .INPUTS
    System.String. Names, or objects with a property Name or Id.
    .OUTPUTS
    Orchestrator.ServiceStatus. One for each service that was asked for.
    .EXAMPLE
    Start-Orchestrator -Wait

    Starts everything, one after another, and returns when all is healthy.
    .EXAMPLE
    Start-Orchestrator comfyui -WhatIf

    Says what would be started and changes nothing.
    .EXAMPLE
    Get-OrchestratorStatus | Where-Object Health -eq exhausted | Start-Orchestrator

    Gives every service that the guardian has given up a new chance.
    .LINK
    Stop-Orchestrator
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('Orchestrator.ServiceStatus')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('Id')]
        [ArgumentCompleter({ & (Get-Module Orchestrator) { Use-ModulePart Core; Complete-ServiceName @args } @args })]
        [ValidateNotNullOrEmpty()]
        [string[]] $Name,

        [switch] $Wait,

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
            $shown = @(Select-Changeable -Cmdlet $PSCmdlet -Selected $selected -All:($names.Count -eq 0) | Where-Object {
                    $_.mode -eq 'external' -or $PSCmdlet.ShouldProcess($_.displayName, (Get-Phrase 'Action.Start'))
                })
            $services = @($shown | Where-Object { $_.mode -ne 'external' })
            if ($WhatIfPreference -or -not $shown) { return }
            $set = @{ Cmdlet = $PSCmdlet; Context = $context; Service = $services; By = $By; Wait = $Wait }
            $answers = Start-ServiceSet @set
            Get-ServiceStatus -Context $context -Service $shown -Probe $answers -NoProbe
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
