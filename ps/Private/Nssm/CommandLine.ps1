# How Windows programs read their command line, so that each argument arrives as the manifest has it.

function ConvertTo-CommandLine {
    <#
    .SYNOPSIS
    Arguments as one command line, by the rules of CommandLineToArgvW and the C runtime.
    .NOTES
    A backslash means itself, except in front of a quote: there it takes two to mean one, and one to keep the quote.
    #>
    param([AllowEmptyCollection()][AllowEmptyString()][string[]] $Arguments)
    $parts = foreach ($argument in $Arguments) {
        if ($argument -and $argument -notmatch '[\s"]') { $argument; continue }
        $inner = [regex]::Replace($argument, '(\\*)"', '$1$1\"')
        '"' + [regex]::Replace($inner, '(\\+)$', '$1$1') + '"'
    }
    @($parts) -join ' '
}

function ConvertFrom-CommandLine {
    <#
    .SYNOPSIS
    The arguments of a command line, by the same rules.
    #>
    param([AllowNull()][AllowEmptyString()][string] $Text)
    $arguments = [Collections.Generic.List[string]]::new()
    $word = [Text.StringBuilder]::new()
    $quoted = $false
    $begun = $false
    for ($i = 0; $i -lt $Text.Length; $i++) {
        $letter = $Text[$i]
        if ($letter -eq '\') {
            $count = 0
            while ($i -lt $Text.Length -and $Text[$i] -eq '\') { $count++; $i++ }
            $begun = $true
            if ($i -ge $Text.Length -or $Text[$i] -ne '"') {
                [void] $word.Append('\', $count)
                $i--
                continue
            }
            [void] $word.Append('\', [math]::Floor($count / 2))
            if ($count % 2) { [void] $word.Append('"') } else { $i-- }
        } elseif ($letter -eq '"') {
            $begun = $true
            if ($quoted -and $i + 1 -lt $Text.Length -and $Text[$i + 1] -eq '"') {
                [void] $word.Append('"')
                $i++
            } else {
                $quoted = -not $quoted
            }
        } elseif (-not $quoted -and ($letter -eq ' ' -or $letter -eq "`t")) {
            if ($begun) { $arguments.Add($word.ToString()) }
            [void] $word.Clear()
            $begun = $false
        } else {
            [void] $word.Append($letter)
            $begun = $true
        }
    }
    if ($begun) { $arguments.Add($word.ToString()) }
    , $arguments.ToArray()
}
