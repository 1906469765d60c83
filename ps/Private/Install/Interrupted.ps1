$script:InUpdate = $false

function Resolve-InterruptedUpdate {
    <#
    .SYNOPSIS
    Before an installation: ends an update that was interrupted, so that what is installed is whole.
    #>
    param([Parameter(Mandatory)][Management.Automation.PSCmdlet] $Cmdlet)
    $root = Get-UpdateRoot
    if ($script:InUpdate -or -not [IO.File]::Exists([IO.Path]::Combine($root, '.versions', 'update.json'))) { return }
    if ($WhatIfPreference) {
        Write-Warning (Get-ErrorLine -Code ORC2080 -Data @{ done = (Get-Phrase 'Update.Open') })
        return
    }
    Use-ModulePart Update
    $moved = $root -ne $script:ProjectRoot
    $session = Enter-UpdateSession -Root $root
    try {
        Resolve-OpenUpdate -Cmdlet $Cmdlet -Root $root -NoStart:(-not $moved)
    } finally {
        $session.Dispose()
    }
    if ($moved) { throw (New-OrchestratorError -Code ORC2080 -Data @{ done = Get-Phrase 'Update.Moved' @{ root = $root } }) }
}

function Get-UpdateRoot {
    <#
    .SYNOPSIS
    The folder of the installation. A module that runs from a kept version, since its own was on the way when an update
    was interrupted, means the one above it.
    #>
    $parent = [IO.DirectoryInfo]::new($script:ProjectRoot).Parent
    if ($parent -and $parent.Name -eq '.versions' -and [IO.File]::Exists([IO.Path]::Combine($parent.FullName, 'update.json'))) {
        return $parent.Parent.FullName
    }
    $script:ProjectRoot
}
