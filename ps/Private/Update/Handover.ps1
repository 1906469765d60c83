# The new version installs and starts itself, in a PowerShell of its own: this session has the old cmdlets. The order
# goes over in a variable, as data; the answer comes back in a file. Both versions must understand this much of another.

function Start-NewVersion {
    <#
    .SYNOPSIS
    Has the module that now lies in the installation install and start itself. Throws what went wrong.
    .OUTPUTS
    What the new version says of its services: objects with Id, Health and Reason.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Root, [AllowNull()][object] $Context, [Collections.IDictionary] $Journal)
    $request = if ($Context) { Read-InstallRequest -Context $Context }
    $result = Get-UpdatePath -Root $Root -Name Result
    [IO.File]::Delete($result)
    $environment = @{}
    if ($request) { foreach ($name in $request.Environment.Keys) { $environment[$name] = [string] $request.Environment[$name] } }
    $environment['ORCHESTRATOR_UPDATE'] = ConvertTo-Base64Json ([ordered]@{
            version    = 1
            result     = $result
            source     = if ($Context) { $Context.SourcePath }
            manifest   = if ($Context) { $Context.ManifestPath }
            parameters = if ($request) { $request.Parameters } else { @{} }
            known      = @(if ($Context) { $Context.Services.id })
            start      = @($Journal['start'])
            must       = @($Journal['must'])
        })
    $environment['ORCHESTRATOR_UPDATE_MODULE'] = [IO.Path]::Combine($Root, 'ps', 'Orchestrator.psd1')
    $environment['ORCHESTRATOR_UPDATE_FAULT'] = $fault = "$result.fault"
    [IO.File]::Delete($fault)
    # Into a file: services that it starts may hold its pipes.
    $line = '$ErrorActionPreference = ''Stop''; try { $module = Import-Module -Name $env:ORCHESTRATOR_UPDATE_MODULE -PassThru; ' +
    '& $module { Use-ModulePart Update; Complete-Update -Order $env:ORCHESTRATOR_UPDATE } } ' +
    'catch { [IO.File]::WriteAllText($env:ORCHESTRATOR_UPDATE_FAULT, $_.Exception.Message); exit 1 }'
    $call = @{
        File        = Get-PwshPath
        Arguments   = '-NoLogo', '-NoProfile', '-NonInteractive', '-Command', $line
        Environment = $environment
        TimeoutMs   = Get-HandoverLimit -Context $Context
    }
    $run = Invoke-Program @call
    $answer = (Read-StateFile -Path $result -Require version, ok, detail, services -Fresh).Value
    if (-not $answer) {
        $said = if ([IO.File]::Exists($fault)) { [IO.File]::ReadAllText($fault) } else { $run.ErrorOutput }
        [IO.File]::Delete($fault)
        throw [InvalidOperationException]::new((Get-Phrase 'Update.NoAnswer' @{ code = $run.ExitCode; detail = $said.Trim() }))
    }
    if (-not $answer['ok']) { throw [InvalidOperationException]::new([string] $answer['detail']) }
    foreach ($one in $answer['services']) {
        [pscustomobject]@{ Id = $one['id']; Health = $one['health']; Reason = $one['reason'] }
    }
}

function Get-HandoverLimit {
    <#
    .SYNOPSIS
    How long the new version may take: what each service has to start, to stop, and two minutes. In milliseconds.
    #>
    param([AllowNull()][object] $Context)
    $limit = 120000
    foreach ($service in $Context.Services) {
        $limit += [int] $service.health.startupGraceMs + [int] $service.stop.timeoutMs
    }
    $limit
}

function Complete-Update {
    <#
    .SYNOPSIS
    The new version's side: installs as it was installed before, starts what should run, and writes how that went.
    .PARAMETER Order
    Base64 of JSON, from Start-NewVersion of the version before.
    #>
    param([Parameter(Mandatory)][string] $Order)
    $work = ConvertFrom-Json -AsHashtable -DateKind String -InputObject (
        [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Order)))
    $answer = [ordered]@{ version = 1; ok = $false; detail = ''; services = @() }
    try {
        $env:ORCHESTRATOR_UPDATE = $null
        # The journal of the update that runs is not one that was interrupted.
        $script:InUpdate = $true
        if ($work['manifest']) { $answer.services = @(Install-NewVersion -Order $work) }
        $bad = @($answer.services | Where-Object { $_.must -and $_.health -notin 'healthy', 'skipped' })
        $answer.detail = @($bad | ForEach-Object { "$($_.id): $($_.health). $($_.reason)" }) -join ' '
        $answer.ok = -not $bad
    } catch {
        $answer.detail = $_.Exception.Message
    }
    Write-StateFile -Path $work['result'] -Text (ConvertTo-Json -InputObject $answer -Depth 6)
}

function Install-NewVersion {
    <#
    .SYNOPSIS
    Installs with the parameters of before, then starts what should run and what is new.
    .OUTPUTS
    Dictionaries with id, health, reason and must.
    #>
    param([Collections.IDictionary] $Order)
    $install = @{ Manifest = $Order['source']; NoStart = $true; Confirm = $false; ErrorAction = 'Stop' }
    $known = (Get-Command -Name Install-Orchestrator).Parameters
    foreach ($name in $Order['parameters'].Keys) {
        if ($known.ContainsKey($name) -and -not $install.ContainsKey($name)) { $install[$name] = $Order['parameters'][$name] }
    }
    [void] (Install-Orchestrator @install)
    $context = Get-OrchestratorContext -Manifest $Order['manifest'] -RequireInstalled
    $added = @($context.Services | Where-Object {
            $_.id -notin $Order['known'] -and $_.mode -ne 'external' -and $_.startType -ne 'disabled'
        }).id
    $start = @($context.Services.id | Where-Object { $_ -in $Order['start'] -or $_ -in $added })
    if (-not $start) { return }
    $call = @{ Name = $start; Manifest = $Order['manifest']; Wait = $true; Confirm = $false }
    $status = @(Start-Orchestrator @call -ErrorAction SilentlyContinue -ErrorVariable faults)
    $reasons = @{}
    foreach ($fault in $faults) {
        if ($fault -is [Management.Automation.ErrorRecord] -and $fault.TargetObject -is [string]) { $reasons[$fault.TargetObject] = $fault.Exception.Message }
    }
    foreach ($one in $status) {
        @{
            id = $one.Id; health = $one.Health; must = $one.Id -in $Order['must'] -or $one.Id -in $added
            reason = $reasons[$one.Id] ?? $one.Reason
        }
    }
}
