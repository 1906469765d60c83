$script:ContextCache = @{}

function Get-OrchestratorContext {
    <#
    .SYNOPSIS
    What a cmdlet works on: the manifest in force, its services, and where the state lies.
    .DESCRIPTION
    With a source manifest whose installed copy exists, the copy is in force. The copy is read without being judged: only
    Install-Orchestrator writes it, after judging the source, and a start must not wait for a judge. One that cannot be
    read is judged, so that the error names the fault.
    .PARAMETER RequireInstalled
    Throws ORC2016 when only a source manifest is there.
    .OUTPUTS
    ManifestPath, Manifest, Services (file order), Data, Logs, Backend, Root, Installed, SourcePath, Addresses (by id) and
    HeartbeatLimit (milliseconds).
    #>
    param([AllowNull()][AllowEmptyString()][string] $Manifest, [switch] $RequireInstalled)
    $path = Resolve-OrchestratorManifestPath -Manifest $Manifest
    $context = Read-Context -Path $path
    if (-not $context.Installed) {
        $copy = Get-StatePath -Data $context.Data -Kind Manifest
        if ([IO.File]::Exists($copy)) {
            $installed = Read-Context -Path $copy
            # Where nobody named a manifest, what is installed in its data folder counts, wherever that came from.
            $named = $Manifest -or $env:ORCHESTRATOR_MANIFEST
            if (-not $named -or $installed.SourcePath -eq $context.ManifestPath) { $context = $installed }
        }
    }
    if ($RequireInstalled -and -not $context.Installed) {
        $data = @{ path = Get-StatePath -Data $context.Data -Kind Manifest }
        throw (New-OrchestratorError -Code ORC2016 -Data $data -Target $context.ManifestPath)
    }
    $context
}

function Read-Context {
    <#
    .SYNOPSIS
    The context of one manifest file, kept until the file changes.
    #>
    param([string] $Path)
    $file = [IO.FileInfo]::new($Path)
    $stamp = if ($file.Exists) { "$($file.LastWriteTimeUtc.Ticks)/$($file.Length)" } else { '' }
    $kept = $script:ContextCache[$Path]
    if ($stamp -and $kept -and $kept.Stamp -eq $stamp) { return $kept.Context }
    $context = New-Context -Manifest (Read-TrustedManifest -Path $Path) -Path $Path
    $script:ContextCache[$Path] = [pscustomobject]@{ Stamp = $stamp; Context = $context }
    $context
}

function Read-TrustedManifest {
    <#
    .SYNOPSIS
    Reads an installed copy as it is; hands everything else to the judge.
    #>
    param([string] $Path)
    try {
        $manifest = ConvertFrom-Json -InputObject (Read-SharedText -Path $Path) -DateKind String -Depth 64
        if ($manifest.installedFrom -and $manifest.version -eq 1 -and $manifest.services) { return $manifest }
    } catch {
        Write-Debug "not readable as an installed copy: $Path"
    }
    Use-ModulePart Manifest
    Import-OrchestratorManifestFile -Path $Path
}

function New-Context {
    <#
    .SYNOPSIS
    A context from a manifest whose paths are absolute.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][object] $Manifest, [Parameter(Mandatory)][string] $Path)
    $source = $Manifest.PSObject.Properties['installedFrom']
    $addresses = @{}
    foreach ($one in $Manifest.services) { $addresses[$one.id] = Get-ServiceAddress -Service $one }
    [pscustomobject]@{
        ManifestPath   = $Path
        Manifest       = $Manifest
        Services       = @($Manifest.services)
        Data           = $Manifest.paths.data
        Logs           = $Manifest.paths.logs
        Backend        = $Manifest.backend
        Root           = $script:ProjectRoot
        Installed      = $null -ne $source
        SourcePath     = if ($source) { $source.Value } else { $Path }
        Addresses      = $addresses
        HeartbeatLimit = Get-HeartbeatLimit -Manifest $Manifest
    }
}

function Select-Service {
    <#
    .SYNOPSIS
    Finds services by id, alias, service name or wildcard, in file order.
    .OUTPUTS
    An object with Service (the found ones), Explicit (ids that were named without a wildcard) and Unknown (names that
    found nothing).
    #>
    param([Parameter(Mandatory)][object] $Context, [AllowNull()][string[]] $Name)
    if (-not $Name) {
        return [pscustomobject]@{ Service = $Context.Services; Explicit = @(); Unknown = @() }
    }
    $found = [Collections.Generic.HashSet[string]]::new()
    $explicit = [Collections.Generic.HashSet[string]]::new()
    $unknown = foreach ($one in $Name) {
        $wild = [WildcardPattern]::ContainsWildcardCharacters($one)
        $hits = @($Context.Services | Where-Object { Test-ServiceName -Service $_ -Name $one -Wild $wild })
        if (-not $hits) { $one }
        foreach ($hit in $hits) {
            [void] $found.Add($hit.id)
            if (-not $wild) { [void] $explicit.Add($hit.id) }
        }
    }
    [pscustomobject]@{
        Service  = @($Context.Services | Where-Object { $found.Contains($_.id) })
        Explicit = @($explicit)
        Unknown  = @($unknown)
    }
}

function Test-ServiceName {
    <#
    .SYNOPSIS
    Says whether a name means a service.
    #>
    param([object] $Service, [string] $Name, [bool] $Wild)
    foreach ($known in @($Service.id; $Service.serviceName; $Service.aliases)) {
        # -eq passes over NUL and characters without width: a name with one of these would mean the service too.
        if ($Wild ? ($known -like $Name) : [string]::Equals($known, $Name, 'OrdinalIgnoreCase')) { return $true }
    }
    return $false
}

function New-UnknownServiceError {
    <#
    .SYNOPSIS
    The error ORC2001 with the names that exist.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [string] $Name)
    $data = @{ name = $Name; known = ($Context.Services.id -join ', ') }
    New-OrchestratorError -Code ORC2001 -Data $data -Target $Name
}

function Resolve-Service {
    <#
    .SYNOPSIS
    The services that a changing cmdlet was asked for. One unknown name stops the whole call: nothing half-done.
    .OUTPUTS
    What Select-Service returns.
    #>
    param([object] $Context, [AllowNull()][string[]] $Name)
    $selected = Select-Service -Context $Context -Name $Name
    if ($selected.Unknown) { throw (New-UnknownServiceError -Context $Context -Name $selected.Unknown[0]) }
    $selected
}

function Find-Service {
    <#
    .SYNOPSIS
    The services that a reading cmdlet was asked for. An unknown name is an error of its own, and one of the whole call
    only when nothing was found.
    #>
    param([Management.Automation.PSCmdlet] $Cmdlet, [object] $Context, [AllowNull()][string[]] $Name)
    if (-not $Name) { return $Context.Services }
    $selected = Select-Service -Context $Context -Name $Name
    $unknown = @($selected.Unknown | Where-Object { -not [WildcardPattern]::ContainsWildcardCharacters($_) })
    foreach ($one in $unknown) {
        $fault = New-UnknownServiceError -Context $Context -Name $one
        if (-not $selected.Service) { throw $fault }
        $Cmdlet.WriteError($fault)
    }
    $selected.Service
}
