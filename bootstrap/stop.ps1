# Behind `npm stop`: stops every service, the last one first.
param([switch] $Quiet)
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'terminal.ps1')
Import-Module (Join-Path $PSScriptRoot '../ps/Orchestrator.psd1')
try {
    $status = Stop-Orchestrator
} catch {
    Write-Fault $_
    exit 1
}
if (-not $Quiet) { Write-Status $status }
exit ($status.Where({ $_.State -notin 'Stopped', 'External', 'Skipped' }).Count -gt 0 ? 1 : 0)
