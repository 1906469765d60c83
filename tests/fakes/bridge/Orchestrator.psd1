@{
    RootModule        = 'Orchestrator.psm1'
    ModuleVersion     = '0.0.1'
    GUID              = '0a5d3f0e-7a3c-4c51-9f0e-2f6f7f6f0b11'
    Description       = 'Stands in for the module in tests of the bridge; the bridge in it is the real one.'
    FunctionsToExport = @(
        'Get-FakeEcho', 'Start-FakeSleep', 'Set-FakeMark', 'Start-FakeChild', 'Write-FakeStream', 'Invoke-FakeError', 'Set-FakeSession',
        'Get-FakeSession', 'Write-FakeNoise', 'Get-FakeLarge', 'Get-FakeShape', 'Get-FakeHidden'
    )
    CmdletsToExport   = @()
    VariablesToExport = @()
    AliasesToExport   = @()
}
