# The versions that are kept for a return: .versions/<version>, the newest first.

function Get-KeptVersion {
    <#
    .SYNOPSIS
    The kept versions, the one that was replaced last first.
    .OUTPUTS
    Objects with Version and Path.
    #>
    param([string] $Root)
    $folder = [IO.DirectoryInfo]::new((Get-UpdatePath -Root $Root -Name Folder))
    if (-not $folder.Exists) { return }
    foreach ($one in $folder.GetDirectories() | Sort-Object -Property LastWriteTimeUtc -Descending) {
        if ($one.LinkTarget -or -not [IO.File]::Exists([IO.Path]::Combine($one.FullName, 'release.json'))) { continue }
        if ($one.Name -in 'stage', 'backup') { continue }
        [pscustomobject]@{ Version = $one.Name -replace '~\d+$', ''; Path = $one.FullName }
    }
}

function New-KeepName {
    <#
    .SYNOPSIS
    A free name for the version that is replaced.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Root, [string] $Version)
    $name = $Version
    for ($i = 2; [IO.Path]::Exists([IO.Path]::Combine((Get-UpdatePath -Root $Root -Name Folder), $name)); $i++) {
        $name = "$Version~$i"
    }
    $name
}

function Remove-OldVersion {
    <#
    .SYNOPSIS
    Removes kept versions beyond a number, the oldest first.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Root, [int] $Keep)
    foreach ($one in Get-KeptVersion -Root $Root | Select-Object -Skip $Keep) {
        Write-Verbose (Get-Phrase 'Update.Prune' @{ version = $one.Version })
        Remove-Tree -Path $one.Path
    }
}

function Select-KeptVersion {
    <#
    .SYNOPSIS
    The version that was replaced last. Throws ORC2079 when none is kept.
    #>
    param([string] $Root)
    $last = Get-KeptVersion -Root $Root | Select-Object -First 1
    if (-not $last) {
        $data = @{ path = Get-UpdatePath -Root $Root -Name Folder }
        throw (New-OrchestratorError -Code ORC2079 -Data $data -Target $Root)
    }
    $last
}
