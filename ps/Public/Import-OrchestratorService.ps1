function Import-OrchestratorService {
    <#
    .SYNOPSIS
    Takes over services that were made by hand with NSSM, and can put them back as they were.
    .DESCRIPTION
    Finds the NSSM services that look like the panel, ComfyUI or the guardian: by their names and by what they run (node,
    npm start, python main.py, run_nvidia_gpu.bat with its pause, cmd /c ...). Shows what will change, parameter by
    parameter.

    What was set on purpose stays: service name, display name, description, start type, account, priority, extra
    variables, ComfyUI's flags, log files, a port of one's own. What gets in the way is mended: Python is run directly
    instead of a batch file, logs are rotated while the service runs, ended programs are the guardian's to restart, a stop
    has time enough. Values of secrets move from the service to .env.local.

    Before the first change everything the registry holds of the service is written to <data>\adopted\<service>.json. The
    merged manifest and the installed copy are written, so all cmdlets work with the service from then on. A service that
    runs goes on running; its new settings count from its next start.
    .PARAMETER Name
    Names of Windows services, wildcards allowed. Leave it out to take over all that are recognized; give it when more than
    one stands for the same part, or, with -Undo, to put back only some.
    .PARAMETER As
    What the named service is. Give it when the service is not recognized, with -Name of exactly one service.
    .PARAMETER OutFile
    Where to write the merged manifest, the one to edit from then on. Leave it out for manifest.json in the data folder.
    .PARAMETER Restart
    Restart the services that run, so that the new settings count at once. Leave it out while somebody works with them.
    .PARAMETER Force
    Go on although checks failed. Give it when you know better than a check.
    .PARAMETER Undo
    Put the services back exactly as they were recorded. Give it to go back, before Uninstall-Orchestrator, which removes
    services.
    .PARAMETER Manifest
    Path of the manifest that is merged with what was found. Leave it out for what is installed, else the project's own.
    .OUTPUTS
    Orchestrator.InstallChange. One for each thing that changed or, with -WhatIf, would change.
    .EXAMPLE
    Import-OrchestratorService -WhatIf

    Shows which services Orchestrator would take over and what it would change in each.
    .EXAMPLE
    Import-OrchestratorService -Name ComfyUI -As comfyui -Restart

    Takes over the service ComfyUI and restarts it with Orchestrator's settings.
    .EXAMPLE
    Import-OrchestratorService -Undo

    Puts back all services that Orchestrator took over.
    .LINK
    Install-Orchestrator
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Import')]
    [OutputType('Orchestrator.InstallChange')]
    param(
        [Parameter(Position = 0)]
        [ArgumentCompleter({ & (Get-Module Orchestrator) { Use-ModulePart Adopt; Complete-HandMadeService -Word $args[2] } @args })]
        [SupportsWildcards()]
        [ValidateNotNullOrEmpty()]
        [string[]] $Name,

        [Parameter(ParameterSetName = 'Import')]
        [ValidateSet('panel', 'comfyui', 'guardian')]
        [string] $As,

        [Parameter(ParameterSetName = 'Import')]
        [ValidateNotNullOrEmpty()]
        [string] $OutFile,

        [switch] $Restart,

        [Parameter(ParameterSetName = 'Import')]
        [switch] $Force,

        [Parameter(Mandatory, ParameterSetName = 'Undo')]
        [switch] $Undo,

        [string] $Manifest
    )
    Use-ModulePart Adopt
    try {
        if (-not $IsWindows) {
            $data = @{ backend = 'Nssm'; detail = Get-Phrase 'Nssm.WindowsOnly' }
            throw (New-OrchestratorError -Code ORC2012 -Data $data -Target 'Nssm')
        }
        $call = @{ Cmdlet = $PSCmdlet; Name = $Name; Manifest = $Manifest; Restart = $Restart }
        if ($Undo) { Invoke-AdoptionUndo @call } else { Invoke-Adoption @call -As $As -OutFile $OutFile -Force:$Force }
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
