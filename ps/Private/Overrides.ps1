# What a person may say without editing the manifest. Strongest first: parameters of Install-Orchestrator, the process
# environment, .env.local, the manifest. Applied once, when the installed copy is written.

function Read-DotEnv {
    <#
    .SYNOPSIS
    Reads a .env file: NAME=value lines, quotes around a value optional, # starts a comment. Missing gives nothing.
    #>
    param([Parameter(Mandatory)][string] $Path)
    $values = @{}
    if (-not [IO.File]::Exists($Path)) { return $values }
    foreach ($line in (Read-SharedText -Path $Path) -split "`r?`n") {
        if ($line -notmatch '^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$') { continue }
        $name = $Matches[1]
        $text = $Matches[2]
        $values[$name] = if ($text -match '^"(.*?)"|^''(.*?)''') {
            $Matches[1] ?? $Matches[2]
        } else {
            ($text -replace '\s+#.*$', '' -replace '^#.*$', '')
        }
    }
    $values
}

function Get-Override {
    <#
    .SYNOPSIS
    The variables that override the manifest, from the environment, else from .env.local. An empty one counts as not set.
    #>
    param([Parameter(Mandatory)][string] $Root)
    $file = Read-DotEnv -Path ([IO.Path]::Combine($Root, '.env.local'))
    $found = @{}
    foreach ($name in 'PORT', 'HOSTNAME', 'COMFY_URL', 'LOG_LEVEL', 'NODE_ENV') {
        $value = [Environment]::GetEnvironmentVariable($name)
        # Shells and containers export the machine's own name; that is not meant as an address.
        if ($name -eq 'HOSTNAME' -and $value -eq [Net.Dns]::GetHostName()) { $value = $null }
        if (-not $value) { $value = $file[$name] }
        if ($value) { $found[$name] = $value }
    }
    $found
}

function Set-ManifestOverride {
    <#
    .SYNOPSIS
    Writes the overriding variables into a manifest. Throws ORC2022 for a value that cannot be used.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][object] $Manifest, [Parameter(Mandatory)][Collections.IDictionary] $Override)
    $panel = $Manifest.services | Where-Object { $_.id -eq 'panel' }
    $guardian = $Manifest.services | Where-Object { $_.id -eq 'guardian' }
    if ($panel -and $Override['PORT']) { $panel.port = ConvertTo-Port -Name 'PORT' -Text $Override['PORT'] }
    if ($panel -and $Override['HOSTNAME']) {
        if ($Override['HOSTNAME'] -notmatch '^[A-Za-z0-9:.[\]-]{1,253}$') {
            throw (New-OverrideError -Name 'HOSTNAME' -Detail (Get-Phrase 'Override.NotHost'))
        }
        $panel.host = $Override['HOSTNAME']
    }
    foreach ($name in 'LOG_LEVEL', 'NODE_ENV') {
        if (-not $Override[$name]) { continue }
        foreach ($service in @($panel; $guardian)) {
            if ($service) { Set-Member -Object $service.env -Name $name -Value $Override[$name] }
        }
    }
    if ($Override['COMFY_URL']) { Set-ComfyAddress -Manifest $Manifest -Url $Override['COMFY_URL'] }
}

function ConvertTo-Port {
    <#
    .SYNOPSIS
    A port from text, or ORC2022.
    #>
    param([string] $Name, [string] $Text)
    $port = 0
    if (-not [int]::TryParse($Text, [ref] $port) -or $port -lt 1 -or $port -gt 65535) {
        throw (New-OverrideError -Name $Name -Detail (Get-Phrase 'Override.NotPort'))
    }
    $port
}

function Set-ComfyAddress {
    <#
    .SYNOPSIS
    Makes ComfyUI an external service at an address. Nothing but scheme, host and port may stand in it.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Manifest, [string] $Url)
    $uri = $null
    if (-not [uri]::TryCreate($Url, [UriKind]::Absolute, [ref] $uri) -or $uri.Scheme -notin 'http', 'https' -or -not $uri.Host) {
        throw (New-OverrideError -Name 'COMFY_URL' -Detail (Get-Phrase 'Override.NotUrl'))
    }
    if ($uri.AbsolutePath -ne '/' -or $uri.Query -or $uri.Fragment -or $uri.UserInfo) {
        throw (New-OverrideError -Name 'COMFY_URL' -Detail (Get-Phrase 'Override.UrlParts'))
    }
    $comfy = Get-ComfyEntry -Manifest $Manifest
    $comfy.scheme = $uri.Scheme
    $comfy.host = $uri.Host
    $comfy.port = $uri.Port
    Set-External -Service $comfy
}

function Set-External {
    <#
    .SYNOPSIS
    Makes a service one that is watched and used, but never started or stopped.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Service)
    $Service.mode = 'external'
    $Service.command = $null
    $Service.requires = @()
    Set-RealComfyName -Service $Service
}

function Set-RealComfyName {
    <#
    .SYNOPSIS
    Takes the word demo from the names of a ComfyUI that is a real one.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Service)
    $Service.displayName = 'Orchestrator ComfyUI'
    $Service.description = if ($Service.mode -eq 'external') {
        'ComfyUI that somebody else runs: watched and used, never started or stopped.'
    } else {
        'ComfyUI, started by its own Python.'
    }
}

function Get-ComfyEntry {
    <#
    .SYNOPSIS
    The manifest's entry for ComfyUI, or ORC2001.
    #>
    param([object] $Manifest)
    $comfy = $Manifest.services | Where-Object { $_.id -eq 'comfyui' }
    if (-not $comfy) {
        throw (New-OrchestratorError -Code ORC2001 -Data @{ name = 'comfyui'; known = ($Manifest.services.id -join ', ') })
    }
    $comfy
}

function New-OverrideError {
    <#
    .SYNOPSIS
    The error ORC2022 about a variable.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Name, [string] $Detail)
    New-OrchestratorError -Code ORC2022 -Data @{ name = $Name; detail = $Detail } -Target $Name
}

function Set-Member {
    <#
    .SYNOPSIS
    Sets a property of an object, adding it when it is not there.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Object, [string] $Name, [AllowNull()][object] $Value)
    if ($Object.PSObject.Properties[$Name]) {
        $Object.$Name = $Value
    } else {
        $Object.PSObject.Properties.Add([psnoteproperty]::new($Name, $Value))
    }
}
