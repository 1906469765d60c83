function Get-OrchestratorStatus {
    <#
    .SYNOPSIS
    Shows how the services are: what should be beside what is.
    .DESCRIPTION
    Reads state files only while the guardian runs, so it is fast. When the guardian is down it asks the services itself,
    all at the same time, for two seconds at most. It changes nothing, and works with everything else down.

    State is what the system sees (Running, Starting, Stopping, Stopped, External, Skipped, Unknown). Health is a
    judgement: healthy, starting, suspect (a probe failed, fewer than the limit), restarting, cooling (waiting before the
    next attempt), exhausted (given up, a person must start it), unhealthy, stopped, skipped, unknown.
    .PARAMETER Name
    Which services: ids, service names, aliases or wildcards, also from the pipeline. Leave it out to see all.
    .PARAMETER Manifest
    Path of the manifest. Give it when several installations are on one machine.
    .INPUTS
    System.String. Names, or objects with a property Name or Id.
    .OUTPUTS
    Orchestrator.ServiceStatus. One for each service, in the order of the manifest. Format-List shows all of it.
    .EXAMPLE
    Get-OrchestratorStatus

    Shows all services in a table.
    .EXAMPLE
    Get-OrchestratorStatus comfyui | Format-List

    Shows everything that is known about ComfyUI.
    .EXAMPLE
    if (Get-OrchestratorStatus | Where-Object Health -notin healthy, stopped) { 'look at it' }

    For a script that watches.
    .LINK
    Test-Orchestrator
    #>
    [CmdletBinding()]
    [OutputType('Orchestrator.ServiceStatus')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('Id')]
        [ArgumentCompleter({ & (Get-Module Orchestrator) { Use-ModulePart Core; Complete-ServiceName @args } @args })]
        [ValidateNotNullOrEmpty()]
        [string[]] $Name,

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
            $context = Get-OrchestratorContext -Manifest $Manifest
            $selected = Find-Service -Cmdlet $PSCmdlet -Context $context -Name $names
            $status = @(Get-ServiceStatus -Context $context -Service $selected)
            if ($status.Warnings) { $status.Warnings | Select-Object -Unique | ForEach-Object { Write-Warning $_ } }
            $status
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
