function New-InstallPlan {
    <#
    .SYNOPSIS
    The manifest as it would be installed, with the faults that were found on the way. Touches nothing.
    .PARAMETER Request
    Backend, ComfyUIPath, Attach, LogPath, DataPath: what Install-Orchestrator was given.
    .PARAMETER Content
    What Source holds, where it is not written yet.
    .OUTPUTS
    An object with Context (of the installed copy), Source, Attach, Moved (the state lies elsewhere than the source says)
    and Faults (error records).
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)][string] $Source,
        [Parameter(Mandatory)][Collections.IDictionary] $Request,
        [AllowNull()][object] $Content
    )
    $manifest = if ($Content) { $Content } else { Import-SourceManifest -Path $Source }
    $faults = [Collections.Generic.List[object]]::new()
    if ($Request['Backend']) { $manifest.backend = $Request['Backend'] }
    $data = $manifest.paths.data
    $override = Get-Override -Root $script:ProjectRoot
    # A parameter is stronger: the own ComfyUI runs on the manifest's address, wherever COMFY_URL points.
    if ($Request['ComfyUIPath']) { $override.Remove('COMFY_URL') }
    $steps = @(
        { Set-InstallPath -Manifest $manifest -Request $Request }
        { Set-ManifestOverride -Manifest $manifest -Override $override }
        { if ($Request['ComfyUIPath']) { Set-ComfyPath -Manifest $manifest -Path $Request['ComfyUIPath'] } }
        { if ($Request['Attach']) { Set-External -Service (Get-ComfyEntry -Manifest $manifest) } }
        { Set-ServiceCommand -Manifest $manifest -Folder ([IO.Path]::GetDirectoryName($Source)) }
    )
    foreach ($step in $steps) {
        try { & $step } catch { $faults.Add($_) }
    }
    $copy = Get-StatePath -Data $manifest.paths.data -Kind Manifest
    Set-ServiceMark -Manifest $manifest -Copy $copy
    $installed = ConvertTo-InstalledManifest -Manifest $manifest -Source $Source
    [pscustomobject]@{
        Context = New-Context -Manifest $installed -Path $copy
        Source  = $Source
        Attach  = [bool] $Request['Attach']
        Moved   = $manifest.paths.data -ne $data
        Faults  = $faults
    }
}

function Import-SourceManifest {
    <#
    .SYNOPSIS
    Reads the manifest to install; of one that is not valid every finding is reported, as ORC2013.
    #>
    param([string] $Path)
    try {
        Import-OrchestratorManifestFile -Path $Path
    } catch {
        $findings = @($_.Exception.Data['Findings'] | Where-Object { $_ })
        if (-not $findings) { throw }
        throw (New-InstallError -Line @($findings | ForEach-Object { "$($_.Code): $($_.Message)" }) -Target $Path)
    }
}

function New-InstallError {
    <#
    .SYNOPSIS
    The error ORC2013 with one line for each thing that stands in the way.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string[]] $Line, [string] $Target)
    $detail = "`n" + (@($Line | ForEach-Object { "  - $_" }) -join "`n")
    New-OrchestratorError -Code ORC2013 -Data @{ count = $Line.Count; detail = $detail } -Target $Target
}

function Set-InstallPath {
    <#
    .SYNOPSIS
    Moves data and logs to the folders that were given.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Manifest, [Collections.IDictionary] $Request)
    $resolver = $ExecutionContext.SessionState.Path
    if ($Request['DataPath']) {
        $Manifest.paths.data = $resolver.GetUnresolvedProviderPathFromPSPath($Request['DataPath'])
    }
    if (-not $Request['LogPath']) { return }
    $folder = $resolver.GetUnresolvedProviderPathFromPSPath($Request['LogPath'])
    $Manifest.paths.logs = $folder
    foreach ($service in $Manifest.services) {
        foreach ($stream in 'stdout', 'stderr') {
            $service.logs.$stream = [IO.Path]::Combine($folder, ($service.logs.$stream -split '[\\/]')[-1])
        }
    }
}

function Set-ServiceCommand {
    <#
    .SYNOPSIS
    Makes the program of each service a full path. Throws ORC2015 or ORC2004 for one that is not there.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Manifest, [string] $Folder)
    foreach ($service in $Manifest.services) {
        if ($null -eq $service.command) { continue }
        $file = $service.command.file
        if ($file -eq 'node') {
            $service.command.file = Get-UsableNode -Root $script:ProjectRoot
        } elseif ($file -notmatch '[\\/]') {
            $found = Find-OnPath -Name $file
            if (-not $found) {
                throw (New-StartError -Service $service -Detail (Get-Phrase 'Program.NotOnPath' @{ file = $file }))
            }
            $service.command.file = $found
        } elseif (-not [IO.Path]::IsPathFullyQualified($file)) {
            $service.command.file = [IO.Path]::GetFullPath($file, $Folder)
        }
    }
}

function Set-ServiceMark {
    <#
    .SYNOPSIS
    Tells each program which service it is and where its manifest lies; our own ones also which PowerShell to use.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Manifest, [string] $Copy)
    foreach ($service in $Manifest.services) {
        if ($service.mode -eq 'external') { continue }
        Set-Member -Object $service.env -Name ORCHESTRATOR_MANIFEST -Value $Copy
        Set-Member -Object $service.env -Name ORCHESTRATOR_SERVICE_ID -Value $service.id
        if ([IO.Path]::GetFileNameWithoutExtension($service.command.file) -ne 'node') { continue }
        Set-Member -Object $service.env -Name ORCHESTRATOR_PWSH -Value (Get-PwshPath)
        Set-Member -Object $service.env -Name ORCHESTRATOR_ROOT -Value $script:ProjectRoot
        # A PowerShell that came as a .NET tool finds its .NET by it, and a Windows service has nobody's environment.
        if ($IsWindows -and $env:DOTNET_ROOT) { Set-Member -Object $service.env -Name DOTNET_ROOT -Value $env:DOTNET_ROOT }
    }
}

function ConvertTo-InstalledManifest {
    <#
    .SYNOPSIS
    The manifest with the path of its source noted beside the version.
    #>
    param([object] $Manifest, [string] $Source)
    $installed = [ordered]@{ version = $Manifest.version; installedFrom = $Source }
    foreach ($property in $Manifest.PSObject.Properties) {
        if ($property.Name -notin '$schema', 'version', 'installedFrom', 'Path') { $installed[$property.Name] = $property.Value }
    }
    [pscustomobject] $installed
}

function ConvertTo-ManifestText {
    <#
    .SYNOPSIS
    The text of an installed copy: the same bytes for the same content.
    #>
    param([object] $Manifest)
    (ConvertTo-Json -InputObject $Manifest -Depth 32).Replace("`r`n", "`n") + "`n"
}
