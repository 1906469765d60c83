# A Cyrillic letter in front of a command. It is no fault of any script: Ctrl+C that is typed or sent to a terminal while
# the Russian layout is active arrives as the letter on the same key, and the next command begins with it.

# Latin by the look or by the key, Cyrillic by the number: с а е о р х у к м т в н і ѕ ј and their capitals.
$script:StrayLetters = -join [char[]] @(
    0x441, 0x430, 0x435, 0x43E, 0x440, 0x445, 0x443, 0x43A, 0x43C, 0x442, 0x432, 0x43D, 0x456, 0x455, 0x458
    0x421, 0x410, 0x415, 0x41E, 0x420, 0x425, 0x423, 0x41A, 0x41C, 0x422, 0x412, 0x41D, 0x406, 0x405, 0x408
)

function Test-StrayLetterCheck {
    <#
    .SYNOPSIS
    Whether this session met commands with a stray Cyrillic letter in front. Says nothing where it met none.
    #>
    param([AllowNull()][object] $Context)
    $null = $Context
    Get-StrayFinding -Command @(Get-UnknownCommand -Record $global:Error)
}

function Get-UnknownCommand {
    <#
    .SYNOPSIS
    The names that were taken for commands and are none, from a list of errors. No text is read: it is translated.
    #>
    param([AllowEmptyCollection()][Collections.IEnumerable] $Record)
    foreach ($one in @($Record)) {
        $fault = if ($one -is [Management.Automation.ErrorRecord]) { $one.Exception } else { $one }
        if ($fault -is [Management.Automation.CommandNotFoundException]) { $fault.CommandName }
    }
}

function Get-StrayFinding {
    <#
    .SYNOPSIS
    Explains names that begin with a stray letter. The command without it is named and never run.
    #>
    param([AllowEmptyCollection()][string[]] $Command)
    $seen = [Collections.Generic.HashSet[string]]::new([StringComparer]::Ordinal)
    foreach ($name in $Command) {
        # The rest must be Latin: a name that is Cyrillic as a whole is just a wrong name.
        if ($name.Length -lt 2 -or -not $script:StrayLetters.Contains($name[0]) -or $name.Substring(1) -match '[^\x21-\x7e]') { continue }
        if (-not $seen.Add($name)) { continue }
        $data = @{
            command = $name; meant = $name.Substring(1); letter = $name[0]
            number = 'U+{0:X4}' -f [int] $name[0]
        }
        New-Check -Name StrayLetter -Status warn -Message (Get-Phrase 'Stray.Found' $data) -Fix (Get-Phrase 'Stray.Fix' $data)
    }
}
