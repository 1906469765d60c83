# Before anything that runs is touched: what is installed, what would be, and the new files beside the old ones.

function Get-UpdatePath {
    <#
    .SYNOPSIS
    Where the files of an update lie, all on the volume of the installation.
    #>
    param([string] $Root, [string] $Name)
    $folder = [IO.Path]::Combine($Root, '.versions')
    switch ($Name) {
        'Folder' { return $folder }
        'Stage' { return [IO.Path]::Combine($folder, 'stage') }
        'Journal' { return [IO.Path]::Combine($folder, 'update.json') }
        'Lock' { return [IO.Path]::Combine($folder, 'update.lock') }
        'Backup' { return [IO.Path]::Combine($folder, 'backup') }
        'Result' { return [IO.Path]::Combine($folder, 'result.json') }
    }
}

function Read-InstalledRelease {
    <#
    .SYNOPSIS
    What release.json says of the installation. Throws ORC2074 in a checkout, which has none.
    #>
    param([string] $Root)
    if (-not [IO.File]::Exists([IO.Path]::Combine($Root, 'release.json'))) {
        throw (New-OrchestratorError -Code ORC2074 -Data @{ path = $Root } -Target $Root)
    }
    Read-ReleaseInfo -Release ([pscustomobject]@{ Path = $Root; Zip = $null })
}

function Assert-Update {
    <#
    .SYNOPSIS
    Throws when a release does not fit this installation: wrong platform, same version, no room, something in the way.
    #>
    param([object] $Release, [Collections.IDictionary] $Old, [string] $Root, [switch] $Force)
    $new = $Release.Info
    if ($new['platform'] -cne $Old['platform']) {
        $data = @{ path = $Release.Path; platform = $new['platform']; installed = $Old['platform'] }
        throw (New-OrchestratorError -Code ORC2072 -Data $data -Target $Release.Path)
    }
    if ($new['version'] -ceq $Old['version'] -and -not $Force) {
        throw (New-OrchestratorError -Code ORC2073 -Data @{ version = $Old['version'] } -Target $Release.Path)
    }
    $names = Get-ReleaseEntry -Info $Old
    foreach ($name in Get-ReleaseEntry -Info $new) {
        if ($name -in $names -or -not [IO.Path]::Exists([IO.Path]::Combine($Root, $name))) { continue }
        throw (New-ReleaseError -Path $Release.Path -Detail (Get-Phrase 'Release.InTheWay' @{ name = $name; root = $Root }))
    }
    $fault = Get-FolderFault -Path $Root
    if ($fault) { throw (New-OrchestratorError -Code ORC2009 -Data @{ path = $Root; detail = $fault } -Target $Root) }
}

function Assert-UpdateRoom {
    <#
    .SYNOPSIS
    Throws ORC2075 when the new files do not fit beside the old ones.
    #>
    param([object] $Release, [string] $Root)
    $needed = 64MB + ($Release.Files | ForEach-Object { $_['size'] } | Measure-Object -Sum).Sum
    $volume = if ($IsWindows) { [IO.Path]::GetPathRoot($Root) } else { $Root }
    try { $free = [IO.DriveInfo]::new($volume).AvailableFreeSpace } catch { return }
    if ($free -ge $needed) { return }
    $data = @{ path = $Root; needed = (Format-Size $needed); free = (Format-Size $free) }
    throw (New-OrchestratorError -Code ORC2075 -Data $data -Target $Root)
}

function Get-ReleaseEntry {
    <#
    .SYNOPSIS
    The top-level names of a release, in the order of the swap. The module goes last: while it is the old one, it can undo
    the rest; before it the file that says which version this is.
    #>
    param([Collections.IDictionary] $Info)
    $names = [Collections.Generic.SortedSet[string]]::new([StringComparer]::Ordinal)
    foreach ($file in $Info['files']) { [void] $names.Add($file['path'].Split('/')[0]) }
    foreach ($last in 'release.json', 'ps') { [void] $names.Remove($last) }
    @($names; 'release.json'; 'ps')
}

function Expand-Release {
    <#
    .SYNOPSIS
    Writes the files of a release into the stage, each held against the list once more.
    #>
    param([object] $Release, [string] $Stage)
    if ([IO.Directory]::Exists($Stage)) { [IO.Directory]::Delete($Stage, $true) }
    $done = 0
    foreach ($file in $Release.Files) {
        Write-UpdateProgress -Step (Get-Phrase 'Update.Unpack') -Percent ([int] (100 * $done++ / $Release.Files.Count))
        $to = [IO.Path]::Combine($Stage, $file['path'])
        [void] [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($to))
        Copy-ReleaseFile -Release $Release -File $file -To $to
        # The one program; a zip that was made elsewhere may not say so.
        if (-not $IsWindows -and $file['path'].StartsWith('.runtime/') -and $file['path'].EndsWith('/bin/node')) {
            [IO.File]::SetUnixFileMode($to, [IO.UnixFileMode]'UserRead, UserWrite, UserExecute, GroupRead, GroupExecute, OtherRead, OtherExecute')
        }
    }
    $text = (ConvertTo-Json -InputObject $Release.Info -Depth 8).Replace("`r`n", "`n") + "`n"
    [IO.File]::WriteAllText([IO.Path]::Combine($Stage, 'release.json'), $text)
}

function Copy-OwnFile {
    <#
    .SYNOPSIS
    Takes manifests that a user changed or added below deploy/ along. The release's own version of a changed one lies
    beside it as <name>.new.
    #>
    param([string] $Root, [string] $Stage, [Collections.IDictionary] $Old)
    $folder = [IO.Path]::Combine($Root, 'deploy')
    if (-not [IO.Directory]::Exists($folder)) { return }
    $known = @{}
    foreach ($file in $Old['files']) { $known[$file['path']] = $file['sha256'] }
    foreach ($file in [IO.Directory]::EnumerateFiles($folder, '*', [IO.SearchOption]::AllDirectories)) {
        $name = [IO.Path]::GetRelativePath($Root, $file).Replace('\', '/')
        if ($name.EndsWith('.new') -or [IO.FileInfo]::new($file).LinkTarget) { continue }
        $hash = (Get-FileHash -LiteralPath $file -Algorithm SHA256).Hash
        if ($known[$name] -eq $hash) { continue }
        $to = [IO.Path]::Combine($Stage, $name)
        [void] [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($to))
        if ([IO.File]::Exists($to)) {
            if ((Get-FileHash -LiteralPath $to -Algorithm SHA256).Hash -eq $hash) { continue }
            [IO.File]::Move($to, "$to.new", $true)
            Write-Warning (Get-Phrase 'Update.Kept' @{ file = $name })
        }
        [IO.File]::Copy($file, $to)
    }
}

function Write-UpdateProgress {
    <#
    .SYNOPSIS
    Shows which step an update is at.
    #>
    param([string] $Step, [int] $Percent = -1, [switch] $Done)
    $activity = Get-Phrase 'Action.Update'
    if ($Done) { return Write-Progress -Id 30 -Activity $activity -Completed }
    Write-Progress -Id 30 -Activity $activity -Status $Step -PercentComplete $Percent
}

function Set-StageFromRelease {
    <#
    .SYNOPSIS
    Fills the stage with the files of a release and with the user's own manifests. What was written of one that turns out
    to be broken is removed.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Root, [object] $Release, [Collections.IDictionary] $Old)
    $stage = Get-UpdatePath -Root $Root -Name Stage
    try {
        Expand-Release -Release $Release -Stage $stage
        Copy-OwnFile -Root $Root -Stage $stage -Old $Old
    } catch {
        Remove-Tree -Path $stage
        throw
    } finally {
        Close-Release -Release $Release
    }
}

function Set-StageFromKept {
    <#
    .SYNOPSIS
    Makes a kept version the stage, with the user's manifests as they are now.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Root, [object] $Release, [Collections.IDictionary] $Old)
    $stage = Get-UpdatePath -Root $Root -Name Stage
    Remove-Tree -Path $stage
    Move-ReleaseEntry -From $Release.Path -To $stage
    try {
        Copy-OwnFile -Root $Root -Stage $stage -Old $Old
    } catch {
        Move-ReleaseEntry -From $stage -To $Release.Path
        throw
    }
}

function New-UpdateResult {
    <#
    .SYNOPSIS
    What Update-Orchestrator returns. Also reminds that this session has the old cmdlets.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Root, [Collections.IDictionary] $Old, [Collections.IDictionary] $New, [AllowEmptyCollection()][object[]] $Service)
    if ($Old['version'] -cne $New['version']) { Write-Warning (Get-Phrase 'Update.Reload' @{ version = $Old['version'] }) }
    [pscustomobject]@{
        PSTypeName = 'Orchestrator.Update'
        From       = $Old['version']
        To         = $New['version']
        Kept       = @(Get-KeptVersion -Root $Root | ForEach-Object { $_.Version })
        Services   = $Service
    }
}
