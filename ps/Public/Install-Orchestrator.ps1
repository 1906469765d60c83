function Install-Orchestrator {
    <#
    .SYNOPSIS
    Installs the services of a manifest, or changes what differs, and starts them.
    .DESCRIPTION
    First checks everything: the manifest, that all parts are built, Node.js, folders, ports, disk, ComfyUI. When
    anything fails, one report names all of it and nothing is touched.

    Then compares with what is installed, changes only the differences and shows them. A running service whose definition
    changed is restarted; one that is no longer in the manifest is stopped and removed. A second run changes nothing.

    At last starts every service whose start type is not disabled, in order, and waits until each is healthy.

    PORT, HOSTNAME, COMFY_URL, LOG_LEVEL and NODE_ENV override the manifest, from the environment or from .env.local; the
    parameters override these.
    .PARAMETER Backend
    How services run. Embedded needs no rights and works on every system; Nssm makes Windows services. Leave it out to
    take what the manifest says.
    .PARAMETER ComfyUIPath
    Your own ComfyUI: the folder with main.py, the portable one that holds python_embeded, the folder above either, or the
    batch file that starts it. Give it to run that instead of the demo; flags in run_nvidia_gpu.bat are kept.
    .PARAMETER Attach
    Use the ComfyUI that already answers at the manifest's address. It is watched and used, never started or stopped.
    .PARAMETER LogPath
    Folder for the logs. Give it when the manifest's folder does not exist on this machine.
    .PARAMETER DataPath
    Folder for the state. Give it to keep several installations apart; the other cmdlets then need -Manifest or
    ORCHESTRATOR_MANIFEST.
    .PARAMETER AddToModulePath
    Put the module where every new PowerShell session finds it, by a link to this folder. With the Nssm backend that is
    always done; give it to have it with the Embedded one too. Uninstall-Orchestrator takes it away.
    .PARAMETER NssmPath
    The nssm.exe to make Windows services with, or its folder. Give it when it lies in none of the usual places. The
    services refer to that file for good: it must not be moved or deleted.
    .PARAMETER Credential
    The account that the Windows services run as. Give it when ComfyUI must reach files on the network, or must not have
    the rights of LocalSystem, which is what they run as otherwise. The account needs write access to the folders for
    state and logs.
    .PARAMETER NoStart
    Do not start what does not run. Give it to look at the installation first.
    .PARAMETER PassThru
    Also return the status of all services at the end. Give it in scripts that go on with it.
    .PARAMETER Force
    Go on although checks failed, except with a manifest that cannot be used. Give it when you know better than a check.
    .PARAMETER Manifest
    Path of the manifest to install. Leave it out for the one that comes with the project.
    .OUTPUTS
    Orchestrator.InstallChange. One for each parameter that differed and each service that was started; a single one with
    Action "none" when nothing was to be changed.
    .OUTPUTS
    Orchestrator.ServiceStatus. One for each service, with -PassThru.
    .EXAMPLE
    Install-Orchestrator -Backend Embedded

    Runs everything on this machine without any rights, with the demo ComfyUI.
    .EXAMPLE
    Install-Orchestrator -ComfyUIPath ~/ComfyUI -WhatIf

    Shows what would change if your own ComfyUI were run, and changes nothing.
    .LINK
    Uninstall-Orchestrator
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Manifest')]
    [OutputType('Orchestrator.InstallChange', 'Orchestrator.ServiceStatus')]
    param(
        [ValidateSet('Embedded', 'Nssm')]
        [string] $Backend,

        [Parameter(Mandatory, ParameterSetName = 'ComfyUIPath')]
        [ValidateNotNullOrEmpty()]
        [string] $ComfyUIPath,

        [Parameter(Mandatory, ParameterSetName = 'Attach')]
        [switch] $Attach,

        [ValidateNotNullOrEmpty()]
        [string] $LogPath,

        [ValidateNotNullOrEmpty()]
        [string] $DataPath,

        [switch] $AddToModulePath,

        [ValidateNotNullOrEmpty()]
        [string] $NssmPath,

        [ValidateNotNull()]
        [pscredential] $Credential,

        [switch] $NoStart,

        [switch] $PassThru,

        [switch] $Force,

        [string] $Manifest
    )
    Use-ModulePart Install
    try {
        if ($NssmPath) {
            Use-ModulePart Nssm
            Set-NssmPath -Path $NssmPath
        }
        $request = @{
            Backend = $Backend; ComfyUIPath = $ComfyUIPath; Attach = [bool] $Attach; LogPath = $LogPath; DataPath = $DataPath
            AddToModulePath = [bool] $AddToModulePath; NssmPath = $NssmPath
        }
        Resolve-InterruptedUpdate -Cmdlet $PSCmdlet
        $plan = New-InstallPlan -Source (Resolve-SourceManifest -Path $Manifest -Backend $Backend) -Request $request
        if ($Credential) { $plan.Context | Add-Member -NotePropertyName Account -NotePropertyValue $Credential }
        Assert-InstallPlan -Plan $plan -Force:$Force
        $old = Read-Installation -Context $plan.Context
        $changes = @(Compare-Installation -Old $old -New $plan.Context; if ($plan.Module) { Compare-ModulePlace })
        $restarts = @(Get-RestartChange -Context $plan.Context -Old $old -Change $changes)
        if ($changes) { $changes } else { New-InstallChange -Target 'orchestrator' -Property 'manifest' -Action none }
        $restarts
        if (-not $PSCmdlet.ShouldProcess($plan.Context.ManifestPath, (Get-Phrase 'Action.Install'))) { return }
        $work = @{ Cmdlet = $PSCmdlet; Context = $plan.Context; Old = $old; Restart = @($restarts.Target) }
        if ($plan.Moved) {
            Write-Warning (Get-Phrase 'Install.Elsewhere' @{ data = $plan.Context.Data; path = $plan.Context.ManifestPath })
        }
        $lock = Enter-InstallLock -Context $plan.Context
        try {
            if (Test-WindowsService -Context $plan.Context) {
                Use-ModulePart Adopt
                Save-HandMadeState -Context $plan.Context -Known $old.Services.serviceName
            }
            Set-Installation @work -NoStart:$NoStart -Module:$plan.Module -Request $request
        } finally {
            $lock.Dispose()
        }
        if ($PassThru) { Get-ServiceStatus -Context $plan.Context -Service $plan.Context.Services }
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
