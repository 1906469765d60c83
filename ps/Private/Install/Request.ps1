# What Install-Orchestrator was asked, kept beside the installed copy: an update installs the new version the same way.

function Write-InstallRequest {
    <#
    .SYNOPSIS
    Keeps the parameters, and the variables of the environment that override the manifest.
    #>
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][Collections.IDictionary] $Request)
    $resolver = $ExecutionContext.SessionState.Path
    $kept = [ordered]@{}
    foreach ($name in $Request.Keys | Sort-Object) {
        $value = $Request[$name]
        if (-not $value) { continue }
        # A path as the caller's folder meant it.
        $kept[$name] = if ($name -like '*Path' -and $value -is [string]) { $resolver.GetUnresolvedProviderPathFromPSPath($value) } else { $value }
    }
    $record = [ordered]@{ version = 1; parameters = $kept; environment = Get-EnvironmentOverride }
    $text = (ConvertTo-Json -InputObject $record -Depth 8).Replace("`r`n", "`n") + "`n"
    Write-StateFile -Path (Get-InstallRequestPath -Data $Context.Data) -Text $text
}

function Get-EnvironmentOverride {
    <#
    .SYNOPSIS
    The overrides that come from the process's environment. Those in .env.local are read anew each time.
    #>
    $found = [ordered]@{}
    # A folder without .env.local, so that only the environment speaks.
    $all = Get-Override -Root $script:ModuleRoot
    foreach ($name in $all.Keys | Sort-Object) { $found[$name] = $all[$name] }
    $found
}

function Read-InstallRequest {
    <#
    .SYNOPSIS
    What was kept. Where nothing was, what the installed copy says of it.
    .OUTPUTS
    An object with Parameters and Environment.
    #>
    param([Parameter(Mandatory)][object] $Context)
    $read = Read-StateFile -Path (Get-InstallRequestPath -Data $Context.Data) -Require version, parameters, environment -Fresh
    if ($read.Value -and $read.Value['parameters'] -is [Collections.IDictionary]) {
        return [pscustomobject]@{ Parameters = $read.Value['parameters']; Environment = $read.Value['environment'] ?? @{} }
    }
    $parameters = @{ Backend = $Context.Backend; DataPath = $Context.Data; LogPath = $Context.Logs }
    [pscustomobject]@{ Parameters = $parameters; Environment = @{} }
}

function Get-InstallRequestPath {
    <#
    .SYNOPSIS
    Where it is kept.
    #>
    param([string] $Data)
    [IO.Path]::Combine($Data, 'install.json')
}
