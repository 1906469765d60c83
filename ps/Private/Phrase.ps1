$script:Phrases = @{}

function Get-Phrase {
    <#
    .SYNOPSIS
    A text for people in the language in force, with its data filled in.
    .PARAMETER Key
    A key of <language>/Orchestrator.texts.psd1.
    #>
    param([string] $Key, [Collections.IDictionary] $Data)
    $text = (Get-PhraseTable)[$Key]
    if ($null -eq $text) { return $Key }
    if ($Data) {
        foreach ($name in $Data.Keys) { $text = $text.Replace("{$name}", [string] $Data[$name]) }
    }
    $text
}

function Get-PhraseTable {
    <#
    .SYNOPSIS
    The texts of the language in force, read at first use.
    #>
    $culture = if ((Get-OrchestratorLanguage) -eq 'ru') { 'ru-RU' } else { 'en-US' }
    if (-not $script:Phrases.ContainsKey($culture)) {
        $path = [IO.Path]::Combine($script:ModuleRoot, $culture, 'Orchestrator.texts.psd1')
        $script:Phrases[$culture] = Import-PowerShellDataFile -LiteralPath $path -SkipLimitCheck
    }
    $script:Phrases[$culture]
}

function Format-Age {
    <#
    .SYNOPSIS
    A span of time in the two or three characters that a table has room for: 5s, 12m, 3h, 8d.
    #>
    param([Parameter(Mandatory)][double] $Milliseconds)
    $seconds = [math]::Max(0, [math]::Floor($Milliseconds / 1000))
    if ($seconds -lt 60) { return "${seconds}s" }
    if ($seconds -lt 3600) { return "$([math]::Floor($seconds / 60))m" }
    if ($seconds -lt 86400) { return "$([math]::Floor($seconds / 3600))h" }
    "$([math]::Floor($seconds / 86400))d"
}

function Format-Size {
    <#
    .SYNOPSIS
    A number of bytes for people.
    #>
    param([Parameter(Mandatory)][double] $Bytes)
    $units = 'B', 'KB', 'MB', 'GB', 'TB'
    $step = 0
    while ($Bytes -ge 1024 -and $step -lt 4) {
        $Bytes /= 1024
        $step++
    }
    $digits = if ($step -eq 0 -or $Bytes -ge 100) { 0 } else { 1 }
    "$([math]::Round($Bytes, $digits).ToString([Globalization.CultureInfo]::InvariantCulture)) $($units[$step])"
}

function Get-ErrorLine {
    <#
    .SYNOPSIS
    The text of an error as one line that begins with its code, for a warning or a record.
    #>
    param([Parameter(Mandatory)][string] $Code, [Collections.IDictionary] $Data = @{})
    $text = Get-OrchestratorText -Code $Code -Data $Data
    "${Code}: $(@($text.What, $text.Why, $text.Fix).Where({ $_ }) -join ' ')"
}
