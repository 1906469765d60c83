# A release: a zip or an unpacked folder with release.json, which names every file with its size and SHA-256.

# These are the installation's own or the user's; a release that names one would overwrite it.
$script:ReservedEntries = '.versions', '.orchestrator', '.env.local'
$script:NeededFiles = 'package.json', 'ps/Orchestrator.psd1', 'ps/Orchestrator.psm1'
$script:ReleaseListLimit = 8MB

function Open-Release {
    <#
    .SYNOPSIS
    Opens a release and reads its list of files. Throws ORC2070 for one that is none, ORC2071 for one with unsafe paths.
    .OUTPUTS
    An object with Path, Info (release.json), Files, Zip and Stream (null for a folder). Hand it to Close-Release.
    #>
    param([Parameter(Mandatory)][string] $Path)
    $full = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
    $release = [pscustomobject]@{ Path = $full; Info = $null; Files = @(); Zip = $null; Stream = $null }
    if (-not [IO.Path]::Exists($full)) { throw (New-ReleaseError -Path $full -Detail (Get-Phrase 'Release.NoFile')) }
    try {
        if (-not [IO.Directory]::Exists($full)) { Open-ReleaseZip -Release $release }
        $release.Info = Read-ReleaseInfo -Release $release
        $release.Files = @($release.Info['files'])
        Assert-ReleasePath -Release $release
        $release
    } catch {
        Close-Release -Release $release
        throw
    }
}

function Close-Release {
    <#
    .SYNOPSIS
    Closes the zip of a release.
    #>
    param([AllowNull()][object] $Release)
    if ($Release.Zip) { $Release.Zip.Dispose() }
    if ($Release.Stream) { $Release.Stream.Dispose() }
}

function Open-ReleaseZip {
    <#
    .SYNOPSIS
    Opens the zip. It stays open, so that nobody changes it between the check and the unpacking.
    #>
    param([object] $Release)
    try {
        $Release.Stream = [IO.FileStream]::new($Release.Path, 'Open', 'Read', 'Read')
        $Release.Zip = [IO.Compression.ZipArchive]::new($Release.Stream, 'Read')
        [void] $Release.Zip.Entries.Count
    } catch {
        $detail = Get-Phrase 'Release.NotZip' @{ detail = $_.Exception.GetBaseException().Message }
        throw (New-ReleaseError -Path $Release.Path -Detail $detail)
    }
}

function Read-ReleaseInfo {
    <#
    .SYNOPSIS
    Reads and judges release.json.
    #>
    param([object] $Release)
    $stream = Open-ReleaseFile -Release $Release -Name 'release.json'
    try {
        $text = [IO.StreamReader]::new($stream).ReadToEnd()
        if ($text.Length -gt $script:ReleaseListLimit) { throw 'too long' }
        $info = ConvertFrom-Json -InputObject $text -AsHashtable -DateKind String -Depth 8
    } catch {
        throw (New-ReleaseError -Path $Release.Path -Detail (Get-Phrase 'Release.BadList'))
    } finally {
        $stream.Dispose()
    }
    $right = $info -is [Collections.IDictionary] -and $info['format'] -eq 1 -and $info['name'] -eq 'orchestrator' -and
    "$($info['version'])" -match '\A\d{1,6}\.\d{1,6}\.\d{1,6}(-[0-9A-Za-z.-]{1,40})?\z' -and
    "$($info['platform'])" -match '\A[a-z0-9-]{1,32}\z' -and $info['files'] -is [array]
    if ($right) {
        foreach ($file in $info['files']) {
            $right = $right -and $file -is [Collections.IDictionary] -and $file['path'] -is [string] -and
            $file['size'] -is [long] -and $file['size'] -ge 0 -and "$($file['sha256'])" -match '\A[0-9a-f]{64}\z'
        }
    }
    if (-not $right) { throw (New-ReleaseError -Path $Release.Path -Detail (Get-Phrase 'Release.BadList')) }
    $info
}

function Assert-ReleasePath {
    <#
    .SYNOPSIS
    Refuses a release with a path that leads out of its folder or to what is the user's, or with a file that its list
    does not name.
    #>
    param([object] $Release)
    $named = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    [void] $named.Add('release.json')
    foreach ($file in $Release.Files) {
        $path = $file['path']
        if (-not (Test-SafePath -Path $path) -or -not $named.Add($path)) { throw (New-UnsafeError -Release $Release -Name $path) }
    }
    foreach ($needed in $script:NeededFiles) {
        if (-not $named.Contains($needed)) {
            throw (New-ReleaseError -Path $Release.Path -Detail (Get-Phrase 'Release.Lacks' @{ file = $needed }))
        }
    }
    if (-not $Release.Zip) { return }
    $seen = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    foreach ($entry in $Release.Zip.Entries) {
        $name = $entry.FullName
        # The high half holds the mode of Unix; 0xA000 is a symbolic link.
        $isLink = (($entry.ExternalAttributes -shr 16) -band 0xF000) -eq 0xA000
        $isFolder = $name.EndsWith('/') -and $entry.Length -eq 0
        if ($isFolder) { $name = $name.TrimEnd('/') }
        if ($isLink -or -not (Test-SafePath -Path $name) -or -not $seen.Add($name) -or -not ($isFolder -or $named.Contains($name))) {
            throw (New-UnsafeError -Release $Release -Name $entry.FullName)
        }
    }
}

function Test-SafePath {
    <#
    .SYNOPSIS
    Says whether a path stays below its folder on every system: plain names with / between them.
    #>
    param([string] $Path)
    if ($Path.Length -eq 0 -or $Path.Length -gt 200 -or $Path -match '[\x00-\x1f\\:*?"<>|]') { return $false }
    foreach ($name in $Path.Split('/')) {
        if ($name -in '', '.', '..' -or $name -match '[. ]\z|\A(con|prn|aux|nul|com\d|lpt\d)(\.|\z)') { return $false }
    }
    $Path.Split('/')[0] -notin $script:ReservedEntries
}

function Open-ReleaseFile {
    <#
    .SYNOPSIS
    Opens one file of a release for reading.
    #>
    param([object] $Release, [string] $Name)
    $missing = { New-ReleaseError -Path $Release.Path -Detail (Get-Phrase 'Release.Lacks' @{ file = $Name }) }
    if ($Release.Zip) {
        $entry = $Release.Zip.GetEntry($Name)
        if (-not $entry) { throw (& $missing) }
        return $entry.Open()
    }
    $at = $Release.Path
    foreach ($part in $Name.Split('/')) {
        $at = [IO.Path]::Combine($at, $part)
        if ([IO.FileInfo]::new($at).LinkTarget) { throw (New-UnsafeError -Release $Release -Name $Name) }
    }
    if (-not [IO.File]::Exists($at)) { throw (& $missing) }
    [IO.FileStream]::new($at, 'Open', 'Read', 'Read')
}

function Copy-ReleaseFile {
    <#
    .SYNOPSIS
    Reads one file of a release to its end and holds it against the list; writes it when a place is given.
    .PARAMETER To
    Where to write it. Left out, nothing is written.
    #>
    param([object] $Release, [Collections.IDictionary] $File, [string] $To)
    $hash = [Security.Cryptography.IncrementalHash]::CreateHash('SHA256')
    $source = Open-ReleaseFile -Release $Release -Name $File['path']
    $target = if ($To) { [IO.FileStream]::new($To, 'CreateNew', 'Write', 'None') }
    try {
        $buffer = [byte[]]::new(262144)
        $size = 0L
        while (($count = $source.Read($buffer, 0, $buffer.Length)) -gt 0) {
            $size += $count
            # A packed file can hold far more than its list says.
            if ($size -gt $File['size']) { break }
            $hash.AppendData($buffer, 0, $count)
            if ($target) { $target.Write($buffer, 0, $count) }
        }
        $right = $size -eq $File['size'] -and [Convert]::ToHexString($hash.GetHashAndReset()) -eq $File['sha256']
    } catch [IO.InvalidDataException] {
        $right = $false
    } finally {
        $source.Dispose()
        if ($target) { $target.Dispose() }
        $hash.Dispose()
    }
    if (-not $right) {
        throw (New-ReleaseError -Path $Release.Path -Detail (Get-Phrase 'Release.Changed' @{ file = $File['path'] }))
    }
}

function Test-ReleaseContent {
    <#
    .SYNOPSIS
    Holds every file of a release against its list. Throws ORC2070 for the first that is not as it should be.
    .PARAMETER Except
    Beginning of paths whose content may differ: what a user may edit.
    #>
    param([object] $Release, [string] $Except)
    $done = 0
    foreach ($file in $Release.Files) {
        Write-UpdateProgress -Step (Get-Phrase 'Update.Verify') -Percent ([int] (100 * $done++ / $Release.Files.Count))
        if ($Except -and $file['path'].StartsWith($Except, 'Ordinal')) {
            (Open-ReleaseFile -Release $Release -Name $file['path']).Dispose()
        } else {
            Copy-ReleaseFile -Release $Release -File $file
        }
    }
}

function New-ReleaseError {
    <#
    .SYNOPSIS
    The error ORC2070: this is no release that can be used.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Path, [string] $Detail)
    New-OrchestratorError -Code ORC2070 -Data @{ path = $Path; detail = $Detail } -Target $Path
}

function New-UnsafeError {
    <#
    .SYNOPSIS
    The error ORC2071: a path in it is not safe.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Release, [string] $Name)
    $shown = $Name -replace '[^\x20-\x7e]', '?'
    New-OrchestratorError -Code ORC2071 -Data @{ path = $Release.Path; entry = $shown } -Target $Release.Path
}
