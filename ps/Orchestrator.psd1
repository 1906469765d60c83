@{
    RootModule           = 'Orchestrator.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '6f5a3d0e-3d53-4a8e-9a55-5c6c1c9f2c41'
    Author               = 'Orchestrator contributors'
    CompanyName          = 'Orchestrator contributors'
    Copyright            = 'MIT license'
    Description          = 'Installs and runs ComfyUI and FLUX as a supervised, self-healing set of services.'
    PowerShellVersion    = '5.1'
    FormatsToProcess     = @('Orchestrator.Format.ps1xml')
    FunctionsToExport    = @(
        'Clear-OrchestratorLog'
        'Get-OrchestratorLog'
        'Get-OrchestratorManifest'
        'Get-OrchestratorStatus'
        'Import-OrchestratorService'
        'Install-Orchestrator'
        'Restart-Orchestrator'
        'Set-OrchestratorSecret'
        'Start-Orchestrator'
        'Stop-Orchestrator'
        'Sync-OrchestratorService'
        'Test-Orchestrator'
        'Test-OrchestratorManifest'
        'Uninstall-Orchestrator'
    )
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
}
