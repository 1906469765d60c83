function Resolve-SourceManifest {
    <#
    .SYNOPSIS
    The source manifest to install: the one that was given, else the one in the environment, else the project's own. Of
    an installed copy its source.
    #>
    param([AllowEmptyString()][string] $Path, [AllowEmptyString()][string] $Backend)
    $source = if ($Path -or $env:ORCHESTRATOR_MANIFEST) {
        Resolve-OrchestratorManifestPath -Manifest $Path
    } else {
        $kind = if ($Backend) { $Backend -eq 'Nssm' } else { $IsWindows }
        $own = [IO.Path]::Combine($script:ProjectRoot, 'deploy', ($kind ? 'windows' : 'local'), 'orchestrator.json')
        if ($IsWindows -and $kind) { (Get-InstalledSource -Own $own) ?? $own } else { $own }
    }
    try {
        $noted = (ConvertFrom-Json -InputObject (Read-SharedText -Path $source) -AsHashtable -DateKind String)['installedFrom']
        if ($noted) { return [string] $noted }
    } catch {
        Write-Debug "left to the judge: $source"
    }
    $source
}

function Get-InstalledSource {
    <#
    .SYNOPSIS
    The manifest that is installed in the data folder of the project's own one, as Import-OrchestratorService leaves it;
    null when nothing is installed there.
    #>
    param([Parameter(Mandatory)][string] $Own)
    try {
        $folder = (ConvertFrom-Json -InputObject (Read-SharedText -Path $Own) -AsHashtable -DateKind String)['paths']['data']
        $copy = Get-StatePath -Data ([IO.Path]::GetFullPath($folder, [IO.Path]::GetDirectoryName($Own))) -Kind Manifest
        if (-not [IO.File]::Exists($copy)) { return $null }
        $noted = (ConvertFrom-Json -InputObject (Read-SharedText -Path $copy) -AsHashtable -DateKind String)['installedFrom']
        if ($noted -and [IO.File]::Exists($noted)) { return [string] $noted }
    } catch {
        Write-Debug "left to the judge: $Own"
    }
    return $null
}

function Assert-InstallPlan {
    <#
    .SYNOPSIS
    Throws ORC2013 with everything that stands in the way of an installation. Touches nothing.
    .PARAMETER Check
    The checks that count.
    .PARAMETER Force
    Only faults of the plan itself count; failed checks are said as warnings.
    #>
    param([Parameter(Mandatory)][object] $Plan, [string[]] $Check = $script:InstallChecks, [switch] $Force)
    $faults = @($Plan.Faults | ForEach-Object { New-CheckFault -Name Plan -Record $_ })
    $failed = @(Get-PreflightFault -Plan $Plan -Check $Check)
    if ($Force) {
        foreach ($one in $failed) { Write-Warning (Format-Finding -Check $one) }
        $failed = @()
    }
    $findings = @($faults; $failed)
    if (-not $findings) { return }
    throw (New-InstallError -Line @($findings | ForEach-Object { Format-Finding -Check $_ }) -Target $Plan.Source)
}

function Get-PreflightFault {
    <#
    .SYNOPSIS
    The failed checks of a plan. Warnings are shown, not returned.
    #>
    param([object] $Plan, [string[]] $Check)
    foreach ($name in $Check) {
        # A step of the plan that failed has said it already, and left the manifest without its result.
        if ($Plan.Faults -and $name -in 'Program', 'Comfy', 'Node') { continue }
        foreach ($result in (Invoke-Check -Name $name -Context $Plan.Context -Planned)) {
            # An address that a person gave may answer later; one that already answers was promised.
            if ($result.Status -eq 'fail' -or ($result.Name -eq 'Comfy' -and $result.Status -eq 'warn' -and $Plan.Attach)) {
                $result
            } elseif ($result.Status -eq 'warn') {
                Write-Warning (Format-Finding -Check $result)
            }
        }
    }
}

function Format-Finding {
    <#
    .SYNOPSIS
    A check as one line: code, what and why, and the way out.
    #>
    param([object] $Check)
    $code = if ($Check.Code) { "$($Check.Code): " } else { '' }
    "$code$($Check.Message) $($Check.Fix)".TrimEnd()
}

function Read-Installation {
    <#
    .SYNOPSIS
    The context of what is installed where a plan would install; null when nothing is, or it cannot be read.
    #>
    param([object] $Context)
    if (-not [IO.File]::Exists($Context.ManifestPath)) { return $null }
    try {
        $installed = Read-Context -Path $Context.ManifestPath
        if ($installed.Installed) { return $installed }
    } catch {
        Write-Warning (New-StateWarning -Path $Context.ManifestPath -Fault damaged -Detail (Get-Phrase 'Detail.NotJson'))
    }
    return $null
}
