# Taking over, and going back.

$script:AdoptChecks = 'Administrator', 'Node', 'Backend', 'Program', 'Drive', 'Folder'

function New-AdoptionPlan {
    <#
    .SYNOPSIS
    What taking over would make of the services that were found. Touches nothing.
    .PARAMETER Base
    The manifest that is merged with what was found.
    .PARAMETER OutFile
    Where the merged manifest will be written; in the data folder when left out.
    .OUTPUTS
    An object with Plan (New-InstallPlan), Manifest (to be written), OutFile, Services (id to candidate), Secrets and Left.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][string] $Base, [AllowEmptyString()][string] $OutFile, [Parameter(Mandatory)][object[]] $Candidate)
    $source = Import-SourceManifest -Path $Base
    $adopted = @(
        foreach ($one in $Candidate) {
            $entry = $source.services | Where-Object { $_.id -eq $one.Id }
            if (-not $entry) { throw (New-UnknownServiceError -Context ([pscustomobject]@{ Services = $source.services }) -Name $one.Id) }
            ConvertTo-AdoptedService -Dump $one.Dump -Entry $entry -Launch $one.Launch -SecretName @($source.secrets)
        }
    )
    $manifest = Merge-AdoptedManifest -Manifest $source -Adopted $adopted
    $path = if ($OutFile) {
        $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutFile)
    } else {
        [IO.Path]::Combine($manifest.paths.data, 'manifest.json')
    }
    $text = ConvertTo-ManifestText -Manifest $manifest
    $findings = @(Test-ManifestText -Text $text -Path $path)
    if ($findings) {
        throw (New-InstallError -Line @($findings | ForEach-Object { "$($_.Code): $($_.Message)" }) -Target $path)
    }
    $content = ConvertFrom-Json -InputObject $text -DateKind String -Depth 64
    $secrets = [ordered]@{}
    foreach ($one in $adopted) { foreach ($name in $one.Secrets.Keys) { $secrets[$name] = $one.Secrets[$name] } }
    [pscustomobject]@{
        Plan     = New-InstallPlan -Source $path -Request @{ Backend = 'Nssm' } -Content $content
        Text     = $text
        OutFile  = $path
        Services = $Candidate
        Secrets  = $secrets
        Left     = @($adopted.Left | ForEach-Object { $_ } | Where-Object { $_ })
    }
}

function Get-AdoptionChange {
    <#
    .SYNOPSIS
    What a plan changes, as InstallChange objects.
    #>
    param([Parameter(Mandatory)][object] $Adoption)
    $written = [IO.File]::Exists($Adoption.OutFile)
    if (-not $written -or (Read-SharedText -Path $Adoption.OutFile) -cne $Adoption.Text) {
        $action = if ($written) { 'change' } else { 'create' }
        New-InstallChange -Target 'orchestrator' -Property 'manifest' -To $Adoption.OutFile -Action $action
    }
    foreach ($name in $Adoption.Secrets.Keys) {
        New-InstallChange -Target 'orchestrator' -Property $name -To '.env.local' -Action create
    }
    $context = $Adoption.Plan.Context
    foreach ($one in $Adoption.Services) {
        $service = $context.Services | Where-Object { $_.id -eq $one.Id }
        New-InstallChange -Target $one.Id -Property 'serviceName' -To $service.serviceName -Action change
        foreach ($difference in (Get-BackendDifference -Context $context -Service $service)) {
            ConvertFrom-BackendDifference -Target $one.Id -Difference $difference
        }
    }
}

function Set-Adoption {
    <#
    .SYNOPSIS
    Makes a plan real: the record first, then the manifest, then the services' parameters. Nothing is stopped.
    .OUTPUTS
    The ids of the services that run with their old settings until they are restarted.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][object] $Adoption)
    $context = $Adoption.Plan.Context
    $lock = Enter-InstallLock -Context $context
    try {
        foreach ($one in $Adoption.Services) {
            Write-AdoptedRecord -Data $context.Data -Dump $one.Dump -Id $one.Id -Manifest $Adoption.OutFile
        }
        Save-AdoptedSecret -Secret $Adoption.Secrets
        Write-StateFile -Path $Adoption.OutFile -Text $Adoption.Text
        Write-Copy -Context $context
        foreach ($one in $Adoption.Services) {
            $service = $context.Services | Where-Object { $_.id -eq $one.Id }
            $running = $one.Fact.State -notin '', 'Stopped', 'StopPending'
            Install-BackendService -Context $context -Service $service
            # What a person has running stays wanted; the guardian must not start what was left stopped.
            Set-Desired -Context $context -Id $one.Id -State ($running ? 'running' : 'stopped') -By operator
            if ($running) { $one.Id }
        }
    } finally {
        $lock.Dispose()
    }
}

function Save-AdoptedSecret {
    <#
    .SYNOPSIS
    Puts secrets that lay open in a service's environment into .env.local; one that is there already stays.
    #>
    param([Parameter(Mandatory)][Collections.IDictionary] $Secret)
    $file = [IO.Path]::Combine($script:ProjectRoot, '.env.local')
    $known = Read-DotEnv -Path $file
    foreach ($name in $Secret.Keys) {
        if (-not $known[$name]) { Set-SecretLine -File $file -Name $name -Value $Secret[$name] }
        Write-Warning (Get-Phrase 'Adopt.Secret' @{ name = $name })
    }
}
