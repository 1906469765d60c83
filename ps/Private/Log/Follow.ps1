function New-LogFollower {
    <#
    .SYNOPSIS
    Begins to follow a log at its end.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Source)
    $follower = [pscustomobject]@{
        Source = $Source; Stream = $null; Decoder = [Text.Encoding]::UTF8.GetDecoder(); Partial = ''; Newest = ''
    }
    do {
        $follower.Newest = Get-NewestRotated -Path $Source.Path
        Switch-LogStream -Follower $follower -Path $Source.Path
    } while ((Get-NewestRotated -Path $Source.Path) -ne $follower.Newest)
    if ($follower.Stream) { [void] $follower.Stream.Seek(0, [IO.SeekOrigin]::End) }
    $follower
}

function Get-NewestRotated {
    <#
    .SYNOPSIS
    The name of the last file that a log was rotated to; empty when there is none.
    #>
    param([string] $Path)
    $last = Get-RotatedLog -Path $Path | Select-Object -Last 1
    if ($last) { $last.Name } else { '' }
}

function Read-LogFollower {
    <#
    .SYNOPSIS
    What was written to a log since the last call, over rotations and truncations, line by line.
    #>
    param([object] $Follower)
    Read-RotatedRest -Follower $Follower
    if ($Follower.Stream -and $Follower.Stream.Length -lt $Follower.Stream.Position) { $Follower.Stream.Position = 0 }
    Read-LogRest -Follower $Follower
}

function Read-RotatedRest {
    <#
    .SYNOPSIS
    What was rotated away since the last call: the rest of the open file, then the others whole. Leaves the live file open.
    .NOTES
    NSSM may rotate several times within milliseconds, in the middle of a line. So a file counts as the live one only when
    nothing was rotated while it was being opened.
    #>
    param([object] $Follower)
    $path = $Follower.Source.Path
    while ($true) {
        $rotated = @(Get-RotatedLog -Path $path | Where-Object { [string]::CompareOrdinal($_.Name, $Follower.Newest) -gt 0 })
        if (-not $rotated -and $Follower.Stream) { return }
        # The open file is the first of them by now.
        Read-LogRest -Follower $Follower
        foreach ($file in ($rotated | Select-Object -Skip ($Follower.Stream ? 1 : 0))) {
            Switch-LogStream -Follower $Follower -Path $file.FullName
            Read-LogRest -Follower $Follower
        }
        if ($rotated) { $Follower.Newest = $rotated[-1].Name }
        Switch-LogStream -Follower $Follower -Path $path
        if ((Get-NewestRotated -Path $path) -eq $Follower.Newest) { return }
        # What was opened is not the file after the last one that was read.
        if ($Follower.Stream) { $Follower.Stream.Dispose() }
        $Follower.Stream = $null
    }
}

function Switch-LogStream {
    <#
    .SYNOPSIS
    Goes on in another file.
    .NOTES
    Windows refuses a file that its writer is just about to rename or delete, so it is tried for two seconds.
    #>
    param([object] $Follower, [string] $Path)
    if ($Follower.Stream) { $Follower.Stream.Dispose() }
    $Follower.Stream = $null
    $deadline = [Environment]::TickCount64 + 2000
    while ($true) {
        try {
            $Follower.Stream = Open-LogFile -Path $Path
            return
        } catch [UnauthorizedAccessException], [IO.IOException] {
            if (-not $IsWindows -or [Environment]::TickCount64 -gt $deadline) { throw }
            [Threading.Thread]::Sleep(20)
        }
    }
}

function Read-LogRest {
    <#
    .SYNOPSIS
    The whole lines from the current place of the open file; the beginning of an unfinished one is kept.
    #>
    param([object] $Follower)
    if (-not $Follower.Stream) { return }
    $buffer = [byte[]]::new(64KB)
    $chars = [char[]]::new(64KB + 8)
    while (($read = $Follower.Stream.Read($buffer, 0, $buffer.Length)) -gt 0) {
        $count = $Follower.Decoder.GetChars($buffer, 0, $read, $chars, 0)
        $lines = ($Follower.Partial + [string]::new($chars, 0, $count)).Split("`n")
        $Follower.Partial = $lines[-1]
        if ($lines.Length -eq 1) { continue }
        ConvertTo-LogLine -Text $lines[0..($lines.Length - 2)] -Id $Follower.Source.Id -Stream $Follower.Source.Stream
    }
}
