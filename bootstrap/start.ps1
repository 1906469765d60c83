# Behind `npm start`: installs what differs, starts everything, waits for health, shows the table.
param(
    [string] $ComfyUIPath,
    [switch] $Attach
)
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'terminal.ps1')
Import-Module (Join-Path $PSScriptRoot '../ps/Orchestrator.psd1')

$install = @{ Backend = 'Embedded' }
if ($ComfyUIPath) { $install.ComfyUIPath = $ComfyUIPath }
if ($Attach) { $install.Attach = $true }
try {
    $null = Install-Orchestrator @install
    # One late answer makes a service suspect for a moment; only what lasts is worth an exit code.
    $deadline = [datetime]::UtcNow.AddSeconds(30)
    do {
        $status = Get-OrchestratorStatus
        $passing = $status.Where({ $_.Health -in 'starting', 'suspect', 'restarting', 'unknown' })
        if ($passing.Count -gt 0) { Start-Sleep -Milliseconds 500 }
    } while ($passing.Count -gt 0 -and [datetime]::UtcNow -lt $deadline)
} catch {
    Write-Fault $_
    exit 1
}
Write-Status $status
$panel = $status.Where({ $_.Id -eq 'panel' })[0]
if ($panel.Address) {
    [Console]::Out.WriteLine("`nPanel:  $($panel.Address -replace '//127\.0\.0\.1', '//localhost')")
    [Console]::Out.WriteLine('Status: npm run status    Stop: npm stop')
}
exit ($status.Where({ $_.Health -notin 'healthy', 'skipped' }).Count -gt 0 ? 1 : 0)
