function Get-LogSource {
    <#
    .SYNOPSIS
    The log files of services, stdout before stderr; one file that both streams share comes once.
    #>
    param([object[]] $Service, [AllowEmptyString()][string] $Stream)
    foreach ($one in $Service) {
        $seen = @()
        foreach ($name in 'stdout', 'stderr') {
            $path = $one.logs.$name
            if (($Stream -and $Stream -ne $name) -or $path -in $seen) { continue }
            $seen += $path
            [pscustomobject]@{ Id = $one.id; Stream = $name; Path = $path }
        }
    }
}

function Get-RotatedLog {
    <#
    .SYNOPSIS
    The rotated files of a log, oldest first: its name with a time stamp before the extension, nothing else.
    #>
    param([Parameter(Mandatory)][string] $Path)
    $folder = [IO.DirectoryInfo]::new([IO.Path]::GetDirectoryName($Path))
    if (-not $folder.Exists) { return }
    $name = [regex]::Escape([IO.Path]::GetFileNameWithoutExtension($Path))
    $ext = [regex]::Escape([IO.Path]::GetExtension($Path))
    $shape = [regex] "^$name-\d{8}T\d{6}\.\d{3}$ext`$"
    $folder.EnumerateFiles() | Where-Object { $shape.IsMatch($_.Name) } | Sort-Object -Property Name
}

function Read-LogTail {
    <#
    .SYNOPSIS
    The last wanted lines of a log, read from its end, on into the rotated files when needed. Memory stays flat.
    .OUTPUTS
    LogLine objects, oldest first.
    #>
    param([object] $Source, [int] $Count, [object] $Filter)
    $found = [Collections.Generic.List[object]]::new()
    $files = @(@((Get-RotatedLog -Path $Source.Path).FullName; $Source.Path) | Where-Object { $_ })
    # Nothing in a file that was last written before is recent.
    if ($Filter.Since) {
        $files = @($files | Where-Object { (ConvertTo-StateTime ([IO.File]::GetLastWriteTimeUtc($_))) -ge $Filter.Since })
    }
    # The start of a file's first line may be the end of the file before: NSSM rotates in the middle of lines.
    $block = [pscustomobject]@{ End = 0; Carry = [byte[]]::new(0); Size = 64KB; Oldest = $false }
    for ($i = $files.Count - 1; $i -ge 0 -and $found.Count -lt $Count; $i--) {
        $file = $files[$i]
        $block.Oldest = $i -eq 0
        $read = @{ Path = $file; Source = $Source; Count = $Count; Filter = $Filter; Found = $found; Block = $block }
        if (-not (Read-FileTail @read)) { break }
    }
    $found.Reverse()
    $found
}

function Read-FileTail {
    <#
    .SYNOPSIS
    Adds the wanted lines of one file to a list, newest first. False when older lines are of no use.
    .PARAMETER Block
    Where the reading stands; it goes on from one file to the one before.
    #>
    param(
        [string] $Path, [object] $Source, [int] $Count, [object] $Filter, [Collections.Generic.List[object]] $Found,
        [object] $Block
    )
    $stream = Open-LogFile -Path $Path
    # Gone meanwhile: what was read of the file after it still counts.
    if ($null -eq $stream) { $stream = [IO.MemoryStream]::new() }
    try {
        $Block.End = $stream.Length
        while ($Block.End -gt 0 -or ($Block.Oldest -and $Block.Carry.Length -gt 0)) {
            $texts = (Read-BlockBackward -Stream $stream -Block $Block).Split("`n")
            $lines = @(ConvertTo-LogLine -Text $texts -Id $Source.Id -Stream $Source.Stream)
            for ($i = $lines.Length - 1; $i -ge 0; $i--) {
                $line = $lines[$i]
                if ($Filter.Since -and $line.Time -and $line.Time -lt $Filter.Since) { return $false }
                if (-not $Filter.Plain -and -not (Test-LogLine -Line $line -Filter $Filter)) { continue }
                $Found.Add($line)
                if ($Found.Count -ge $Count) { return $false }
            }
        }
    } finally {
        $stream.Dispose()
    }
    return $true
}

function Read-BlockBackward {
    <#
    .SYNOPSIS
    The whole lines of the next block towards the beginning of a file. The start of a line that reaches further back is
    carried over to the next block.
    #>
    param([IO.Stream] $Stream, [object] $Block)
    $size = [int] [math]::Min($Block.Size, $Block.End)
    $bytes = [byte[]]::new($size + $Block.Carry.Length)
    $Stream.Position = $Block.End - $size
    $Stream.ReadExactly($bytes, 0, $size)
    [array]::Copy($Block.Carry, 0, $bytes, $size, $Block.Carry.Length)
    $Block.End -= $size
    $first = 0
    if ($Block.End -gt 0 -or -not $Block.Oldest) {
        $first = [array]::IndexOf($bytes, [byte] 10) + 1
        # A line longer than the block: look further back, in larger steps.
        if ($first -eq 0) { $first = $bytes.Length }
        $Block.Size = [math]::Min(8MB, 2 * $Block.Size)
    }
    $Block.Carry = [byte[]]::new($first)
    [array]::Copy($bytes, $Block.Carry, $first)
    [Text.Encoding]::UTF8.GetString($bytes, $first, $bytes.Length - $first)
}

function Open-LogFile {
    <#
    .SYNOPSIS
    Opens a log for reading while its writer may rotate or delete it; null when it is not there.
    #>
    param([string] $Path)
    try {
        $share = [IO.FileShare]::ReadWrite -bor [IO.FileShare]::Delete
        [IO.FileStream]::new($Path, [IO.FileMode]::Open, [IO.FileAccess]::Read, $share, 4096)
    } catch [IO.FileNotFoundException], [IO.DirectoryNotFoundException] {
        $null
    }
}

function Merge-LogLine {
    <#
    .SYNOPSIS
    Lines of several logs in one order: by time, where a line without one belongs to the line before it in its file.
    #>
    param([AllowEmptyCollection()][object[]] $Group)
    # One log is in order already, as it was written.
    if ($Group.Count -eq 1) { return $Group[0] }
    $index = 0
    $keyed = foreach ($lines in $Group) {
        $time = ''
        foreach ($line in $lines) {
            if ($line.Time) { $time = $line.Time }
            [pscustomobject]@{ Key = $time; Index = $index++; Line = $line }
        }
    }
    ($keyed | Sort-Object -Property Key, Index).Line
}
