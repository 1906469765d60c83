function Restart-Orchestrator {
    <#
    .SYNOPSIS
    Stops services and starts them again.
    .DESCRIPTION
    Each service keeps being wanted while it is down. One that does not run is started. Like Start-Orchestrator it
    clears what the guardian remembers of failed attempts.
    .PARAMETER Name
    Which services: ids, service names, aliases or wildcards, also from the pipeline. Leave it out to restart all whose
    start type is not disabled.
    .PARAMETER Wait
    Wait until each service is healthy before the next. Use it in scripts that need the service right after.
    .PARAMETER Heal
    For the guardian: restart only a service that should run, and leave desired.json alone. Returns as soon as the
    program is spawned.
    .PARAMETER ExpectedProcessId
    For the guardian, with Heal: do nothing when the service runs as another process by now. 0 says that none ran.
    .PARAMETER By
    Who asks; it is noted in desired.json. Only the panel needs to give it.
    .PARAMETER Manifest
    Path of the manifest. Give it when several installations are on one machine.
    .INPUTS
    System.String. Names, or objects with a property Name or Id.
    .OUTPUTS
    Orchestrator.ServiceStatus. One for each service that was asked for.
    .EXAMPLE
    Restart-Orchestrator panel -Wait

    Restarts the panel and returns when it answers again.
    .EXAMPLE
    Restart-Orchestrator -WhatIf

    Says what would be restarted and changes nothing.
    .LINK
    Start-Orchestrator
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Operator')]
    [OutputType('Orchestrator.ServiceStatus')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('Id')]
        [ArgumentCompleter({ & (Get-Module Orchestrator) { Use-ModulePart Core; Complete-ServiceName @args } @args })]
        [ValidateNotNullOrEmpty()]
        [string[]] $Name,

        [switch] $Wait,

        [switch] $Heal,

        [ValidateRange(0, [int]::MaxValue)]
        [Nullable[int]] $ExpectedProcessId,

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
                    $_.mode -eq 'external' -or $PSCmdlet.ShouldProcess($_.displayName, (Get-Phrase 'Action.Restart'))
                })
            $services = @($shown | Where-Object { $_.mode -ne 'external' })
            if ($WhatIfPreference -or -not $shown) { return }
            $answers = @{}
            $seen = @{}
            if ($Heal) {
                foreach ($one in $services) {
                    $seen[$one.id] = Invoke-Heal -Context $context -Service $one -ExpectedProcessId $ExpectedProcessId
                }
            } else {
                $set = @{ Cmdlet = $PSCmdlet; Context = $context; Service = $services; By = $By; Wait = $Wait }
                $answers = Start-ServiceSet @set -Restart $services.id
            }
            Get-ServiceStatus -Context $context -Service $shown -Probe $answers -Seen $seen -NoProbe
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
