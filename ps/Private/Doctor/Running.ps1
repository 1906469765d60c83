# Checks of what runs.

function Test-GuardianCheck {
    <#
    .SYNOPSIS
    The guardian's heartbeat.
    #>
    param([AllowNull()][object] $Context)
    $service = $Context.Services | Where-Object { $_.health.kind -eq 'heartbeat' } | Select-Object -First 1
    if (-not $service) { return New-Check -Name Guardian -Status skip -Message (Get-Phrase 'Check.NoGuardian') }
    $status = Get-ServiceStatus -Context $Context -Service $service -NoProbe
    if ($status.Desired -eq 'stopped') {
        return New-Check -Name Guardian -Status skip -Message (Get-Phrase 'Check.GuardianStopped')
    }
    $kind = switch ($status.Health) { 'healthy' { 'pass' } 'starting' { 'warn' } default { 'fail' } }
    $fix = if ($kind -eq 'pass') { '' } else { Get-Phrase 'Check.GuardianFix' @{ id = $service.id } }
    New-Check -Name Guardian -Status $kind -Message $status.Reason -Fix $fix
}

function Test-StateFileCheck {
    <#
    .SYNOPSIS
    Whether the state files can be read.
    #>
    param([AllowNull()][object] $Context)
    if (-not $Context) { return }
    $warnings = @(
        (Read-Desired -Context $Context).Warning
        (Read-Heartbeat -Context $Context).Warning
        foreach ($service in $Context.Services) {
            if ($service.mode -ne 'external') { (Get-BackendService -Context $Context -Id $service.id).Warning }
        }
    ) | Where-Object { $_ }
    if (-not $warnings) { return New-Check -Name StateFile -Status pass -Message (Get-Phrase 'Check.StateFile') }
    foreach ($warning in $warnings) {
        $text = $warning -replace '^ORC5001:\s*', ''
        New-Check -Name StateFile -Status warn -Message $text -Fix (Get-Phrase 'Check.StateFileFix') -Code ORC5001
    }
}

function Test-DesiredCheck {
    <#
    .SYNOPSIS
    Whether what is, is what should be.
    #>
    param([AllowNull()][object] $Context)
    if (-not $Context) { return }
    if (-not $Context.Installed) {
        return New-Check -Name Desired -Status skip -Message (Get-Phrase 'Reason.NotInstalled')
    }
    foreach ($status in (Get-ServiceStatus -Context $Context -Service $Context.Services)) {
        $data = @{ service = $status.DisplayName; desired = $status.Desired; health = $status.Health; reason = $status.Reason; id = $status.Id }
        $message = Get-Phrase 'Check.Desired' $data
        $good = $status.Health -in 'healthy', 'stopped' -and ($status.Desired -eq 'running' -or $status.State -ne 'Running')
        $kind = if ($good) { 'pass' } elseif ($status.Health -in 'unhealthy', 'exhausted' -and $status.State -ne 'External') { 'fail' } else { 'warn' }
        $fix = if ($good) { '' } else { Get-Phrase 'Check.DesiredFix' $data }
        New-Check -Name Desired -Status $kind -Message $message -Fix $fix
    }
}

function Test-ComfyCheck {
    <#
    .SYNOPSIS
    Whether ComfyUI answers as one.
    .PARAMETER Planned
    It is asked before an installation: only an external ComfyUI is there to answer.
    #>
    param([AllowNull()][object] $Context, [switch] $Planned)
    $service = $Context.Services | Where-Object { $_.id -eq 'comfyui' }
    if (-not $service) { return New-Check -Name Comfy -Status skip -Message (Get-Phrase 'Check.NoComfy') }
    $external = $service.mode -eq 'external'
    if (-not $external) {
        if ($Planned) { return }
        $seen = Get-BackendService -Context $Context -Id $service.id
        if ($seen.State -ne 'Running') { return New-Check -Name Comfy -Status skip -Message (Get-Phrase 'Check.ComfyDown') }
    }
    $url = Get-ServiceAddress -Service $service
    if (Test-ComfyAnswer -Service $service) {
        return New-Check -Name Comfy -Status pass -Message (Get-Phrase 'Check.Comfy' @{ url = $url })
    }
    $data = @{ url = $url; detail = (Get-Phrase 'Comfy.NoAnswer') }
    if ($external) {
        return New-CheckFault -Name Comfy -Status warn -Record (New-OrchestratorError -Code ORC2011 -Data $data -Target $url)
    }
    $message = Get-Phrase 'Check.ComfySilent' @{ url = $url }
    New-Check -Name Comfy -Status fail -Message $message -Fix (Get-Phrase 'Check.DesiredFix' @{ id = $service.id })
}
