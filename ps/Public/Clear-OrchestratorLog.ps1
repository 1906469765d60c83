function Clear-OrchestratorLog {
    <#
    .SYNOPSIS
    Removes the rotated log files of services.
    .DESCRIPTION
    Removes only files that carry a log's own name with a time stamp. The file that is being written stays, unless
    -IncludeCurrent is given; then it is emptied.
    .PARAMETER Name
    Which services: ids, service names, aliases or wildcards, also from the pipeline. Leave it out to clear all.
    .PARAMETER IncludeCurrent
    Empty the current files too. Give it when the disk is full, or before a trial whose log you want to see alone.
    .PARAMETER Manifest
    Path of the manifest. Give it when several installations are on one machine.
    .INPUTS
    System.String. Names, or objects with a property Name or Id.
    .OUTPUTS
    Orchestrator.ClearedLog. One for each service: Id, Removed (files) and FreedBytes.
    .EXAMPLE
    Clear-OrchestratorLog -WhatIf

    Says which files would go.
    .EXAMPLE
    Clear-OrchestratorLog comfyui

    Removes the rotated logs of ComfyUI.
    .LINK
    Get-OrchestratorLog
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('Orchestrator.ClearedLog')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('Id')]
        [ArgumentCompleter({ & (Get-Module Orchestrator) { Use-ModulePart Core; Complete-ServiceName @args } @args })]
        [ValidateNotNullOrEmpty()]
        [string[]] $Name,

        [switch] $IncludeCurrent,

        [string] $Manifest
    )
    begin {
        Use-ModulePart Log
        $names = [Collections.Generic.List[string]]::new()
    }
    process { foreach ($one in $Name) { $names.Add($one) } }
    end {
        if ($MyInvocation.ExpectingInput -and $names.Count -eq 0) { return }
        try {
            $context = Get-OrchestratorContext -Manifest $Manifest
            $selected = Resolve-Service -Context $context -Name $names
            foreach ($service in $selected.Service) {
                if ($service.mode -eq 'external') { continue }
                Clear-ServiceLog -Cmdlet $PSCmdlet -Service $service -IncludeCurrent:$IncludeCurrent
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
