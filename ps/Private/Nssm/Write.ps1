# Changing an NSSM service, through nssm.exe.

function Set-NssmSetting {
    <#
    .SYNOPSIS
    Makes the differences real, one parameter after another.
    .PARAMETER Difference
    What Compare-NssmSetting found.
    .PARAMETER Account
    The account whose name is among the differences, for its password.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)][string] $Nssm,
        [Parameter(Mandatory)][string] $ServiceName,
        [Parameter(Mandatory)][AllowEmptyCollection()][object[]] $Difference,
        [Parameter(Mandatory)][string] $Target,
        [AllowNull()][object] $Account
    )
    foreach ($one in $Difference) {
        if ($one.Name -eq 'ObjectName') {
            Set-NssmAccount -Nssm $Nssm -ServiceName $ServiceName -Account $Account -Target $Target
            continue
        }
        $parameter, $code = $one.Name -split '\.', 2
        $words = @($parameter) + @($code | Where-Object { $_ })
        $values = @(ConvertTo-NssmWord -Parameter $parameter -Value $one.Value)
        $verb = if ($values.Count) { 'set' } else { 'reset' }
        Invoke-Nssm -Path $Nssm -Arguments (@($verb, $ServiceName) + $words + $values) -Target $Target
        if ($one.Value -is [string] -and $one.Value.Contains('%')) {
            Set-LiteralText -ServiceName $ServiceName -Parameter $parameter -Text $one.Value
        }
    }
}

function Set-NssmAccount {
    <#
    .SYNOPSIS
    Makes a service run as an account; NSSM gives it the right to log on as a service.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Nssm, [string] $ServiceName, [pscredential] $Account, [string] $Target)
    $words = @('set', $ServiceName, 'ObjectName', $Account.UserName)
    $password = $Account.GetNetworkCredential().Password
    # LocalService and its like have none, and an empty word would be taken for one.
    if ($password) { $words += $password }
    Invoke-Nssm -Path $Nssm -Arguments $words -Target $Target
}

function ConvertTo-NssmWord {
    <#
    .SYNOPSIS
    A value as the words that follow "nssm set SERVICE PARAMETER"; none where it is to be reset.
    #>
    param([string] $Parameter, [AllowNull()][object] $Value)
    if ($Parameter -eq 'Start') { return $script:StartNames[$Value] }
    foreach ($one in $Value) { if ($null -ne $one -and "$one" -ne '') { "$one" } }
}

function Set-LiteralText {
    <#
    .SYNOPSIS
    Writes a text with percent signs so that nothing is filled in: as a plain text, where NSSM writes one to be expanded.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $ServiceName, [string] $Parameter, [string] $Text)
    $key = Open-ServiceKey -Name "$ServiceName\Parameters" -Writable
    if (-not $key) { return }
    try {
        if ($key.GetValueNames() -contains $Parameter) { $key.SetValue($Parameter, $Text, 'String') }
    } finally {
        $key.Dispose()
    }
}

function New-NssmService {
    <#
    .SYNOPSIS
    Makes a service with NSSM's own defaults.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][string] $Nssm, [Parameter(Mandatory)][object] $Service)
    $words = 'install', $Service.serviceName, $Service.command.file
    Invoke-Nssm -Path $Nssm -Arguments $words -Target $Service.id
    # Not elevated, NSSM hands over to a copy of itself and says 0 at once.
    if (-not (Get-ScmStatus -ServiceName $Service.serviceName)) {
        $data = @{ command = "install $($Service.serviceName)"; detail = Get-Phrase 'Nssm.NotThere' }
        throw (New-OrchestratorError -Code ORC2029 -Data $data -Target $Service.id)
    }
}

function Remove-NssmService {
    <#
    .SYNOPSIS
    Removes a stopped service, and says so when Windows only marked it: ORC2030.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][string] $Nssm, [Parameter(Mandatory)][string] $ServiceName, [Parameter(Mandatory)][string] $Target)
    Invoke-Nssm -Path $Nssm -Arguments 'remove', $ServiceName, 'confirm' -Target $Target
    $deadline = [Environment]::TickCount64 + 5000
    while (Get-ScmStatus -ServiceName $ServiceName) {
        if ([Environment]::TickCount64 -gt $deadline) {
            throw (New-OrchestratorError -Code ORC2030 -Data @{ service = $ServiceName } -Target $Target)
        }
        [Threading.Thread]::Sleep(100)
    }
}

function Get-ServiceNssm {
    <#
    .SYNOPSIS
    The nssm.exe that a service was made with: only that one is sure to understand it. Another one when that is gone.
    .PARAMETER Setting
    Read-NssmSetting of the service.
    #>
    param([Parameter(Mandatory)][Collections.IDictionary] $Setting)
    (Get-ServiceImage -Setting $Setting) ?? (Get-UsableNssm).Path
}

function Get-ServiceImage {
    <#
    .SYNOPSIS
    The file that Windows starts for a service; null when it is not there.
    #>
    param([Parameter(Mandatory)][Collections.IDictionary] $Setting)
    $image = [Environment]::ExpandEnvironmentVariables((ConvertFrom-ImagePath -Text ([string] $Setting['ImagePath'])))
    if ($image -and [IO.File]::Exists($image)) { $image }
}
