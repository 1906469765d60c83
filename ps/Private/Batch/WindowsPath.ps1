# Paths of Windows, told apart on any system.

function Get-WindowsLeaf {
    <#
    .SYNOPSIS
    The last part of a Windows path.
    #>
    param([AllowNull()][AllowEmptyString()][string] $Path)
    ($Path.TrimEnd('\', '/') -split '[\\/]')[-1]
}

function Get-WindowsParent {
    <#
    .SYNOPSIS
    The folder of a Windows path, without a separator at its end; empty when the path names none.
    #>
    param([AllowNull()][AllowEmptyString()][string] $Path)
    $plain = $Path.TrimEnd('\', '/')
    $at = $plain.LastIndexOfAny([char[]] '\/')
    if ($at -lt 0) { return '' }
    $parent = $plain.Substring(0, $at)
    # The root of a drive keeps its separator: C: alone means the folder that is current there.
    if ($parent -match '^[A-Za-z]:$') { "$parent\" } else { $parent }
}

function Join-WindowsPath {
    <#
    .SYNOPSIS
    A path as seen from a folder, with . and .. taken out. The folder's kind decides the separator, so it works on any
    system.
    #>
    param([AllowEmptyString()][string] $Folder, [Parameter(Mandatory)][AllowEmptyString()][string] $Path)
    $rooted = $Path -match '^([A-Za-z]:[\\/]|[\\/])'
    $full = if ($rooted -or -not $Folder) { $Path } else { "$($Folder.TrimEnd('\', '/'))\$Path" }
    if ($full -notmatch '^([A-Za-z]:[\\/]|\\\\)') {
        $mend = if ($full.StartsWith('/')) { $full.Replace('\', '/') } else { $full }
        return $mend -replace '(?<=^|[\\/])\.[\\/]', ''
    }
    $parts = [Collections.Generic.List[string]]::new()
    $unc = $full.StartsWith('\\')
    foreach ($part in ($full -split '[\\/]+')) {
        if ($part -eq '' -or $part -eq '.') { continue }
        if ($part -eq '..') {
            if ($parts.Count -gt 1) { $parts.RemoveAt($parts.Count - 1) }
            continue
        }
        $parts.Add($part)
    }
    $joined = ($unc ? '\\' : '') + ($parts -join '\')
    if ($joined -match '^[A-Za-z]:$') { "$joined\" } else { $joined }
}
