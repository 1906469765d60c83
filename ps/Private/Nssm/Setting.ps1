# What an NSSM service is set to: what the manifest asks for, what the registry has, and the difference. A setting is an
# ordered dictionary of parameter to text, number, or list of texts; AppExit is one entry for each exit code.

$script:StartNames = @{
    auto = 'SERVICE_AUTO_START'; delayed = 'SERVICE_DELAYED_AUTO_START'; manual = 'SERVICE_DEMAND_START'; disabled = 'SERVICE_DISABLED'
}

# What NSSM does where the registry has no value: setting the default removes the value.
$script:NssmDefaults = @{
    AppRotateFiles = 0; AppRotateOnline = 0; AppRotateBytes = 0; AppThrottle = 1500; AppStopMethodSkip = 0
    AppStopMethodConsole = 1500; AppNoConsole = 0; AppRestartDelay = 0; AppKillProcessTree = 1; AppTimestampLog = 0
    'AppExit.Default' = 'Restart'
}

# Windows and NSSM read these when a service or its program starts.
$script:RestartSettings = @(
    'Application', 'AppParameters', 'AppDirectory', 'AppEnvironmentExtra', 'AppStdout', 'AppStderr', 'AppRotateFiles'
    'AppRotateOnline', 'AppRotateBytes', 'AppNoConsole', 'AppTimestampLog', 'ObjectName'
)

# Console only: our programs have no window, and each further method would wait once more for each process.
$script:ConsoleStopOnly = 2 + 4

function New-NssmSetting {
    <#
    .SYNOPSIS
    What the manifest asks of NSSM for one service.
    .PARAMETER Build
    The build of nssm.exe: a parameter that it has not is left out.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][object] $Service, [AllowNull()][string] $Build)
    $names = @{}
    foreach ($one in $Context.Services) { $names[$one.id] = $one }
    $needed = @($Service.dependsOn | Where-Object { $names[$_] -and $names[$_].mode -ne 'external' })
    $setting = [ordered]@{
        Application          = $Service.command.file
        AppParameters        = ConvertTo-CommandLine -Arguments @($Service.command.args)
        AppDirectory         = $Service.cwd
        AppEnvironmentExtra  = [string[]] @(ConvertTo-NssmEnvironment -Environment $Service.env)
        AppStdout            = $Service.logs.stdout
        AppStderr            = $Service.logs.stderr
        AppRotateFiles       = 1
        AppRotateOnline      = 1
        AppRotateBytes       = [int64] $Service.logs.rotateBytes
        'AppExit.Default'    = if ($Service.restart.policy -eq 'host') { 'Restart' } else { 'Exit' }
        # With Exit a program that ends itself with 0 looks like a stop by request; this way it looks like a crash.
        'AppExit.0'          = if ($Service.restart.policy -eq 'host') { $null } else { 'Suicide' }
        AppThrottle          = 1500
        AppRestartDelay      = 0
        AppNoConsole         = 0
        AppStopMethodSkip    = $script:ConsoleStopOnly
        AppStopMethodConsole = [int] $Service.stop.timeoutMs
        AppKillProcessTree   = 1
        AppTimestampLog      = 0
        Start                = $Service.startType
        DependOnService      = [string[]] @($needed | ForEach-Object { $names[$_].serviceName })
        DisplayName          = $Service.displayName
        Description          = $Service.description
    }
    # Only a person who gives an account has a say in it; else it is whatever it is.
    if ($Context.PSObject.Properties['Account'] -and $Context.Account) { $setting['ObjectName'] = $Context.Account.UserName }
    foreach ($optional in 'AppKillProcessTree', 'AppTimestampLog') {
        if (-not (Test-NssmFeature -Build $Build -Parameter $optional)) { $setting.Remove($optional) }
    }
    $setting
}

function ConvertTo-NssmEnvironment {
    <#
    .SYNOPSIS
    Variables as NSSM takes them: NAME=value, each as one text.
    .NOTES
    NSSM fills in %NAME% inside values, one after another. So a percent sign that could be read so is written as a variable
    of its own, which comes first. Some builds pass over the variable that follows one without a value: so such a one
    comes twice.
    #>
    param([Parameter(Mandatory)][object] $Environment)
    $lines = foreach ($variable in $Environment.PSObject.Properties) {
        $value = [string] $variable.Value
        if ($value -match '%[^%]+%') { $value = $value.Replace('%', '%ORCHESTRATOR_PERCENT%') }
        "$($variable.Name)=$value"
        if ($value -eq '') { "$($variable.Name)=" }
    }
    if (@($lines) -match '%ORCHESTRATOR_PERCENT%') { 'ORCHESTRATOR_PERCENT=%' }
    $lines
}

function Read-NssmSetting {
    <#
    .SYNOPSIS
    What the registry has of a service; null when there is no such service.
    #>
    param([Parameter(Mandatory)][string] $ServiceName)
    $key = Open-ServiceKey -Name $ServiceName
    if (-not $key) { return $null }
    try {
        $setting = [ordered]@{}
        $parameters = $key.OpenSubKey('Parameters')
        if ($parameters) {
            foreach ($name in $parameters.GetValueNames()) { $setting[$name] = Read-RegistryValue -Key $parameters -Name $name }
            $exits = $parameters.OpenSubKey('AppExit')
            if ($exits) {
                foreach ($code in $exits.GetValueNames()) {
                    $setting["AppExit.$($code ? $code : 'Default')"] = [string] $exits.GetValue($code)
                }
                $exits.Dispose()
            }
            $parameters.Dispose()
        }
        foreach ($name in 'DisplayName', 'Description', 'ObjectName', 'ImagePath') {
            $setting[$name] = Read-RegistryValue -Key $key -Name $name
        }
        $setting['DependOnService'] = [string[]] @(Read-RegistryValue -Key $key -Name DependOnService)
        $setting['Start'] = switch ([int] $key.GetValue('Start', 0)) {
            2 { if ([int] $key.GetValue('DelayedAutostart', 0)) { 'delayed' } else { 'auto' } }
            3 { 'manual' }
            4 { 'disabled' }
            default { "$_" }
        }
        $setting['DeleteFlag'] = [int] $key.GetValue('DeleteFlag', 0)
        $setting
    } finally {
        $key.Dispose()
    }
}

function Read-RegistryValue {
    <#
    .SYNOPSIS
    A value as it is written, with nothing filled in; a list without the empty text that ends it.
    #>
    param([object] $Key, [string] $Name)
    $value = $Key.GetValue($Name, $null, 'DoNotExpandEnvironmentNames')
    if ($value -is [array]) { return [string[]] @($value | Where-Object { $_ -ne '' }) }
    $value
}

function Compare-NssmSetting {
    <#
    .SYNOPSIS
    The parameters in which a service differs from what is wanted. What is not named in Wanted is a person's own business.
    .PARAMETER Actual
    Read-NssmSetting; null for a service that is not there.
    .OUTPUTS
    Objects with Name, From and To (texts for a person), Value (null removes it) and Restart: takes effect at the next start.
    #>
    param([AllowNull()][Collections.IDictionary] $Actual, [Parameter(Mandatory)][Collections.IDictionary] $Wanted)
    foreach ($name in $Wanted.Keys) {
        $want = $Wanted[$name]
        $has = if ($Actual -and $Actual.Contains($name)) { $Actual[$name] } else { $script:NssmDefaults[$name] }
        if ((Format-SettingKey $has) -ceq (Format-SettingKey $want)) { continue }
        $shown = Format-SettingPair -Name $name -From $has -To $want
        [pscustomobject]@{
            Name = $name; From = $shown[0]; To = $shown[1]; Value = $want; Restart = $name -in $script:RestartSettings
        }
    }
}

function Format-SettingKey {
    <#
    .SYNOPSIS
    A value as text to compare: nothing, an empty text and an empty list are alike.
    #>
    param([AllowNull()][object] $Value)
    @($Value | Where-Object { $null -ne $_ }) -join "`0"
}

function Format-SettingPair {
    <#
    .SYNOPSIS
    Two values of a parameter as texts for a person; of an environment only what differs, and no secret.
    #>
    param([string] $Name, [AllowNull()][object] $From, [AllowNull()][object] $To)
    if ($Name -ne 'AppEnvironmentExtra') { return @(($From -join ' '), ($To -join ' ')) }
    $old = @($From | Where-Object { $_ -and $_ -cnotin @($To) } | ForEach-Object { Hide-SecretValue $_ })
    $new = @($To | Where-Object { $_ -and $_ -cnotin @($From) } | ForEach-Object { Hide-SecretValue $_ })
    @(($old -join ' '), ($new -join ' '))
}

function Hide-SecretValue {
    <#
    .SYNOPSIS
    NAME=value without the value where the name says that it is a secret.
    #>
    param([string] $Line)
    $Line -replace '^([^=]*(?:TOKEN|KEY|SECRET|PASSWORD|DSN)[^=]*)=.+$', '$1=***'
}

function Get-NssmDifference {
    <#
    .SYNOPSIS
    The difference between a service of this machine and the manifest.
    #>
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][object] $Service)
    $actual = Read-NssmSetting -ServiceName $Service.serviceName
    if (-not $actual) {
        return [pscustomobject]@{ Name = 'service'; From = $null; To = $Service.serviceName; Value = $null; Restart = $false }
    }
    $image = Get-ServiceImage -Setting $actual
    $build = if ($image) { (Get-NssmBinary -Path $image).Build }
    $wanted = New-NssmSetting -Context $Context -Service $Service -Build $build
    Compare-NssmSetting -Actual $actual -Wanted $wanted
}
