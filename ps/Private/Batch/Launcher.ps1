# What a batch file that starts ComfyUI would run: python, main.py and its flags. The file is read, never run.

function Read-BatchFile {
    <#
    .SYNOPSIS
    Reads a batch file from disk and says what it runs; null when it starts no main.py.
    #>
    param([Parameter(Mandatory)][string] $Path)
    $bytes = [IO.File]::ReadAllBytes($Path)
    $text = try {
        [Text.UTF8Encoding]::new($false, $true).GetString($bytes)
    } catch {
        # cmd.exe reads batch files in the code page of the console.
        [Text.Encoding]::GetEncoding([cultureinfo]::CurrentCulture.TextInfo.OEMCodePage).GetString($bytes)
    }
    ConvertFrom-Batch -Text $text.TrimStart([char] 0xFEFF) -Folder ([IO.Path]::GetDirectoryName($Path))
}

function ConvertFrom-Batch {
    <#
    .SYNOPSIS
    What the text of a batch file runs; null when it starts no main.py by Python.
    .PARAMETER Folder
    The batch file's folder: what %~dp0 means, and where relative paths start.
    .OUTPUTS
    An object with Python, PythonOptions, Script, Flags (main.py's arguments), Environment (what `set` gives the program),
    Folder (where it runs) and Pauses (it waits for a key at its end).
    #>
    param([Parameter(Mandatory)][AllowEmptyString()][string] $Text, [Parameter(Mandatory)][string] $Folder)
    $state = [pscustomobject]@{
        Home = $Folder.TrimEnd('\', '/'); Folder = $Folder.TrimEnd('\', '/')
        Variables = [ordered]@{}; Used = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    }
    $launch = $null
    $pauses = $false
    foreach ($command in (Split-BatchText -Text $Text)) {
        if ($command -match '^\s*(rem\b|echo\b|title\b|:)') { continue }
        if ($command -match '(^|\s)pause(\s|$)') { $pauses = $true }
        if ($launch) { continue }
        if ($command -match '^\s*set\s+(?!/)(.*)$') {
            Add-BatchVariable -State $state -Text $Matches[1]
            continue
        }
        $arguments = ConvertFrom-CommandLine (Expand-BatchText -State $state -Text $command)
        if ($arguments.Count -gt 1 -and $arguments[0] -in 'cd', 'chdir', 'pushd') {
            $state.Folder = Join-WindowsPath -Folder $state.Folder -Path ($arguments | Where-Object { $_ -ne '/d' } | Select-Object -Skip 1 -First 1)
            continue
        }
        $launch = Find-PythonCall -Argument $arguments -Folder $state.Folder
    }
    if (-not $launch) { return $null }
    Add-Member -InputObject $launch -NotePropertyMembers @{ Environment = Get-BatchEnvironment -State $state; Pauses = $pauses }
    $launch
}

function Find-PythonCall {
    <#
    .SYNOPSIS
    Python, its options, main.py and what follows in the arguments of a command; null when it is no such call.
    #>
    param([AllowEmptyCollection()][AllowEmptyString()][string[]] $Argument, [AllowEmptyString()][string] $Folder)
    for ($at = 0; $at -lt $Argument.Count; $at++) {
        if ((Get-WindowsLeaf $Argument[$at]) -notmatch '^(python|py)w?(\d[\d.]*)?(\.exe)?$') { continue }
        for ($script = $at + 1; $script -lt $Argument.Count; $script++) {
            if ((Get-WindowsLeaf $Argument[$script]) -ne 'main.py') { continue }
            $options = @(if ($script -gt $at + 1) { $Argument[($at + 1)..($script - 1)] })
            $python = $Argument[$at]
            return [pscustomobject]@{
                Python        = if ($python -match '[\\/]') { Join-WindowsPath -Folder $Folder -Path $python } else { $python }
                PythonOptions = $options
                Script        = Join-WindowsPath -Folder $Folder -Path $Argument[$script]
                Flags         = @($Argument | Select-Object -Skip ($script + 1))
                Folder        = $Folder
            }
        }
    }
}

function Split-BatchText {
    <#
    .SYNOPSIS
    The single commands of a batch file: continued lines joined, what & and | chain taken apart, redirections and the @
    that silences a line taken away.
    #>
    param([AllowEmptyString()][string] $Text)
    $joined = $Text -replace '(?<!\^)\^[ \t]*\r?\n[ \t]*', ' '
    foreach ($line in $joined -split '\r?\n') {
        $plain = $line.Trim().TrimStart('@', '(').TrimStart()
        if (-not $plain -or $plain -match '^(rem\b|::|echo\b)') { continue }
        foreach ($command in (Split-BatchLine -Line $plain)) {
            $command = $command.Trim().TrimStart('@', '(').Trim()
            if ($command) { $command }
        }
    }
}

function Split-BatchLine {
    <#
    .SYNOPSIS
    The commands of one line. What stands in quotes is left alone; ^ takes the meaning from the next character.
    #>
    param([string] $Line)
    $current = [Text.StringBuilder]::new()
    $inside = $false
    for ($i = 0; $i -lt $Line.Length; $i++) {
        $letter = $Line[$i]
        if ($letter -eq '"') { $inside = -not $inside }
        if ($inside -or $letter -notin '^', '&', '|', '>', '<', ')') {
            [void] $current.Append($letter)
        } elseif ($letter -eq '^') {
            $i++
            if ($i -lt $Line.Length) { [void] $current.Append($Line[$i]) }
        } elseif ($letter -in '>', '<') {
            # A number right before it is the handle that is redirected: 2>&1.
            $handle = [regex]::Match($current.ToString(), '(?<=^|\s)\d$')
            if ($handle.Success) { $current.Length = $handle.Index }
            $target = [regex]::Match($Line.Substring($i), '^(>>|>|<)\s*(&\d|"[^"]*"|[^\s&|<>]*)')
            $i += $target.Length - 1
        } else {
            $current.ToString()
            [void] $current.Clear()
        }
    }
    $current.ToString()
}

function Add-BatchVariable {
    <#
    .SYNOPSIS
    Notes what a `set` line says: set A=b, or set "A=b".
    #>
    param([object] $State, [string] $Text)
    $plain = $Text.Trim()
    if ($plain -match '^"(.*)"') { $plain = $Matches[1] }
    $name, $value = $plain -split '=', 2
    if (-not $name -or $null -eq $value) { return }
    $State.Variables[$name.Trim()] = Expand-BatchText -State $State -Text $value
}

function Expand-BatchText {
    <#
    .SYNOPSIS
    A text with %~dp0 and the variables that the file itself set filled in, and the file's own arguments taken out.
    Variables of the machine stay as they are written.
    #>
    param([object] $State, [AllowEmptyString()][string] $Text)
    # Two percent signs are one, and begin no variable.
    $mark = [string] [char] 1
    $filled = $Text.Replace('%%', $mark) -replace '%~d?p0', "$($State.Home)\".Replace('$', '$$') -replace '%[*1-9]|%~[1-9]', ''
    $filled = $filled -replace '(?i)%CD%', $State.Folder.Replace('$', '$$')
    $filled = [regex]::Replace($filled, '%([^%\s=:]+)%|!([^!\s=:]+)!', {
            param($match)
            $name = $match.Groups[1].Value + $match.Groups[2].Value
            if (-not $State.Variables.Contains($name)) { return $match.Value }
            [void] $State.Used.Add($name)
            $State.Variables[$name]
        })
    $filled.Replace($mark, '%')
}

function Get-BatchEnvironment {
    <#
    .SYNOPSIS
    The variables that a batch file leaves for its program: not those that only helped to write the command, and not
    those that are made of the machine's own, as PATH is.
    #>
    param([object] $State)
    $left = [ordered]@{}
    foreach ($name in $State.Variables.Keys) {
        $value = $State.Variables[$name]
        if ($State.Used.Contains($name) -or $value -eq '' -or $value -match '%[^%\s]+%') { continue }
        if ($name -match '^[A-Za-z_][A-Za-z0-9_]*$') { $left[$name] = $value }
    }
    $left
}
