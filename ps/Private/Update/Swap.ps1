# The swap: renames on one volume. The journal is written before the first and says all that is needed to undo them,
# wherever they were interrupted: where a thing lies tells whether its rename was made.

function Write-Journal {
    <#
    .SYNOPSIS
    Notes how far an update is.
    #>
    param([string] $Root, [Collections.IDictionary] $Journal, [string] $Phase)
    $Journal['phase'] = $Phase
    $text = (ConvertTo-Json -InputObject $Journal -Depth 8).Replace("`r`n", "`n") + "`n"
    Write-StateFile -Path (Get-UpdatePath -Root $Root -Name Journal) -Text $text
}

function Read-Journal {
    <#
    .SYNOPSIS
    The journal of an update that was not brought to its end; nothing when there is none.
    #>
    param([string] $Root)
    $keys = 'version', 'phase', 'from', 'to', 'keep', 'old', 'new', 'start', 'must'
    $read = Read-StateFile -Path (Get-UpdatePath -Root $Root -Name Journal) -Require $keys -Fresh
    if ($read.Warning) { Write-Warning $read.Warning }
    if (-not $read.Value) { return }
    $journal = [ordered]@{}
    foreach ($key in $read.Value.Keys) { $journal[$key] = $read.Value[$key] }
    $journal
}

function Remove-Journal {
    <#
    .SYNOPSIS
    Ends an update: its journal and what it needed on the way go.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Root)
    foreach ($name in 'Stage', 'Backup') { Remove-Tree -Path (Get-UpdatePath -Root $Root -Name $name) }
    foreach ($name in 'Result', 'Journal') { [IO.File]::Delete((Get-UpdatePath -Root $Root -Name $name)) }
}

function Remove-Tree {
    <#
    .SYNOPSIS
    Removes a folder; one that cannot be removed now is said and left for the next time.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Path)
    if (-not [IO.Directory]::Exists($Path)) { return }
    try {
        [IO.Directory]::Delete($Path, $true)
    } catch {
        Write-Warning (Get-Phrase 'Update.Left' @{ path = $Path; detail = $_.Exception.GetBaseException().Message })
    }
}

function Move-ReleaseEntry {
    <#
    .SYNOPSIS
    Renames a file or folder. On Windows a virus scanner or a reader may hold it for a moment, so it is tried for ten
    seconds.
    #>
    param([Parameter(Mandatory)][string] $From, [Parameter(Mandatory)][string] $To)
    $deadline = [Environment]::TickCount64 + ($IsWindows ? 10000 : 0)
    while ($true) {
        try {
            if ([IO.Directory]::Exists($From)) { [IO.Directory]::Move($From, $To) } else { [IO.File]::Move($From, $To) }
            return
        } catch [IO.IOException], [UnauthorizedAccessException] {
            # The system's words name neither of the two.
            if ([Environment]::TickCount64 -ge $deadline) {
                throw [IO.IOException]::new("${From}: $($_.Exception.GetBaseException().Message)", $_.Exception)
            }
            [Threading.Thread]::Sleep(200)
        }
    }
}

function Invoke-Swap {
    <#
    .SYNOPSIS
    Moves the old release out and the staged one in, one top-level name after another.
    #>
    param([string] $Root, [Collections.IDictionary] $Journal)
    $keep = [IO.Path]::Combine((Get-UpdatePath -Root $Root -Name Folder), $Journal['keep'])
    $stage = Get-UpdatePath -Root $Root -Name Stage
    [void] [IO.Directory]::CreateDirectory($keep)
    foreach ($name in Get-SwapEntry -Journal $Journal) {
        $here = [IO.Path]::Combine($Root, $name)
        if ($name -in $Journal['old'] -and [IO.Path]::Exists($here)) {
            Move-ReleaseEntry -From $here -To ([IO.Path]::Combine($keep, $name))
        }
        if ($name -in $Journal['new']) { Move-ReleaseEntry -From ([IO.Path]::Combine($stage, $name)) -To $here }
    }
}

function Undo-Swap {
    <#
    .SYNOPSIS
    Takes back whatever renames of a swap were made. Can be repeated.
    #>
    param([string] $Root, [Collections.IDictionary] $Journal)
    $keep = [IO.Path]::Combine((Get-UpdatePath -Root $Root -Name Folder), $Journal['keep'])
    $stage = Get-UpdatePath -Root $Root -Name Stage
    $names = @(Get-SwapEntry -Journal $Journal)
    [array]::Reverse($names)
    foreach ($name in $names) {
        $here = [IO.Path]::Combine($Root, $name)
        $staged = [IO.Path]::Combine($stage, $name)
        $kept = [IO.Path]::Combine($keep, $name)
        $movedIn = $name -in $Journal['new'] -and -not [IO.Path]::Exists($staged) -and
        ($name -notin $Journal['old'] -or [IO.Path]::Exists($kept))
        if ($movedIn -and [IO.Path]::Exists($here)) {
            [void] [IO.Directory]::CreateDirectory($stage)
            Move-ReleaseEntry -From $here -To $staged
        }
        if ([IO.Path]::Exists($kept) -and -not [IO.Path]::Exists($here)) { Move-ReleaseEntry -From $kept -To $here }
    }
    Remove-EmptyFolder -Path $keep
}

function Get-SwapEntry {
    <#
    .SYNOPSIS
    All names that a swap is about, in its order.
    #>
    param([Collections.IDictionary] $Journal)
    @($Journal['old'] | Where-Object { $_ -notin $Journal['new'] }) + @($Journal['new'])
}

function Test-SwapDone {
    <#
    .SYNOPSIS
    Says whether every rename of a swap was made.
    #>
    param([string] $Root, [Collections.IDictionary] $Journal)
    $stage = Get-UpdatePath -Root $Root -Name Stage
    foreach ($name in $Journal['new']) {
        if ([IO.Path]::Exists([IO.Path]::Combine($stage, $name))) { return $false }
        if (-not [IO.Path]::Exists([IO.Path]::Combine($Root, $name))) { return $false }
    }
    $true
}
