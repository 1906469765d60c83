# Runs the Pester tests. Exit code 1 when one failed or none ran; with CI=true also when one was left out.
param(
    # Files or folders; all tests when left out.
    [string[]] $Path = @($PSScriptRoot),
    # Only tests with one of these tags.
    [string[]] $Tag = @(),
    # Where to write the figures as JSON.
    [string] $Report
)
$ErrorActionPreference = 'Stop'
$version = '6.2.0'

function Import-Pester {
    $installed = Get-Module -ListAvailable -Name Pester | Where-Object Version -eq $version | Select-Object -First 1
    if ($installed) {
        Import-Module $installed.Path
        return
    }
    $packages = $env:NUGET_PACKAGES ? $env:NUGET_PACKAGES : [IO.Path]::Combine($HOME, '.nuget', 'packages')
    $module = [IO.Path]::Combine($packages, 'pester', $version, 'tools', 'Pester.psd1')
    if (-not (Test-Path -LiteralPath $module)) {
        Write-Output 'Pester is not there: it is restored from NuGet.'
        dotnet restore ([IO.Path]::Combine($PSScriptRoot, 'packages', 'packages.csproj')) --verbosity quiet
        if ($LASTEXITCODE -ne 0) { throw 'dotnet restore failed.' }
    }
    Import-Module $module
}

Import-Pester
# Tests look inside the module, where a part would otherwise be missing until a cmdlet asks for it.
$env:ORCHESTRATOR_LOAD = 'all'
$env:ORCHESTRATOR_LANG = 'en'

# `pwsh -File` gives a list as one text.
$Path = $Path -split ','
$Tag = $Tag -split ',' | Where-Object { $_ }

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Run.Exit = $false
if ($Tag) { $configuration.Filter.Tag = $Tag }
# What another system alone can show is left out, not skipped.
if ($IsWindows) { $configuration.Filter.ExcludeTag = 'Unix' }
$configuration.Output.Verbosity = 'Normal'
$result = Invoke-Pester -Configuration $configuration
if (-not $result) {
    Write-Output '0 passed, 1 failed, 0 skipped'
    exit 1
}

$skipped = $result.SkippedCount + $result.InconclusiveCount
# A file that could not be read, or a block whose set-up broke, is a failure too.
$failed = $result.FailedCount + $result.FailedContainersCount + $result.FailedBlocksCount
if ($Report) {
    @{ passed = $result.PassedCount; failed = $failed; skipped = $skipped } | ConvertTo-Json | Set-Content -LiteralPath $Report
}
Write-Output "$($result.PassedCount) passed, $failed failed, $skipped skipped"
$strict = $env:CI -eq 'true' -and $skipped -gt 0
exit ($failed -gt 0 -or $result.PassedCount -eq 0 -or $strict ? 1 : 0)
