$script:HttpClient = $null

function Get-HttpClient {
    <#
    .SYNOPSIS
    The one HTTP client of this session: no proxy, no redirects, no cookies, any certificate on our own addresses.
    #>
    if ($null -eq $script:HttpClient) {
        $handler = [Net.Http.HttpClientHandler]::new()
        $handler.UseProxy = $false
        $handler.UseCookies = $false
        $handler.AllowAutoRedirect = $false
        # Only a status is read from a service whose address the manifest gives, often with a certificate made at home.
        $handler.ServerCertificateCustomValidationCallback = [Net.Http.HttpClientHandler]::DangerousAcceptAnyServerCertificateValidator
        $script:HttpClient = [Net.Http.HttpClient]::new($handler)
        $script:HttpClient.Timeout = [Threading.Timeout]::InfiniteTimeSpan
    }
    $script:HttpClient
}

function Get-ServiceAddress {
    <#
    .SYNOPSIS
    The address under which this machine reaches a service; null for one without a port. As core/manifest/address.ts.
    #>
    param([Parameter(Mandatory)][object] $Service)
    if ($null -eq $Service.port) { return $null }
    $name = switch ($Service.host) {
        'localhost' { '127.0.0.1' }
        '0.0.0.0' { '127.0.0.1' }
        '::' { '[::1]' }
        '[::]' { '[::1]' }
        default { if ($_.Contains(':') -and -not $_.StartsWith('[')) { "[$_]" } else { $_ } }
    }
    "$($Service.scheme)://${name}:$($Service.port)"
}

function Invoke-HealthProbe {
    <#
    .SYNOPSIS
    Asks services over HTTP whether they are healthy, all at the same time.
    .OUTPUTS
    Objects with Id, Healthy, LatencyMs and Detail. Services whose health is not asked over HTTP are left out.
    #>
    param([object[]] $Service, [int] $TimeoutMs = 2000)
    $client = Get-HttpClient
    $calls = foreach ($one in $Service) {
        if ($one.health.kind -ne 'http' -or $null -eq $one.port) { continue }
        $limit = [math]::Min($TimeoutMs, [int] $one.health.timeoutMs)
        $cancel = [Threading.CancellationTokenSource]::new($limit)
        $message = [Net.Http.HttpRequestMessage]::new('GET', "$(Get-ServiceAddress $one)$($one.health.path)")
        [pscustomobject]@{
            Id    = $one.id
            Limit = $limit
            Clock = [Diagnostics.Stopwatch]::StartNew()
            Task  = $client.SendAsync($message, [Net.Http.HttpCompletionOption]::ResponseHeadersRead, $cancel.Token)
        }
    }
    foreach ($call in $calls) { Receive-HealthProbe -Call $call }
}

function Receive-HealthProbe {
    <#
    .SYNOPSIS
    Waits for one probe and judges its answer.
    #>
    param([object] $Call)
    $answer = [pscustomobject]@{ Id = $Call.Id; Healthy = $false; LatencyMs = $null; Detail = '' }
    # Looked at rather than thrown: a long wait for a service would fill the session's $Error.
    [void] ([IAsyncResult] $Call.Task).AsyncWaitHandle.WaitOne()
    if ($Call.Task.IsCompletedSuccessfully) {
        $response = $Call.Task.Result
        $status = [int] $response.StatusCode
        $answer.LatencyMs = [math]::Round($Call.Clock.Elapsed.TotalMilliseconds, 1)
        $answer.Healthy = $status -ge 200 -and $status -lt 400
        $answer.Detail = Get-Phrase 'Probe.Status' @{ status = $status; latency = [math]::Round($answer.LatencyMs) }
        $response.Dispose()
    } elseif ($Call.Task.IsCanceled) {
        $answer.Detail = Get-Phrase 'Probe.Silent' @{ seconds = [math]::Round($Call.Limit / 1000, 1) }
    } else {
        # That of an AggregateException is only the first below it.
        $fault = $Call.Task.Exception.InnerException.GetBaseException()
        $refused = $fault -is [Net.Sockets.SocketException] -and $fault.SocketErrorCode -eq 'ConnectionRefused'
        $answer.Detail = $refused ? (Get-Phrase 'Probe.Refused') : (Get-Phrase 'Probe.Failed' @{ detail = $fault.Message })
    }
    $answer
}

function Read-Heartbeat {
    <#
    .SYNOPSIS
    Reads the guardian's heartbeat and view. Never throws.
    .OUTPUTS
    An object with Value (a dictionary or null), Fresh, AgeMs and Warning.
    #>
    param([Parameter(Mandatory)][object] $Context)
    $path = [IO.Path]::Combine($Context.Data, 'guardian.json')
    $read = Read-StateFile -Path $path -Require version, processId, at, services
    $answer = [pscustomobject]@{ Value = $read.Value; Fresh = $false; AgeMs = $null; Warning = $read.Warning }
    if ($null -eq $read.Value) { return $answer }
    $at = ConvertFrom-StateTime $read.Value['at']
    if ($null -eq $at) { return $answer }
    # A clock that was set back a little makes the file look as if it came from the future; that is not stale.
    $answer.AgeMs = [math]::Abs(([datetime]::UtcNow - $at).TotalMilliseconds)
    $answer.Fresh = $answer.AgeMs -le $Context.HeartbeatLimit
    $answer
}

function Get-HeartbeatLimit {
    <#
    .SYNOPSIS
    Age in milliseconds up to which the guardian's heartbeat counts as fresh.
    #>
    param([object] $Manifest)
    $limit = 3 * [int] $Manifest.intervals.healthCheck
    foreach ($one in $Manifest.services) {
        if ($one.health.kind -eq 'heartbeat') { $limit = [math]::Max($limit, [int] $one.health.maxAgeMs) }
    }
    $limit
}

function Test-Heartbeat {
    <#
    .SYNOPSIS
    Health of a service that is judged by its heartbeat file: fresh, and written by the process that runs now.
    #>
    param([object] $Service, [object] $Observed, [object] $Beat)
    $answer = [pscustomobject]@{ Id = $Service.id; Healthy = $false; LatencyMs = $null; Detail = '' }
    if ($null -eq $beat.Value) {
        $answer.Detail = $beat.Warning ?? (Get-Phrase 'Heartbeat.None')
    } elseif ($beat.Value['processId'] -ne $Observed.ProcessId) {
        $answer.Detail = Get-Phrase 'Heartbeat.Other'
    } elseif ($beat.AgeMs -gt [int] $Service.health.maxAgeMs) {
        $answer.Detail = Get-Phrase 'Heartbeat.Stale' @{ age = (Format-Age -Milliseconds $beat.AgeMs) }
    } else {
        $answer.Healthy = $true
        $answer.Detail = Get-Phrase 'Heartbeat.Fresh'
    }
    $answer
}
