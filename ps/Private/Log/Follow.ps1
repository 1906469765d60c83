function New-LogFollower {
    <#
    .SYNOPSIS
    Begins to follow a log at its end.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Source)
    $follower = [pscustomobject]@{
        Source  = $Source
        Stream  = Open-LogFile -Path $Source.Path
        Decoder = [Text.Encoding]::UTF8.GetDecoder()
        Partial = ''
        Newest  = Get-NewestRotated -Path $Source.Path
    }
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
    $rotated = @(Get-RotatedLog -Path $Follower.Source.Path | Where-Object { $_.Name -gt $Follower.Newest })
    # The open file is the first of the rotated ones by now: its rest comes first, then the others whole.
    Read-LogRest -Follower $Follower
    if ($rotated) {
        foreach ($file in ($rotated | Select-Object -Skip ($Follower.Stream ? 1 : 0))) {
            Switch-LogStream -Follower $Follower -Path $file.FullName
            Read-LogRest -Follower $Follower
        }
        $Follower.Newest = $rotated[-1].Name
        Switch-LogStream -Follower $Follower -Path $Follower.Source.Path
        Read-LogRest -Follower $Follower
    } elseif (-not $Follower.Stream) {
        Switch-LogStream -Follower $Follower -Path $Follower.Source.Path
        Read-LogRest -Follower $Follower
    } elseif ($Follower.Stream.Length -lt $Follower.Stream.Position) {
        $Follower.Stream.Position = 0
        Read-LogRest -Follower $Follower
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
        for ($i = 0; $i -lt $lines.Length - 1; $i++) {
            $text = $lines[$i].TrimEnd("`r")
            if ($text) { ConvertTo-LogLine -Text $text -Id $Follower.Source.Id -Stream $Follower.Source.Stream }
        }
    }
}
