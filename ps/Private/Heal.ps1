function Invoke-Heal {
    <#
    .SYNOPSIS
    The guardian's door: restarts a service that should run, if it is still the process that the guardian saw.
    .DESCRIPTION
    Short, because the time from a death to the next life passes through here: no judge, no probes, no scan of ports
    unless one is taken. desired.json stays as it is. Returns as soon as the program is spawned.
    .PARAMETER ExpectedProcessId
    The process that the guardian found faulty; 0 when none ran. Null asks nothing.
    .OUTPUTS
    What the backend sees afterwards.
    #>
    param(
        [Parameter(Mandatory)][object] $Context,
        [Parameter(Mandatory)][object] $Service,
        [AllowNull()][object] $ExpectedProcessId
    )
    $lock = Enter-ServiceLock -Context $Context -Service $Service
    try {
        $seen = Get-BackendService -Context $Context -Id $Service.id
        if ((Get-Wanted -Context $Context -Id $Service.id -Default stopped) -ne 'running') {
            Write-Verbose (Get-Phrase 'Heal.Unwanted' @{ service = $Service.displayName })
            return $seen
        }
        if (Get-MissingFile -Service $Service) { return $seen }
        if ($null -ne $ExpectedProcessId -and $seen.ProcessId -and $seen.ProcessId -ne $ExpectedProcessId) {
            Write-Verbose (Get-Phrase 'Heal.Other' @{ service = $Service.displayName; processId = $seen.ProcessId })
            return $seen
        }
        Invoke-ServiceStart -Context $Context -Service $Service -Restart -Seen $seen
    } finally {
        $lock.Dispose()
    }
}
