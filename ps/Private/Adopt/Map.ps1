# A service made by hand as an entry of the manifest: what a person set on purpose stays, the rest is the manifest's.
# Pure: a dump of the registry in, an entry out.

function ConvertTo-AdoptedService {
    <#
    .SYNOPSIS
    The manifest's entry for a service that was made by hand.
    .PARAMETER Dump
    Read-ServiceDump.
    .PARAMETER Entry
    The manifest's own entry of that id; it is not changed.
    .PARAMETER Launch
    For ComfyUI: how Python is called, from the service itself or from its batch file.
    .PARAMETER SecretName
    Variables whose values may not stand in a manifest.
    .PARAMETER Variable
    The machine's variables, which fill in %NAME%.
    .OUTPUTS
    An object with Service, Secrets (name to value, found in the environment), Needs (names of services it depended on)
    and Left (texts about what cannot stay).
    #>
    param(
        [Parameter(Mandatory)][object] $Dump,
        [Parameter(Mandatory)][object] $Entry,
        [AllowNull()][object] $Launch,
        [AllowEmptyCollection()][string[]] $SecretName = @(),
        [Collections.IDictionary] $Variable = [Environment]::GetEnvironmentVariables()
    )
    $fact = ConvertTo-ServiceFact -Dump $Dump -Variable $Variable
    $service = ConvertFrom-Json -InputObject (ConvertTo-Json -InputObject $Entry -Depth 32) -DateKind String
    $adopted = [pscustomobject]@{
        Service = $service
        Secrets = [ordered]@{}
        Needs   = @(Get-DumpValue -Dump $Dump -Key '' -Name DependOnService | Where-Object { $_ })
        Left    = [Collections.Generic.List[string]]::new()
    }
    if ($fact.Name -cnotmatch '^[A-Za-z][A-Za-z0-9_.-]{0,79}$') {
        throw (New-OrchestratorError -Code ORC2055 -Data @{ name = $fact.Name; detail = Get-Phrase 'Adopt.BadName' } -Target $fact.Name)
    }
    $service.serviceName = $fact.Name
    $service.mode = 'managed'
    Set-AdoptedName -Service $service -Dump $Dump
    Set-AdoptedLog -Service $service -Dump $Dump -Variable $Variable
    Set-AdoptedStart -Service $service -Dump $Dump
    if ($service.id -eq 'comfyui') {
        Set-ComfyCommand -Service $service -Launch $Launch
        $service.requires = @($Launch.Python, $Launch.Script | Where-Object { $_ -match '[\\/]' })
    }
    Set-AdoptedEnvironment -Adopted $adopted -Fact $fact -SecretName $SecretName
    if ($service.id -eq 'panel') {
        Set-AdoptedPort -Service $service -Fact $fact
        if ($service.host -notin 'localhost', '127.0.0.1', '::1', '[::1]') {
            $adopted.Left.Add((Get-Phrase 'Adopt.NeedsToken' @{ service = $fact.Name; host = $service.host }))
        }
    }
    $adopted
}

function Set-AdoptedName {
    <#
    .SYNOPSIS
    Keeps the names that people see, where somebody gave them.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Service, [object] $Dump)
    $shown = "$(Get-DumpValue -Dump $Dump -Key '' -Name DisplayName)"
    # NSSM gives the service's own name where nobody gave another.
    if ($shown) { $Service.displayName = $shown }
    $described = "$(Get-DumpValue -Dump $Dump -Key '' -Name Description)"
    if ($described) { $Service.description = $described }
}

function Set-AdoptedLog {
    <#
    .SYNOPSIS
    Keeps the log files and the size at which they are rotated. A stream that went nowhere gets a file beside the other.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Service, [object] $Dump, [Collections.IDictionary] $Variable)
    $files = @{}
    foreach ($stream in 'stdout', 'stderr') {
        $path = Expand-WindowsVariable -Text "$(Get-DumpValue -Dump $Dump -Key Parameters -Name "App$stream")" -Variable $Variable
        # A path that names no drive starts at a folder of the system; the manifest has whole paths only.
        if ($path -match '^([A-Za-z]:[\\/]|\\\\)') { $files[$stream] = $path }
    }
    $folder = Get-WindowsParent (@($files['stdout'], $files['stderr']).Where({ $_ })[0])
    foreach ($stream in 'stdout', 'stderr') {
        if ($files[$stream]) {
            $Service.logs.$stream = $files[$stream]
        } elseif ($folder) {
            $Service.logs.$stream = Join-WindowsPath -Folder $folder -Path (Get-WindowsLeaf $Service.logs.$stream)
        }
    }
    $size = [long] (Get-DumpValue -Dump $Dump -Key Parameters -Name AppRotateBytes) -band 0xFFFFFFFFL
    $size += 4294967296L * [long] (Get-DumpValue -Dump $Dump -Key Parameters -Name AppRotateBytesHigh)
    if ($size -ge 1024 -and $size -le 10737418240) { $Service.logs.rotateBytes = $size }
}

function Set-AdoptedStart {
    <#
    .SYNOPSIS
    Keeps how the service starts, and a time to stop that is longer than the manifest's.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Service, [object] $Dump)
    $delayed = (Get-DumpValue -Dump $Dump -Key '' -Name DelayedAutostart) -eq 1
    $Service.startType = switch (Get-DumpValue -Dump $Dump -Key '' -Name Start) {
        2 { if ($delayed) { 'delayed' } else { 'auto' } }
        3 { 'manual' }
        4 { 'disabled' }
        default { $Service.startType }
    }
    $patience = [long] (Get-DumpValue -Dump $Dump -Key Parameters -Name AppStopMethodConsole)
    if ($patience -gt $Service.stop.timeoutMs -and $patience -le 600000) { $Service.stop.timeoutMs = $patience }
}

function Set-AdoptedEnvironment {
    <#
    .SYNOPSIS
    Keeps extra variables. Values of secrets are set aside, and what a manifest cannot hold is said.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Adopted, [object] $Fact, [string[]] $SecretName)
    foreach ($line in $Fact.Environment) {
        $name, $value = $line -split '=', 2
        if ($null -eq $value -or $name -like 'ORCHESTRATOR_*') { continue }
        if ($name -in $SecretName) {
            $Adopted.Secrets[$name] = $value
        } elseif ($name -cnotmatch '^[A-Za-z_][A-Za-z0-9_]*$') {
            $Adopted.Left.Add((Get-Phrase 'Adopt.LeftVariable' @{ name = $name; service = $Fact.Name }))
        } else {
            Set-Member -Object $Adopted.Service.env -Name $name -Value $value
        }
    }
}

function Set-AdoptedPort {
    <#
    .SYNOPSIS
    Keeps the panel's port and address: from its arguments (next start -p 3001), else from PORT and HOSTNAME, which then
    stand in the manifest and no longer in the environment.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Service, [object] $Fact)
    $given = @{ PORT = $Service.env.PORT; HOSTNAME = $Service.env.HOSTNAME }
    $words = ConvertFrom-CommandLine $Fact.Arguments
    for ($i = 0; $i -lt $words.Count; $i++) {
        $name, $value = $words[$i] -split '=', 2
        if ($null -eq $value -and $i + 1 -lt $words.Count) { $value = $words[$i + 1] }
        if ($name -cin '-p', '--port') { $given.PORT = $value }
        if ($name -cin '-H', '--hostname', '--host') { $given.HOSTNAME = $value }
    }
    $port = 0
    if ([int]::TryParse("$($given.PORT)", [ref] $port) -and $port -ge 1 -and $port -le 65535) { $Service.port = $port }
    if ("$($given.HOSTNAME)" -match '^[A-Za-z0-9:.[\]-]{1,253}$') { $Service.host = $given.HOSTNAME }
    foreach ($name in 'PORT', 'HOSTNAME') { $Service.env.PSObject.Properties.Remove($name) }
}

function Merge-AdoptedManifest {
    <#
    .SYNOPSIS
    A manifest with entries in place of its own, its logs where the adopted ones have theirs.
    .PARAMETER Adopted
    ConvertTo-AdoptedService of each.
    #>
    param([Parameter(Mandatory)][object] $Manifest, [Parameter(Mandatory)][object[]] $Adopted)
    $manifest = ConvertFrom-Json -InputObject (ConvertTo-Json -InputObject $Manifest -Depth 32) -DateKind String
    foreach ($extra in '$schema', 'Path', 'installedFrom') { $manifest.PSObject.Properties.Remove($extra) }
    $manifest.backend = 'Nssm'
    $logs = Get-WindowsParent $Adopted[0].Service.logs.stdout
    if ($logs) { $manifest.paths.logs = $logs }
    $manifest.services = @(
        foreach ($own in $manifest.services) {
            $mine = $Adopted.Service | Where-Object { $_.id -eq $own.id } | Select-Object -First 1
            if ($mine) { $mine; continue }
            foreach ($stream in 'stdout', 'stderr') {
                if ($logs) { $own.logs.$stream = Join-WindowsPath -Folder $logs -Path (Get-WindowsLeaf $own.logs.$stream) }
            }
            $own
        }
    )
    foreach ($one in $Adopted) { Set-AdoptedNeed -Manifest $manifest -Adopted $one }
    $manifest
}

function Set-AdoptedNeed {
    <#
    .SYNOPSIS
    Keeps dependencies on services that stand earlier in the manifest; says which others cannot stay.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Manifest, [object] $Adopted)
    foreach ($name in $Adopted.Needs) {
        $earlier = $null
        foreach ($service in $Manifest.services) {
            if ($service.id -eq $Adopted.Service.id) { break }
            if ($service.serviceName -eq $name) { $earlier = $service.id }
        }
        if (-not $earlier) {
            $data = @{ service = $Adopted.Service.serviceName; name = $name }
            $Adopted.Left.Add((Get-Phrase 'Adopt.LeftDependency' $data))
        } elseif ($earlier -notin $Adopted.Service.dependsOn) {
            $Adopted.Service.dependsOn = @(@($Adopted.Service.dependsOn) + $earlier)
        }
    }
}
