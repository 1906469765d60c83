function Get-StatePath {
    <#
    .SYNOPSIS
    Where a state file lies below the data folder: the same places as core/state/paths.ts.
    .NOTES
    Small functions on the way of every start have no parameter attributes: these double the cost of a call.
    #>
    param([string] $Data, [string] $Kind, [string] $Id)
    switch ($Kind) {
        'Run' { return [IO.Path]::Combine($Data, 'run', "$Id.json") }
        'Desired' { return [IO.Path]::Combine($Data, 'desired.json') }
        'Guardian' { return [IO.Path]::Combine($Data, 'guardian.json') }
        'Lock' { return [IO.Path]::Combine($Data, 'locks', "$Id.lock") }
        'Manifest' { return [IO.Path]::Combine($Data, 'orchestrator.json') }
        'History' { return [IO.Path]::Combine($Data, 'history.db') }
    }
}

function ConvertFrom-StateTime {
    <#
    .SYNOPSIS
    Reads a time of a state file as UTC; null for nothing or nonsense.
    #>
    param([object] $Text)
    $time = [datetimeoffset]::MinValue
    $invariant = [Globalization.CultureInfo]::InvariantCulture
    if ($Text -and [datetimeoffset]::TryParse([string] $Text, $invariant, 'AssumeUniversal', [ref] $time)) {
        return $time.UtcDateTime
    }
    return $null
}

function ConvertTo-StateTime {
    <#
    .SYNOPSIS
    Writes a time as the state files hold it: ISO 8601, UTC, milliseconds.
    #>
    param([datetime] $Time = [datetime]::UtcNow)
    $Time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", [Globalization.CultureInfo]::InvariantCulture)
}

function New-StateWarning {
    <#
    .SYNOPSIS
    The sentence about a state file that could not be used (ORC5001).
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)][string] $Path,
        [Parameter(Mandatory)][ValidateSet('empty', 'damaged', 'newer', 'unreadable')][string] $Fault,
        [string] $Detail
    )
    $data = @{
        file   = [IO.Path]::GetFileName($Path)
        fault  = Get-Phrase "Fault.$Fault"
        detail = $Detail
    }
    Get-ErrorLine -Code ORC5001 -Data $data
}

# What was read, by path, with the time and length that the file had: most looks find nothing new.
$script:StateCache = @{}

function Read-StateFile {
    <#
    .SYNOPSIS
    Reads a state file. Never throws, never deletes: what cannot be used comes back as a warning.
    .PARAMETER Require
    Names of keys that must be there, else the file counts as damaged.
    .OUTPUTS
    An object with Value (a dictionary or null; not to be changed) and Warning (a sentence or null). A missing file is
    neither.
    .PARAMETER Fresh
    Read the file in any case: for who is about to act on it.
    #>
    param([string] $Path, [string[]] $Require = @(), [switch] $Fresh)
    $file = [IO.FileInfo]::new($Path)
    # Not left to the exception: each one would be kept in the session's $Error.
    if (-not $file.Exists) { return [pscustomobject]@{ Value = $null; Warning = $null } }
    $written = $file.LastWriteTimeUtc
    $length = $file.Length
    $kept = $script:StateCache[$Path]
    if ($kept -and -not $Fresh -and $kept.Written -eq $written -and $kept.Length -eq $length) {
        return [pscustomobject]@{ Value = $kept.Value; Warning = $null }
    }
    try {
        $text = Read-SharedText -Path $Path
    } catch [IO.FileNotFoundException], [IO.DirectoryNotFoundException] {
        return [pscustomobject]@{ Value = $null; Warning = $null }
    } catch {
        return New-StateFault -Path $Path -Fault unreadable -Detail $_.Exception.GetBaseException().Message
    }
    if ([string]::IsNullOrWhiteSpace($text)) {
        return New-StateFault -Path $Path -Fault empty -Detail (Get-Phrase 'Detail.NoContent')
    }
    try {
        $value = ConvertFrom-Json -InputObject $text -AsHashtable -DateKind String -Depth 64
    } catch {
        return New-StateFault -Path $Path -Fault damaged -Detail (Get-Phrase 'Detail.NotJson')
    }
    if ($value -isnot [Collections.IDictionary]) {
        return New-StateFault -Path $Path -Fault damaged -Detail (Get-Phrase 'Detail.NotJson')
    }
    $version = $value['version']
    if ($version -is [ValueType] -and $version -gt 1) {
        return New-StateFault -Path $Path -Fault newer -Detail (Get-Phrase 'Detail.Version' @{ version = $version })
    }
    foreach ($key in $Require) {
        if (-not $value.Contains($key)) {
            return New-StateFault -Path $Path -Fault damaged -Detail (Get-Phrase 'Detail.NoKey' @{ key = $key })
        }
    }
    # A file system's clock is coarse: one that was written this moment may change again and look the same.
    if (([datetime]::UtcNow - $written).TotalMilliseconds -gt 200) {
        $script:StateCache[$Path] = [pscustomobject]@{ Written = $written; Length = $length; Value = $value }
    }
    [pscustomobject]@{ Value = $value; Warning = $null }
}

function New-StateFault {
    <#
    .SYNOPSIS
    What Read-StateFile answers about a file that cannot be used.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Path, [string] $Fault, [string] $Detail)
    [pscustomobject]@{ Value = $null; Warning = (New-StateWarning -Path $Path -Fault $Fault -Detail $Detail) }
}

function Read-SharedText {
    <#
    .SYNOPSIS
    Reads a whole text file while others may write, rename or delete it.
    #>
    param([string] $Path)
    $share = [IO.FileShare]::ReadWrite -bor [IO.FileShare]::Delete
    $stream = [IO.FileStream]::new($Path, [IO.FileMode]::Open, [IO.FileAccess]::Read, $share)
    try {
        [IO.StreamReader]::new($stream).ReadToEnd()
    } finally {
        $stream.Dispose()
    }
}

function Write-StateFile {
    <#
    .SYNOPSIS
    Writes a file so that a reader sees the old or the new content and nothing between.
    .NOTES
    Windows refuses the rename while a reader has the file open, so it is tried for half a second.
    #>
    param(
        [Parameter(Mandatory)][string] $Path,
        [Parameter(Mandatory)][string] $Text
    )
    $folder = [IO.Path]::GetDirectoryName($Path)
    [void] [IO.Directory]::CreateDirectory($folder)
    $temporary = [IO.Path]::Combine($folder, ".$([IO.Path]::GetFileName($Path)).$PID.$([guid]::NewGuid().ToString('n')).tmp")
    try {
        $options = [IO.FileStreamOptions]@{ Mode = 'CreateNew'; Access = 'Write'; Share = 'None' }
        if (-not $IsWindows) { $options.UnixCreateMode = [IO.UnixFileMode]'UserRead, UserWrite' }
        $writer = [IO.StreamWriter]::new($temporary, [Text.UTF8Encoding]::new($false), $options)
        try { $writer.Write($Text) } finally { $writer.Dispose() }
        Move-StateFile -From $temporary -To $Path
    } finally {
        if ([IO.File]::Exists($temporary)) { [IO.File]::Delete($temporary) }
    }
}

function Move-StateFile {
    <#
    .SYNOPSIS
    Renames over an existing file, with patience for readers on Windows.
    #>
    param([string] $From, [string] $To)
    $deadline = [Environment]::TickCount64 + 500
    while ($true) {
        try {
            [IO.File]::Move($From, $To, $true)
            return
        } catch [UnauthorizedAccessException], [IO.IOException] {
            if (-not $IsWindows -or [Environment]::TickCount64 -gt $deadline) { throw }
            Start-Sleep -Milliseconds 20
        }
    }
}
