# The PowerShell side of the bridge. A request is data from outside: nothing in it is ever evaluated as text.

# The generated schemas are the only list of what may be called: one file per cmdlet, its properties the parameters.
$script:BridgeSchemaPath = [IO.Path]::Combine([IO.Path]::GetDirectoryName($PSScriptRoot), 'schema', 'cmdlets')
$script:BridgeAllowed = $null
$script:BridgeBaseline = $null

# Characters of one answer. A longer one is refused here, where it is cheap, and not in the reader's memory.
$script:BridgeMaximumAnswer = 8MB
$script:BridgeMaximumText = 16000
$script:BridgeMaximumDepth = 10

function Invoke-BridgeRequest {
    <#
    .SYNOPSIS
    Runs one request of the bridge and returns the answer as one line of ASCII JSON.
    .DESCRIPTION
    Never throws: a fault of the request or of the cmdlet becomes the error of the answer. Whatever the cmdlet
    changed in the session (location, variables, preferences, culture, environment) is put back.
    .PARAMETER Request
    Base64 of UTF-8 JSON: {id, cmdlet, params}.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [AllowEmptyString()] [string] $Request)

    $bridgeAnswer = [ordered]@{
        id      = ''
        ok      = $false
        data    = @()
        error   = $null
        records = [System.Collections.Generic.List[object]]::new()
    }
    try {
        if ($null -eq $script:BridgeBaseline) { $script:BridgeBaseline = Get-BridgeSession }
        $ExecutionContext.SessionState.Path.PushCurrentLocation('OrchestratorBridge')
        $bridgeCall = Read-BridgeRequest -Request $Request
        $bridgeAnswer.id = $bridgeCall.Id
        if ($bridgeCall.Error) {
            $bridgeAnswer.error = $bridgeCall.Error
        } else {
            Invoke-BridgeCommand -Call $bridgeCall -Answer $bridgeAnswer
        }
    } catch {
        $bridgeAnswer.ok = $false
        $bridgeAnswer.data = @()
        $bridgeAnswer.error = New-BridgeError -Code 'ORC3001' -Category 'NotSpecified' -Message $_.Exception.Message
    } finally {
        Reset-BridgeSession
    }
    ConvertTo-BridgeLine -Answer $bridgeAnswer
}

function Read-BridgeRequest {
    <#
    .SYNOPSIS
    Decodes and judges a request: {Id, Name, Command, Parameters, Error}; Error is null when it may run.
    .PARAMETER Request
    Base64 of UTF-8 JSON: {id, cmdlet, params}.
    #>
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param([Parameter(Mandatory)] [AllowEmptyString()] [string] $Request)

    $call = [pscustomobject]@{ Id = ''; Name = ''; Command = $null; Parameters = @{}; Error = $null }
    try {
        $strict = [System.Text.UTF8Encoding]::new($false, $true)
        $json = $strict.GetString([Convert]::FromBase64String($Request))
        # Without -DateKind String a name such as 2025-01-02T03:04:05Z would arrive as a date.
        $body = ConvertFrom-Json -InputObject $json -AsHashtable -DateKind String
    } catch {
        $call.Error = New-BridgeError -Code 'ORC3003' -Message 'The request is not base64 of JSON.'
        return $call
    }
    if ($body -isnot [System.Collections.IDictionary]) {
        $call.Error = New-BridgeError -Code 'ORC3003' -Message 'The request is not an object.'
        return $call
    }
    # Indexes only: a property access on a dictionary may be answered by a key of the same name.
    if ($body['id'] -is [string] -and $body['id'] -match '\A[A-Za-z0-9-]{1,64}\z') { $call.Id = $body['id'] }
    $call.Error = Get-BridgeShapeError -Body $body -Id $call.Id
    if ($call.Error) { return $call }

    $call.Name = $body['cmdlet']
    $call.Command = Get-BridgeCommand -Name $call.Name
    if (-not $call.Command) {
        $call.Error = New-BridgeError -Code 'ORC3002' -Message 'The command is not on the list of allowed commands.'
        return $call
    }
    $known = Get-BridgeParameterName -Name $call.Name
    foreach ($entry in $body['params'].GetEnumerator()) {
        if (-not $known.Contains($entry.Key)) {
            $message = "$($call.Name) has no parameter of this name for callers from outside."
            $call.Error = New-BridgeError -Code 'ORC3003' -Message $message -Target $entry.Key
            return $call
        }
        $call.Parameters[$entry.Key] = $entry.Value
    }
    $call
}

function Get-BridgeShapeError {
    <#
    .SYNOPSIS
    The first fault in the shape of a decoded request, or nothing.
    .PARAMETER Body
    The decoded request.
    .PARAMETER Id
    Its id, empty when that was not usable.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Body,
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Id
    )

    $fault = if (-not $Id) { 'The request has no usable id.' }
    elseif ($Body['cmdlet'] -isnot [string]) { 'The request names no cmdlet.' }
    elseif ($Body['params'] -isnot [System.Collections.IDictionary]) { 'The params of the request are not an object.' }
    elseif ($Body.get_Count() -ne 3) { 'The request has keys besides id, cmdlet and params.' }
    if ($fault) { New-BridgeError -Code 'ORC3003' -Message $fault }
}

function Get-BridgeCommand {
    <#
    .SYNOPSIS
    The module's own function behind an allowed name, or nothing.
    .PARAMETER Name
    Name of the cmdlet, exactly as in the contract.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory)] [AllowEmptyString()] [string] $Name)

    if ($null -eq $script:BridgeAllowed) {
        # Ordinal: neither the file system nor PowerShell may widen the list by ignoring case.
        $allowed = [System.Collections.Generic.Dictionary[string, object]]::new([System.StringComparer]::Ordinal)
        foreach ($file in Get-ChildItem -LiteralPath $script:BridgeSchemaPath -Filter '*.params.schema.json' -File) {
            $allowed[$file.Name.Replace('.params.schema.json', '')] = $file.FullName
        }
        $script:BridgeAllowed = $allowed
    }
    if (-not $script:BridgeAllowed.ContainsKey($Name)) { return }
    # Taken from the module itself, so that no alias or function of the session stands in for it.
    $ExecutionContext.SessionState.Module.ExportedFunctions[$Name]
}

function Get-BridgeParameterName {
    <#
    .SYNOPSIS
    The set of parameter names that a caller from outside may give; common parameters are not among them.
    .PARAMETER Name
    Name of an allowed cmdlet.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Name)

    $entry = $script:BridgeAllowed[$Name]
    if ($entry -is [string]) {
        $schema = [System.IO.File]::ReadAllText($entry) | ConvertFrom-Json -AsHashtable
        $names = [System.Collections.Generic.HashSet[string]]::new([System.StringComparer]::Ordinal)
        if ($schema['properties'] -is [System.Collections.IDictionary]) {
            foreach ($property in $schema['properties'].GetEnumerator()) { [void] $names.Add($property.Key) }
        }
        $script:BridgeAllowed[$Name] = $names
    }
    # The comma keeps an empty or one-element set a set.
    , $script:BridgeAllowed[$Name]
}

function Invoke-BridgeCommand {
    <#
    .SYNOPSIS
    Runs the cmdlet with all its streams caught and fills the answer.
    .PARAMETER Call
    What Read-BridgeRequest returned.
    .PARAMETER Answer
    The answer to fill.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [pscustomobject] $Call,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Answer
    )

    # The cmdlet inherits these from this scope: nobody is there to answer a question, and every call starts alike.
    $ErrorActionPreference = 'Continue'
    $WarningPreference = 'Continue'
    $InformationPreference = 'Continue'
    $VerbosePreference = 'SilentlyContinue'
    $DebugPreference = 'SilentlyContinue'
    $ProgressPreference = 'SilentlyContinue'
    $ConfirmPreference = 'None'
    $WhatIfPreference = $false

    $bridgeParameters = $Call.Parameters
    $bridgeOutput = [System.Collections.Generic.List[object]]::new()
    $bridgeFailure = $null
    try {
        # The loop stops a stray break or continue of the cmdlet, which would otherwise end this function too.
        do {
            & $Call.Command @bridgeParameters *>&1 | & { process { $bridgeOutput.Add($_) } }
        } while ($false)
    } catch {
        $bridgeFailure = $_
    }

    $data = [System.Collections.Generic.List[object]]::new()
    foreach ($item in $bridgeOutput) {
        # Checked here and not behind a call: there may be a hundred thousand items.
        $isRecord = $item -is [System.Management.Automation.ErrorRecord] -or
            $item -is [System.Management.Automation.InformationalRecord] -or
            $item -is [System.Management.Automation.InformationRecord]
        if ($isRecord) {
            $Answer.records.Add((ConvertTo-BridgeRecord -Item $item))
        } else {
            $data.Add((ConvertTo-BridgeValue $item 0))
        }
    }
    $Answer.data = $data
    if ($bridgeFailure) {
        $Answer.error = ConvertTo-BridgeError -ErrorRecord $bridgeFailure -Name $Call.Name
    } else {
        $Answer.ok = $true
    }
}

function ConvertTo-BridgeRecord {
    <#
    .SYNOPSIS
    The record of the answer for an item of a side stream.
    .PARAMETER Item
    An error, warning, information, verbose or debug record.
    #>
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param([Parameter(Mandatory)] $Item)

    $code = $null
    if ($Item -is [System.Management.Automation.ErrorRecord]) {
        $level = 'error'
        $code = Get-BridgeErrorCode -ErrorRecord $Item
        $message = Get-BridgeErrorMessage -ErrorRecord $Item
    } elseif ($Item -is [System.Management.Automation.WarningRecord]) {
        $level = 'warning'
        $message = $Item.Message
        if ($message -match '\A(ORC\d{4})\b') { $code = $Matches[1] }
    } elseif ($Item -is [System.Management.Automation.InformationRecord]) {
        $level = 'information'
        $message = "$($Item.MessageData)"
    } elseif ($Item -is [System.Management.Automation.VerboseRecord]) {
        $level = 'verbose'
        $message = $Item.Message
    } else {
        $level = 'debug'
        $message = $Item.Message
    }
    [ordered]@{ level = $level; code = $code; message = (Get-BridgeText -Text $message) }
}

function ConvertTo-BridgeError {
    <#
    .SYNOPSIS
    The error of the answer for a terminating error.
    .PARAMETER ErrorRecord
    What was caught.
    .PARAMETER Name
    Name of the cmdlet that was called.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Management.Automation.ErrorRecord] $ErrorRecord,
        [Parameter(Mandatory)] [string] $Name
    )

    $code = Get-BridgeErrorCode -ErrorRecord $ErrorRecord
    if (-not $code) {
        # Only a fault in binding to the called cmdlet is the caller's; one further down is a fault of ours.
        $isBinding = $ErrorRecord.Exception -is [System.Management.Automation.ParameterBindingException]
        $isCalled = $isBinding -and $ErrorRecord.Exception.CommandInvocation.MyCommand.Name -eq $Name
        $code = if ($isCalled) { 'ORC3003' } else { 'ORC3001' }
    }
    $parameters = @{
        Code     = $code
        Category = $ErrorRecord.CategoryInfo.Category.ToString()
        Message  = Get-BridgeErrorMessage -ErrorRecord $ErrorRecord
        Target   = $ErrorRecord.TargetObject
    }
    New-BridgeError @parameters
}

function New-BridgeError {
    <#
    .SYNOPSIS
    An error in the shape of the envelope.
    .PARAMETER Code
    Code of the error registry.
    .PARAMETER Message
    What happened, for a person.
    .PARAMETER Category
    PowerShell's category.
    .PARAMETER Target
    What it happened to; only plain values are told.
    #>
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param(
        [Parameter(Mandatory)] [string] $Code,
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Message,
        [string] $Category = 'InvalidArgument',
        [AllowNull()] $Target
    )

    $isPlain = $Target -is [string] -or $Target -is [ValueType] -or $Target -is [uri]
    [ordered]@{
        code     = $Code
        category = $Category
        message  = Get-BridgeText -Text $Message
        target   = if ($isPlain) { Get-BridgeText -Text "$Target" } else { $null }
    }
}

function Get-BridgeErrorCode {
    <#
    .SYNOPSIS
    The registry code that an error carries as its id, or nothing.
    .PARAMETER ErrorRecord
    The error.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [System.Management.Automation.ErrorRecord] $ErrorRecord)

    if ($ErrorRecord.FullyQualifiedErrorId -match '\A(ORC\d{4})(?:,|\z)') { $Matches[1] }
}

function Get-BridgeErrorMessage {
    <#
    .SYNOPSIS
    The words of an error without position or colour.
    .PARAMETER ErrorRecord
    The error.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [System.Management.Automation.ErrorRecord] $ErrorRecord)

    if ($ErrorRecord.ErrorDetails -and $ErrorRecord.ErrorDetails.Message) {
        return $ErrorRecord.ErrorDetails.Message
    }
    $ErrorRecord.Exception.Message
}

function Get-BridgeText {
    <#
    .SYNOPSIS
    A text cut to the length that an error or record may have.
    .PARAMETER Text
    The text.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()] [AllowEmptyString()] [string] $Text)

    if ($Text.Length -le $script:BridgeMaximumText) { return $Text }
    $Text.Substring(0, $script:BridgeMaximumText)
}

# Without [CmdletBinding()] and named parameters on purpose: it runs once per value, and both double its cost.
function ConvertTo-BridgeValue($Value, [int] $Depth) {
    if ($null -eq $Value) { return $null }
    # A string may carry hidden properties (Get-Content adds some); ToString gives the bare one.
    if ($Value -is [string]) { return $Value.ToString() }
    if ($Value -is [ValueType]) { return ConvertTo-BridgeScalar $Value }
    if ($Depth -ge $script:BridgeMaximumDepth) { return "$Value" }
    if ($Value -is [System.Collections.IDictionary]) {
        $map = [System.Collections.Specialized.OrderedDictionary]::new([System.StringComparer]::Ordinal)
        foreach ($entry in $Value.GetEnumerator()) {
            $map["$($entry.Key)"] = ConvertTo-BridgeValue $entry.Value ($Depth + 1)
        }
        return $map
    }
    if ($Value -is [System.Collections.IEnumerable]) {
        $list = [System.Collections.Generic.List[object]]::new()
        foreach ($item in $Value) { $list.Add((ConvertTo-BridgeValue $item ($Depth + 1))) }
        return , $list
    }
    if ($Value -isnot [System.Management.Automation.PSCustomObject]) { return "$Value" }
    $map = [System.Collections.Specialized.OrderedDictionary]::new([System.StringComparer]::Ordinal)
    foreach ($property in $Value.PSObject.Properties) {
        $name = $property.Name
        $item = $property.Value
        $map[[char]::ToLowerInvariant($name[0]) + $name.Substring(1)] =
            if ($null -eq $item -or $item -is [int] -or $item -is [bool]) { $item }
            elseif ($item -is [string]) { $item.ToString() }
            else { ConvertTo-BridgeValue $item ($Depth + 1) }
    }
    $map
}

function ConvertTo-BridgeScalar($Value) {
    $invariant = [cultureinfo]::InvariantCulture
    if ($Value -is [enum]) { return $Value.ToString() }
    if ($Value -is [datetimeoffset]) { $Value = $Value.UtcDateTime }
    if ($Value -is [datetime]) {
        return $Value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", $invariant)
    }
    if ($Value -is [switch]) { return $Value.IsPresent }
    $base = $Value.PSObject.BaseObject
    if ($base -is [char]) { return $base.ToString() }
    # JSON has no words for these.
    if ($base -is [double] -and -not [double]::IsFinite($base)) { return $null }
    if ($base -is [single] -and -not [single]::IsFinite($base)) { return $null }
    if ($base.GetType().IsPrimitive -or $base -is [decimal] -or $base -is [bigint]) { return $base }
    if ($base -is [System.IFormattable]) { return $base.ToString($null, $invariant) }
    $base.ToString()
}

function ConvertTo-BridgeLine {
    <#
    .SYNOPSIS
    The answer as one line of ASCII; an answer that is too long becomes an error.
    .PARAMETER Answer
    The answer.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Answer)

    $json = @{
        Compress       = $true
        Depth          = $script:BridgeMaximumDepth + 4
        EscapeHandling = 'EscapeNonAscii'
        WarningAction  = 'SilentlyContinue'
    }
    $line = ConvertTo-Json -InputObject $Answer @json
    if ($line.Length -le $script:BridgeMaximumAnswer) { return $line }
    $message = "The answer has $($line.Length) characters; at most $($script:BridgeMaximumAnswer) are allowed. " +
        'Ask for less at once.'
    $refusal = [ordered]@{
        id      = $Answer.id
        ok      = $false
        data    = @()
        error   = New-BridgeError -Code 'ORC3006' -Category 'LimitsExceeded' -Message $message
        records = @()
    }
    ConvertTo-Json -InputObject $refusal @json
}

function Get-BridgeSession {
    <#
    .SYNOPSIS
    What of the session a call must leave as it was.
    #>
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    # PowerShell itself changes these all the time.
    $own = '?', '^', '$', 'Error', 'PWD', 'StackTrace', 'LASTEXITCODE', 'Matches', 'MyInvocation'
    $fixed = [System.Management.Automation.ScopedItemOptions] 'Constant, ReadOnly'
    $ignoreCase = [System.StringComparer]::OrdinalIgnoreCase
    $names = [System.Collections.Generic.HashSet[string]]::new([string[]] $own, $ignoreCase)
    $values = [System.Collections.Generic.List[object]]::new()
    foreach ($variable in Get-Variable -Scope Global) {
        if (-not $names.Add($variable.Name) -or ($variable.Options -band $fixed)) { continue }
        $values.Add([pscustomobject]@{ Variable = $variable; Value = $variable.Value })
    }
    @{
        Names       = $names
        Values      = $values.ToArray()
        Folder      = [Environment]::CurrentDirectory
        Culture     = [cultureinfo]::CurrentCulture
        UICulture   = [cultureinfo]::CurrentUICulture
        Environment = [Environment]::GetEnvironmentVariables()
    }
}

function Reset-BridgeSession {
    <#
    .SYNOPSIS
    Puts the session back to what it was before the first call.
    #>
    [CmdletBinding()]
    param()

    $baseline = $script:BridgeBaseline
    if ($null -eq $baseline) { return }
    # From a stack and not by path: a path means something else when the cmdlet went to another provider.
    # The folder itself may be gone; then there is nothing to go back to.
    try { [void] $ExecutionContext.SessionState.Path.PopLocation('OrchestratorBridge') } catch { $null = $_ }
    [Environment]::CurrentDirectory = $baseline.Folder
    [cultureinfo]::CurrentCulture = $baseline.Culture
    [cultureinfo]::CurrentUICulture = $baseline.UICulture
    Reset-BridgeVariable -Baseline $baseline
    Reset-BridgeEnvironment -Baseline $baseline.Environment
    $global:Error.Clear()
}

function Reset-BridgeVariable {
    <#
    .SYNOPSIS
    Removes new global variables and gives changed ones their value back.
    .PARAMETER Baseline
    What Get-BridgeSession returned.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory)] [hashtable] $Baseline)

    $names = $Baseline.Names
    foreach ($variable in Get-Variable -Scope Global) {
        if ($names.Contains($variable.Name)) { continue }
        Remove-Variable -Name ([wildcardpattern]::Escape($variable.Name)) -Scope Global -Force -ErrorAction Ignore
    }
    foreach ($entry in $Baseline.Values) {
        if ([object]::ReferenceEquals($entry.Variable.Value, $entry.Value)) { continue }
        Set-Variable -Name $entry.Variable.Name -Value $entry.Value -Scope Global -ErrorAction Ignore
    }
    if ($global:PSDefaultParameterValues.Count) { $global:PSDefaultParameterValues.Clear() }
}

function Reset-BridgeEnvironment {
    <#
    .SYNOPSIS
    Puts the environment variables of this process back.
    .PARAMETER Baseline
    Names and values.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Baseline)

    $now = [Environment]::GetEnvironmentVariables()
    foreach ($entry in $now.GetEnumerator()) {
        # A plain $null would arrive as an empty text, which keeps the variable.
        if (-not $Baseline.Contains($entry.Key)) {
            [Environment]::SetEnvironmentVariable($entry.Key, [System.Management.Automation.Language.NullString]::Value)
        }
    }
    foreach ($entry in $Baseline.GetEnumerator()) {
        if ($now[$entry.Key] -cne $entry.Value) {
            [Environment]::SetEnvironmentVariable($entry.Key, $entry.Value)
        }
    }
}
