# Behind `npm run status`. Exit code 0 when all is as desired, 1 otherwise.
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'terminal.ps1')
Import-Module (Join-Path $PSScriptRoot '../ps/Orchestrator.psd1')
try {
    $status = Get-OrchestratorStatus
} catch {
    Write-Fault $_
    exit 1
}
Write-Status $status
exit ($status.Where({ $_.Health -notin 'healthy', 'stopped', 'skipped' }).Count -gt 0 ? 1 : 0)
