function Compare-Installation {
    <#
    .SYNOPSIS
    The differences between what is installed and what would be, one for each parameter.
    .PARAMETER Old
    The installed context; null when nothing is installed.
    .OUTPUTS
    Orchestrator.InstallChange objects; a new or removed service is one of them.
    #>
    param([AllowNull()][object] $Old, [Parameter(Mandatory)][object] $New)
    $before = if ($Old) { ConvertTo-Setting -Value (Select-TopLevel -Manifest $Old.Manifest) } else { @{} }
    $after = ConvertTo-Setting -Value (Select-TopLevel -Manifest $New.Manifest)
    if (-not $Old) {
        New-InstallChange -Target 'orchestrator' -Property 'manifest' -To $New.ManifestPath -Action create
    } else {
        Compare-Setting -Target 'orchestrator' -Before $before -After $after
    }
    $known = if ($Old) { @($Old.Services) } else { @() }
    foreach ($service in $New.Services) {
        $was = $known | Where-Object { $_.id -eq $service.id }
        # What a backend keeps itself is held against what it really has: a hand edit shows, and nothing shows twice.
        $really = @(Get-BackendDifference -Context $New -Service $service)
        $absent = @($really | Where-Object { $_.Name -eq 'service' })
        if (-not $was -or $absent) {
            New-InstallChange -Target $service.id -Property 'service' -To $service.serviceName -Action create
            continue
        }
        $set = @{ Target = $service.id; Before = ConvertTo-Setting -Value $was; After = ConvertTo-Setting -Value $service }
        Compare-Setting @set | Where-Object { -not (Test-BackendProperty -Context $New -Property $_.Property) }
        foreach ($one in $really) { ConvertFrom-BackendDifference -Target $service.id -Difference $one }
    }
    foreach ($service in $known) {
        if ($service.id -notin $New.Services.id) {
            New-InstallChange -Target $service.id -Property 'service' -From $service.serviceName -Action remove
        }
    }
}

# Properties of a service that become parameters of its Windows service.
$script:KeptByNssm = '^(command|cwd|env|dependsOn|startType|displayName|description|restart\.policy|stop\.timeoutMs' +
'|logs\.(stdout|stderr|rotateBytes))(\.|$)'

function Test-BackendProperty {
    <#
    .SYNOPSIS
    Says whether a property of a service is one of its backend's own settings.
    #>
    param([object] $Context, [string] $Property)
    $Context.Backend -eq 'Nssm' -and $Property -match $script:KeptByNssm
}

function ConvertFrom-BackendDifference {
    <#
    .SYNOPSIS
    A difference of a backend's settings as a line of what Install-Orchestrator does.
    #>
    param([string] $Target, [object] $Difference)
    $from = $Difference.From ? $Difference.From : $null
    $to = $Difference.To ? $Difference.To : $null
    $action = if ($null -eq $from) { 'create' } elseif ($null -eq $to) { 'remove' } else { 'change' }
    $change = New-InstallChange -Target $Target -Property $Difference.Name -From $from -To $to -Action $action
    $change | Add-Member -NotePropertyName Live -NotePropertyValue (-not $Difference.Restart) -PassThru
}

function Select-TopLevel {
    <#
    .SYNOPSIS
    A manifest without its services.
    #>
    param([object] $Manifest)
    $rest = [ordered]@{}
    foreach ($property in $Manifest.PSObject.Properties) {
        if ($property.Name -ne 'services') { $rest[$property.Name] = $property.Value }
    }
    [pscustomobject] $rest
}

function ConvertTo-Setting {
    <#
    .SYNOPSIS
    Nested data as a flat table: "health.timeoutMs" to its value as text. A list is one value.
    #>
    param([AllowNull()][object] $Value, [string] $Prefix = '', [Collections.IDictionary] $Into = [ordered]@{})
    if ($Value -is [Management.Automation.PSCustomObject]) {
        foreach ($property in $Value.PSObject.Properties) {
            $name = if ($Prefix) { "$Prefix.$($property.Name)" } else { $property.Name }
            [void] (ConvertTo-Setting -Value $property.Value -Prefix $name -Into $Into)
        }
    } elseif ($Value -is [array]) {
        $Into[$Prefix] = @($Value | ForEach-Object { if ($_ -match '^$|[\s"]') { "`"$_`"" } else { $_ } }) -join ' '
    } elseif ($null -ne $Value) {
        $Into[$Prefix] = [string] $Value
    }
    $Into
}

function Compare-Setting {
    <#
    .SYNOPSIS
    The differences of two flat tables.
    #>
    param([string] $Target, [Collections.IDictionary] $Before, [Collections.IDictionary] $After)
    foreach ($name in $After.Keys) {
        if (-not $Before.Contains($name)) {
            New-InstallChange -Target $Target -Property $name -To $After[$name] -Action create
        } elseif ($Before[$name] -cne $After[$name]) {
            New-InstallChange -Target $Target -Property $name -From $Before[$name] -To $After[$name] -Action change
        }
    }
    foreach ($name in $Before.Keys) {
        if (-not $After.Contains($name)) {
            New-InstallChange -Target $Target -Property $name -From $Before[$name] -Action remove
        }
    }
}

function New-InstallChange {
    <#
    .SYNOPSIS
    One line of what Install-Orchestrator does.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [string] $Target, [string] $Property, [AllowNull()][object] $From, [AllowNull()][object] $To, [string] $Action
    )
    [pscustomobject]@{
        PSTypeName = 'Orchestrator.InstallChange'
        Target     = $Target
        Property   = $Property
        From       = $From
        To         = $To
        Action     = $Action
    }
}
