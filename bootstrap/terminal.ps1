# What the scripts beside this file print: the module's own views, as text.

function Write-Status {
    param([object[]] $Status)
    $text = ($Status | Out-String).Trim("`r", "`n")
    [Console]::Out.WriteLine("`n$text")
}

function Write-Fault {
    param([System.Management.Automation.ErrorRecord] $Record)
    [Console]::Error.WriteLine("`n$($Record.Exception.Message)")
    if ($Record.FullyQualifiedErrorId -notmatch '^ORC\d{4}') {
        [Console]::Error.WriteLine($Record.ScriptStackTrace)
    }
}
