# What the views of Orchestrator.Format.ps1xml show. Colours vanish by themselves where the output is no terminal.

$script:HealthColours = @{
    healthy = 'Green'; stopped = 'BrightBlack'; skipped = 'BrightBlack'; unknown = 'BrightBlack'
    unhealthy = 'Red'; exhausted = 'Red'
}
$script:Marks = @{
    pass = @{ Sign = [string] [char] 0x2713; Colour = 'Green' }
    warn = @{ Sign = '!'; Colour = 'Yellow' }
    fail = @{ Sign = [string] [char] 0x2717; Colour = 'Red' }
    skip = @{ Sign = '-'; Colour = 'BrightBlack' }
}

function Format-Colour {
    <#
    .SYNOPSIS
    A text in a colour of the terminal.
    #>
    param([string] $Text, [string] $Colour)
    "$($PSStyle.Foreground.$Colour)$Text$($PSStyle.Reset)"
}

function Format-Health {
    <#
    .SYNOPSIS
    The word for a service's health in its colour.
    #>
    param([string] $Health)
    $colour = $script:HealthColours[$Health]
    Format-Colour -Text $Health -Colour ($colour ? $colour : 'Yellow')
}

function Format-Since {
    <#
    .SYNOPSIS
    How long ago a time of a state file was.
    #>
    param([AllowNull()][string] $Time)
    $at = ConvertFrom-StateTime $Time
    if ($null -eq $at) { '' } else { Format-Age -Milliseconds ([datetime]::UtcNow - $at).TotalMilliseconds }
}

function Format-Wrapped {
    <#
    .SYNOPSIS
    A text broken between words for the last column of a table: the table itself would break within words.
    .PARAMETER Before
    Width of the columns before it, with their gaps.
    #>
    param([AllowEmptyString()][string] $Text, [int] $Before)
    $width = [math]::Max(20, (Get-ViewWidth) - $Before)
    $lines = [Collections.Generic.List[string]]::new()
    foreach ($paragraph in $Text -split "`n") {
        $line = ''
        foreach ($word in $paragraph.Split(' ')) {
            if ($line -and $line.Length + 1 + $word.Length -gt $width) {
                $lines.Add($line)
                $line = $word
            } else {
                $line = if ($line) { "$line $word" } else { $word }
            }
        }
        $lines.Add($line)
    }
    $lines -join "`n"
}

function Get-ViewWidth {
    <#
    .SYNOPSIS
    Columns of the terminal, 80 where there is none.
    #>
    $width = try { $Host.UI.RawUI.BufferSize.Width } catch { 0 }
    if ([Console]::IsOutputRedirected -or $width -lt 40) { 80 } else { $width }
}

function Format-Note {
    <#
    .SYNOPSIS
    What matters most of a service: where it is, or why it is not well.
    #>
    param([object] $Status)
    $note = if ($Status.Health -eq 'healthy' -and $Status.Address) { $Status.Address } else { $Status.Reason }
    Format-Wrapped -Text $note -Before 58
}

function Format-Change {
    <#
    .SYNOPSIS
    What an InstallChange does, in one line.
    #>
    param([object] $Change)
    $text = switch ($Change.Action) {
        'none' { Get-Phrase 'Install.NoChange' }
        'create' { $Change.To }
        'remove' { $Change.From }
        default { "$($Change.From) -> $($Change.To)" }
    }
    Format-Wrapped -Text $text -Before 44
}

function Format-Mark {
    <#
    .SYNOPSIS
    The mark of a check's status.
    #>
    param([string] $Status)
    $mark = $script:Marks[$Status]
    Format-Colour -Text $mark.Sign -Colour $mark.Colour
}

function Format-Check {
    <#
    .SYNOPSIS
    What a check found and, below it, what to do about it.
    #>
    param([object] $Check)
    $code = if ($Check.Code) { "$($Check.Code): " } else { '' }
    $text = "$code$($Check.Message)"
    if ($Check.Fix) { $text += "`n> $($Check.Fix)" }
    Format-Wrapped -Text $text -Before 19
}

function Format-LogLine {
    <#
    .SYNOPSIS
    One line of a log: service, level, local time, text.
    #>
    param([object] $Line)
    $at = ConvertFrom-StateTime $Line.Time
    $time = if ($null -eq $at) { '' } else { $at.ToLocalTime().ToString('HH:mm:ss ') }
    $level = ([string] $Line.Level).PadRight(5)
    $colour = switch ($Line.Level) { 'warn' { 'Yellow' } 'error' { 'Red' } 'fatal' { 'Red' } default { '' } }
    if ($colour) { $level = Format-Colour -Text $level -Colour $colour }
    "$($Line.Id.PadRight(8)) $level $time$($Line.Text)"
}
