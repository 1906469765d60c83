function Update-Orchestrator {
    <#
    .SYNOPSIS
    Replaces this installation by another release, and returns to the old one by itself when that does not work.
    .DESCRIPTION
    First checks the release: every file against its list, the platform, the version, the room on the disk. Until then
    nothing is touched. Then stops the services, swaps the files by renames, and has the new version install and start
    itself in a PowerShell of its own. When a service that was healthy before does not become healthy again within its
    time, everything is taken back, the old version is started, and an error says what failed.

    A service that was stopped stays stopped. .env.local, .orchestrator, the state and the logs are not touched;
    manifests below deploy/ that you changed are taken along. The old version is kept in .versions for -Rollback.

    An update that was interrupted is finished or undone by the next Update-Orchestrator or Install-Orchestrator.
    .PARAMETER Path
    The release: the zip as it was downloaded, or the folder it was unpacked to.
    .PARAMETER Rollback
    Go back to the version that was replaced last. Give it when a new version runs but does not do what you need.
    .PARAMETER Keep
    How many replaced versions to keep. Give more when you want to be able to go further back.
    .PARAMETER Force
    Install a release of the same version once more. Give it to repair files that were changed or lost.
    .PARAMETER Manifest
    Path of the manifest. Give it when several installations are on one machine.
    .OUTPUTS
    Orchestrator.Update. From, To, Kept (versions to go back to) and Services (Id, Health, Reason).
    .EXAMPLE
    Update-Orchestrator ~/Downloads/orchestrator-0.2.0-win-x64.zip

    Updates this Orchestrator and waits until all that ran is healthy again.
    .EXAMPLE
    Update-Orchestrator ./orchestrator-0.2.0-win-x64.zip -WhatIf

    Checks the release and changes nothing.
    .EXAMPLE
    Update-Orchestrator -Rollback

    Returns to the version before.
    .LINK
    Install-Orchestrator
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Path')]
    [OutputType('Orchestrator.Update')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Path')]
        [ValidateNotNullOrEmpty()]
        [string] $Path,

        [Parameter(Mandatory, ParameterSetName = 'Rollback')]
        [switch] $Rollback,

        [ValidateRange(1, 20)]
        [int] $Keep = 2,

        [Parameter(ParameterSetName = 'Path')]
        [switch] $Force,

        [string] $Manifest
    )
    Use-ModulePart Update
    $release = $session = $null
    try {
        Assert-UpdateCaller
        $root = Get-UpdateRoot
        $session = Enter-UpdateSession -Root $root
        $moved = $root -ne $script:ProjectRoot
        if (-not $WhatIfPreference) { Resolve-OpenUpdate -Cmdlet $PSCmdlet -Root $root }
        if ($moved) { return Write-Warning (Get-Phrase 'Update.Moved' @{ root = $root }) }
        $old = Read-InstalledRelease -Root $root
        $kept = if ($Rollback) { Select-KeptVersion -Root $root }
        $release = Open-Release -Path ($kept ? $kept.Path : $Path)
        Assert-Update -Release $release -Old $old -Root $root -Force:($Force -or $Rollback)
        Test-ReleaseContent -Release $release -Except ($Rollback ? 'deploy/' : '')
        if (-not $Rollback) { Assert-UpdateRoom -Release $release -Root $root }
        $context = Get-InstalledContext -Manifest $Manifest
        $action = Get-Phrase 'Update.Action' @{ from = $old['version']; to = $release.Info['version'] }
        if (-not $PSCmdlet.ShouldProcess($root, $action)) { return }
        $stage = @{ Root = $root; Release = $release; Old = $old }
        if ($kept) { Set-StageFromKept @stage } else { Set-StageFromRelease @stage }
        $update = @{ Cmdlet = $PSCmdlet; Root = $root; Context = $context; Old = $old; New = $release.Info }
        $services = @(Invoke-Update @update -Source ($kept ? [IO.Path]::GetFileName($kept.Path) : ''))
        Remove-OldVersion -Root $root -Keep $Keep
        New-UpdateResult -Root $root -Old $old -New $release.Info -Service $services
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    } finally {
        Write-UpdateProgress -Done
        Close-Release -Release $release
        if ($session) { $session.Dispose() }
    }
}
