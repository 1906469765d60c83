# How Windows programs cut their command line into arguments, and paths of Windows told apart on any system.

function ConvertFrom-CommandLine {
    <#
    .SYNOPSIS
    Cuts a command line into arguments by the rules of Microsoft's C runtime, which Python and Node.js follow.
    .NOTES
    2n backslashes before a quote are n backslashes, one more makes the quote a character; "" inside quotes is one quote.
    #>
    [OutputType([string[]])]
    param([AllowNull()][AllowEmptyString()][string] $Text)
    $current = [Text.StringBuilder]::new()
    $inside = $open = $false
    for ($i = 0; $i -lt $Text.Length; $i++) {
        $letter = $Text[$i]
        if ($letter -eq '\') {
            $count = 0
            while ($i + $count -lt $Text.Length -and $Text[$i + $count] -eq '\') { $count++ }
            $quoted = $i + $count -lt $Text.Length -and $Text[$i + $count] -eq '"'
            [void] $current.Append([char] '\', ($quoted ? [math]::Floor($count / 2) : $count))
            if ($quoted -and $count % 2 -eq 1) {
                [void] $current.Append('"')
                $i++
            }
            $i += $count - 1
            $open = $true
        } elseif ($letter -eq '"') {
            if ($inside -and $i + 1 -lt $Text.Length -and $Text[$i + 1] -eq '"') {
                [void] $current.Append('"')
                $i++
            } else {
                $inside = -not $inside
            }
            $open = $true
        } elseif (-not $inside -and $letter -in ' ', "`t") {
            if ($open) { $current.ToString() }
            [void] $current.Clear()
            $open = $false
        } else {
            [void] $current.Append($letter)
            $open = $true
        }
    }
    if ($open) { $current.ToString() }
}

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
