function Uninstall-Orchestrator {
    <#
    .SYNOPSIS
    Stops all services and removes the installation.
    .DESCRIPTION
    Stops the services in reverse order, makes the backend forget them, and removes the state: run files, locks,
    desired.json and the installed copy of the manifest. Logs, history and incidents stay, unless -Purge is given. With
    nothing installed it says so and does nothing.
    .PARAMETER Purge
    Remove logs, history and incidents too. Give it to leave no trace. It asks first, unless -Force is given.
    .PARAMETER Force
    Do not ask. Give it in scripts, with -Purge.
    .PARAMETER Manifest
    Path of the manifest. Give it when several installations are on one machine.
    .OUTPUTS
    Orchestrator.InstallChange. One for each thing that was removed.
    .EXAMPLE
    Uninstall-Orchestrator

    Removes the services and keeps their logs.
    .EXAMPLE
    Uninstall-Orchestrator -Purge -Force

    Removes everything without asking.
    .LINK
    Install-Orchestrator
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('Orchestrator.InstallChange')]
    param(
        [switch] $Purge,

        [switch] $Force,

        [string] $Manifest
    )
    Use-ModulePart Install
    try {
        $context = Get-OrchestratorContext -Manifest $Manifest
        if (-not $context.Installed) {
            $data = @{ path = Get-StatePath -Data $context.Data -Kind Manifest }
            Write-Warning (Get-ErrorLine -Code ORC2016 -Data $data)
            return
        }
        $adopted = [IO.Path]::Combine($context.Data, 'adopted')
        if ([IO.Directory]::Exists($adopted)) {
            $names = [IO.Directory]::GetFiles($adopted, '*.json') | ForEach-Object { [IO.Path]::GetFileNameWithoutExtension($_) }
            if ($names) { Write-Warning (Get-Phrase 'Adopt.UninstallHint' @{ services = ($names -join ', ') }) }
        }
        if (-not $PSCmdlet.ShouldProcess($context.Data, (Get-Phrase 'Action.Uninstall'))) { return }
        if ($Purge -and -not $Force) {
            $question = Get-Phrase 'Uninstall.Question' @{ data = $context.Data; logs = $context.Logs }
            if (-not $PSCmdlet.ShouldContinue($question, (Get-Phrase 'Action.Uninstall'))) { return }
        }
        $lock = Enter-InstallLock -Context $context
        try {
            Remove-Installation -Cmdlet $PSCmdlet -Context $context -Purge:$Purge -Lock $lock
        } finally {
            $lock.Dispose()
        }
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
