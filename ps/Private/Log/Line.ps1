$script:LogLevels = [Collections.Generic.List[string]] @('trace', 'debug', 'info', 'warn', 'error', 'fatal')
$script:PinoLevels = @{ 10 = 'trace'; 20 = 'debug'; 30 = 'info'; 40 = 'warn'; 50 = 'error'; 60 = 'fatal' }
# Keys of a JSON log line that say nothing to a reader of its text.
$script:PinoSilent = 'level', 'time', 'pid', 'hostname', 'msg', 'v', 'name', 'service'
# What a plain line begins with, or Python's sign of a fault, gives its level. Most specific first.
$script:PlainLevels = @(
    @{ Level = 'fatal'; Pattern = [regex]'^\W*(?:FATAL|CRITICAL)\b' }
    @{ Level = 'error'; Pattern = [regex]'^\W*(?:ERROR|Error)\b|^Traceback \(|^[A-Za-z_.]*(?:Error|Exception)(?::|$)|^!!! ' }
    @{ Level = 'warn'; Pattern = [regex]'^\W*(?:WARN|WARNING|Warning)\b|Warning:' }
    @{ Level = 'debug'; Pattern = [regex]'^\W*DEBUG\b' }
    @{ Level = 'trace'; Pattern = [regex]'^\W*TRACE\b' }
)
# Most lines hold none of these words, and are asked nothing else.
$script:LevelHint = [regex]::new('FATAL|CRITICAL|ERROR|Error|Exception|Traceback|!!!|WARN|Warning|DEBUG|TRACE', 'Compiled')
$script:Escape = [regex]'\x1b\[[0-9;?]*[ -/]*[@-~]'

function ConvertTo-LogLine {
    <#
    .SYNOPSIS
    Lines of a log as objects: JSON as pino writes it, or plain text whose level is guessed. Empty ones are left out.
    .NOTES
    The stream says nothing about the level: ComfyUI writes all it has to say to stderr. Takes many lines at once, since
    calling it for each would take longer than its work.
    #>
    param([AllowEmptyCollection()][AllowEmptyString()][string[]] $Text, [string] $Id, [string] $Stream)
    $hint = $script:LevelHint
    foreach ($one in $Text) {
        $plain = $one.TrimEnd("`r")
        if ($plain.Length -eq 0) { continue }
        $line = [pscustomobject]@{
            PSTypeName = 'Orchestrator.LogLine'; Id = $Id; Stream = $Stream; Level = 'info'; Time = $null; Text = $plain
        }
        if ($plain[0] -eq '{' -and $plain[-1] -eq '}' -and (Set-JsonLine -Line $line)) {
            $line
            continue
        }
        if ($plain.Contains([char] 27)) { $line.Text = $script:Escape.Replace($plain, '') }
        if ($hint.IsMatch($line.Text)) { $line.Level = Get-PlainLevel -Text $line.Text }
        $line
    }
}

function Get-PlainLevel {
    <#
    .SYNOPSIS
    The level of a plain line, by what it begins with.
    #>
    param([string] $Text)
    foreach ($rule in $script:PlainLevels) { if ($rule.Pattern.IsMatch($Text)) { return $rule.Level } }
    'info'
}

function Set-JsonLine {
    <#
    .SYNOPSIS
    Fills a line from its JSON; false when it is none.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Line)
    try {
        $json = ConvertFrom-Json -InputObject $Line.Text -AsHashtable -DateKind String -Depth 16
    } catch {
        return $false
    }
    if ($json -isnot [Collections.IDictionary]) { return $false }
    $level = $json['level']
    if ($level -is [string]) {
        $Line.Level = $level.ToLowerInvariant()
    } elseif ($null -ne $level -and $script:PinoLevels.ContainsKey([int] $level)) {
        $Line.Level = $script:PinoLevels[[int] $level]
    }
    $Line.Time = ConvertFrom-LogTime -Value $json['time']
    $rest = foreach ($key in $json.Keys) {
        $value = $json[$key]
        if ($key -in $script:PinoSilent -or $null -eq $value) { continue }
        if ($value -is [Collections.IDictionary]) { $value = $value['message'] ?? (ConvertTo-Json $value -Compress -Depth 4) }
        # Structured for programs; a person has read it in the message.
        if ("$value".Length -gt 3 -and "$($json['msg'])".Contains("$value")) { continue }
        "$key=$value"
    }
    $Line.Text = (@($json['msg']; $rest) | Where-Object { $_ }) -join ' '
    return $true
}

function ConvertFrom-LogTime {
    <#
    .SYNOPSIS
    The time of a JSON log line, milliseconds since 1970 or ISO 8601, as the state files write it.
    #>
    param([AllowNull()][object] $Value)
    if ($Value -is [ValueType]) {
        return ConvertTo-StateTime ([datetimeoffset]::FromUnixTimeMilliseconds([long] $Value).UtcDateTime)
    }
    $time = ConvertFrom-StateTime $Value
    if ($null -eq $time) { $null } else { ConvertTo-StateTime $time }
}

function New-LogFilter {
    <#
    .SYNOPSIS
    What lines are wanted.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([AllowEmptyString()][string] $Pattern, [AllowEmptyString()][string] $Level, [AllowNull()][object] $Since)
    $second = [timespan]::FromSeconds(1)
    [pscustomobject]@{
        Pattern = if ($Pattern) { [regex]::new($Pattern, 'IgnoreCase', $second) } else { $null }
        Rank    = if ($Level) { $script:LogLevels.IndexOf($Level) } else { -1 }
        Since   = if ($null -ne $Since) { ConvertTo-StateTime ([datetime] $Since) } else { '' }
        Plain   = -not ($Pattern -or $Level -or $null -ne $Since)
    }
}

function Test-LogLine {
    <#
    .SYNOPSIS
    Says whether a line is wanted. A line without a time counts as recent.
    #>
    param([object] $Line, [object] $Filter)
    if ($Filter.Plain) { return $true }
    if ($Filter.Rank -ge 0 -and $script:LogLevels.IndexOf([string] $Line.Level) -lt $Filter.Rank) { return $false }
    if ($Filter.Since -and $Line.Time -and $Line.Time -lt $Filter.Since) { return $false }
    try {
        return $null -eq $Filter.Pattern -or $Filter.Pattern.IsMatch($Line.Text)
    } catch [Text.RegularExpressions.RegexMatchTimeoutException] {
        return $false
    }
}
