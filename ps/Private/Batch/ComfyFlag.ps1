# ComfyUI's own command line: what a person chose in it, and what Orchestrator says itself.

function Split-ComfyFlag {
    <#
    .SYNOPSIS
    Takes apart main.py's arguments: where it listens, and the rest as it was written.
    .OUTPUTS
    An object with Listen (null: not given; empty: given without an address, which means all), Port (null: not given),
    Standalone (the portable build's flag was there) and Rest.
    #>
    param([AllowNull()][AllowEmptyCollection()][AllowEmptyString()][string[]] $Flag)
    $found = [pscustomobject]@{ Listen = $null; Port = $null; Standalone = $false; Rest = @() }
    for ($i = 0; $i -lt $Flag.Count; $i++) {
        $name, $value = $Flag[$i] -split '=', 2
        $next = if ($null -eq $value -and $i + 1 -lt $Flag.Count -and -not $Flag[$i + 1].StartsWith('-')) { $Flag[$i + 1] }
        switch ($name) {
            '--listen' {
                $found.Listen = "$($value ?? $next)"
                if ($null -ne $next) { $i++ }
            }
            '--port' {
                $port = 0
                $valid = [int]::TryParse("$($value ?? $next)", [ref] $port) -and $port -ge 1 -and $port -le 65535
                if ($valid) { $found.Port = $port }
                if ($null -ne $next) { $i++ }
            }
            '--windows-standalone-build' { $found.Standalone = $true }
            # A service has no desktop to open a browser on; the opposite is said anyway.
            { $_ -in '--auto-launch', '--disable-auto-launch' } { }
            default { $found.Rest += $Flag[$i] }
        }
    }
    $found
}

function Set-ComfyCommand {
    <#
    .SYNOPSIS
    Makes a manifest's ComfyUI run Python directly, with the flags that a person chose, at the address that these say.
    .PARAMETER Launch
    Python, PythonOptions, Script, Flags, Folder and Environment, as ConvertFrom-Batch gives them.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][object] $Service, [Parameter(Mandatory)][object] $Launch)
    $flags = Split-ComfyFlag -Flag $Launch.Flags
    if ($flags.Port) { $Service.port = $flags.Port }
    $listen = @($Service.host)
    if ($null -ne $flags.Listen) {
        $listen = @($flags.Listen | Where-Object { $_ })
        $Service.host = Get-ListenHost -Listen $flags.Listen
    }
    # Written as the portable build writes it, so that the folder can be moved by changing one line.
    $script = $Launch.Script
    $kind = [StringComparison]::OrdinalIgnoreCase
    foreach ($end in '\', '/') {
        if ($script.StartsWith($Launch.Folder.TrimEnd($end) + $end, $kind)) {
            $script = $script.Substring($Launch.Folder.TrimEnd($end).Length + 1)
        }
    }
    $options = @('-u', '-X', 'utf8') + @(Select-PythonOption -Option $Launch.PythonOptions) + @($script)
    if ($flags.Standalone) { $options += '--windows-standalone-build' }
    $Service.command = [pscustomobject]@{
        file = $Launch.Python
        args = @($options; '--disable-auto-launch'; '--listen'; $listen; '--port'; "$($Service.port)"; $flags.Rest)
    }
    $Service.cwd = $Launch.Folder
    foreach ($name in @(if ($Launch.Environment) { $Launch.Environment.Keys })) {
        Set-Member -Object $Service.env -Name $name -Value $Launch.Environment[$name]
    }
}

function Get-ListenHost {
    <#
    .SYNOPSIS
    The address for the manifest of what --listen says: this machine's own where ComfyUI listens on all, else the first.
    #>
    param([AllowEmptyString()][string] $Listen)
    $addresses = @($Listen -split ',' | ForEach-Object Trim | Where-Object { $_ })
    if (-not $addresses -or '0.0.0.0' -in $addresses -or '127.0.0.1' -in $addresses) { return '127.0.0.1' }
    if ('::' -in $addresses) { return '::1' }
    $addresses[0]
}

function Select-PythonOption {
    <#
    .SYNOPSIS
    Python's own options without those that are always given.
    #>
    param([AllowNull()][AllowEmptyCollection()][string[]] $Option)
    for ($i = 0; $i -lt $Option.Count; $i++) {
        if ($Option[$i] -eq '-u' -or $Option[$i] -eq '-Xutf8') { continue }
        if ($Option[$i] -ceq '-X' -and $i + 1 -lt $Option.Count -and $Option[$i + 1] -match '^utf8') {
            $i++
            continue
        }
        $Option[$i]
    }
}
