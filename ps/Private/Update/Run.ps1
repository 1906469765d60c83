# The course of an update, and the way back.

function Assert-UpdateCaller {
    <#
    .SYNOPSIS
    Throws ORC2076 for a caller that the update would end: panel and guardian, whose PowerShell is their child.
    #>
    if ($env:ORCHESTRATOR_SERVICE_ID -or $null -ne $script:BridgeBaseline) {
        throw (New-OrchestratorError -Code ORC2076)
    }
}

function Enter-UpdateSession {
    <#
    .SYNOPSIS
    Takes the lock of updates of an installation. ORC2006 when another session has it.
    #>
    param([string] $Root)
    $fault = Get-FolderFault -Path $Root
    if ($fault) { throw (New-OrchestratorError -Code ORC2009 -Data @{ path = $Root; detail = $fault } -Target $Root) }
    Enter-FileLock -Path (Get-UpdatePath -Root $Root -Name Lock) -Name 'Update-Orchestrator' -TimeoutMs 1000
}

function Read-AllPart {
    <#
    .SYNOPSIS
    Reads whatever the rest of the call may need: after the swap these files are those of another version.
    #>
    Use-ModulePart Install, Update, Secret, Nssm
    [void] (Get-PhraseTable)
    foreach ($name in 'strings', 'details') { [void] (Get-StringTable -Name $name) }
}

function Get-InstalledContext {
    <#
    .SYNOPSIS
    The context of what is installed; nothing when nothing is.
    #>
    param([AllowEmptyString()][string] $Manifest)
    $context = Get-OrchestratorContext -Manifest $Manifest
    if ($context.Installed) { $context }
}

function Invoke-Update {
    <#
    .SYNOPSIS
    Stops, swaps, has the new version start, and returns to the old one when that fails. The stage is filled already.
    .PARAMETER Source
    Name of the kept version that the stage was, for a return on demand.
    .OUTPUTS
    What the new version says of its services.
    #>
    param(
        [Management.Automation.PSCmdlet] $Cmdlet, [string] $Root, [AllowNull()][object] $Context,
        [Collections.IDictionary] $Old, [Collections.IDictionary] $New, [AllowNull()][AllowEmptyString()][string] $Source
    )
    Read-AllPart
    $wish = Get-UpdateWish -Context $Context
    $journal = [ordered]@{
        version = 1; phase = ''; from = $Old['version']; to = $New['version']; at = ConvertTo-StateTime
        keep = New-KeepName -Root $Root -Version $Old['version']; source = $Source
        old = @(Get-ReleaseEntry -Info $Old); new = @(Get-ReleaseEntry -Info $New)
        manifest = if ($Context) { $Context.ManifestPath }; start = $wish.start; must = $wish.must
    }
    # A folder that is some process's current one cannot be renamed on Windows.
    [Environment]::CurrentDirectory = $Root
    $locks = $null
    try {
        $locks = Enter-UpdateLock -Context $Context
        Save-InstallState -Root $Root -Context $Context
    } catch {
        Exit-UpdateLock -Lock $locks
        Restore-Stage -Root $Root -Journal $journal
        Remove-Journal -Root $Root
        throw
    }
    try {
        Write-Journal -Root $Root -Journal $journal -Phase stop
        Write-UpdateProgress -Step (Get-Phrase 'Update.Stop')
        Stop-UpdateService -Context $Context
        Write-Journal -Root $Root -Journal $journal -Phase swap
        Write-UpdateProgress -Step (Get-Phrase 'Update.Swap')
        Invoke-Swap -Root $Root -Journal $journal
        Write-Journal -Root $Root -Journal $journal -Phase verify
        Exit-UpdateLock -Lock $locks
        Write-UpdateProgress -Step (Get-Phrase 'Update.Start')
        Start-NewVersion -Root $Root -Context $Context -Journal $journal
    } catch {
        Exit-UpdateLock -Lock $locks
        $cause = $_
        Undo-Update -Cmdlet $Cmdlet -Root $Root -Journal $journal -Cause $cause
    } finally {
        Exit-UpdateLock -Lock $locks
    }
    Remove-Journal -Root $Root
}

function Undo-Update {
    <#
    .SYNOPSIS
    Brings the version before back and starts it, then throws ORC2077 with the cause; ORC2078 when that fails too.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Management.Automation.PSCmdlet] $Cmdlet, [string] $Root, [Collections.IDictionary] $Journal,
        [Management.Automation.ErrorRecord] $Cause
    )
    $data = @{
        from = $Journal['from']; to = $Journal['to']; detail = $Cause.Exception.Message
        logs = if ($Journal['manifest']) { try { (Read-Context -Path $Journal['manifest']).Logs } catch { $Root } } else { $Root }
    }
    Write-UpdateProgress -Step (Get-Phrase 'Update.Undo')
    try {
        Restore-OldVersion -Cmdlet $Cmdlet -Root $Root -Journal $Journal
    } catch {
        $data.second = $_.Exception.Message
        $data.path = [IO.Path]::Combine((Get-UpdatePath -Root $Root -Name Folder), $Journal['keep'])
        throw (New-OrchestratorError -Code ORC2078 -Data $data -Target $Root -Exception $Cause.Exception)
    }
    throw (New-OrchestratorError -Code ORC2077 -Data $data -Target $Root -Exception $Cause.Exception)
}

function Restore-OldVersion {
    <#
    .SYNOPSIS
    Stops everything, takes the swap back, restores the installed copy, and starts what should run. Throws when a service
    that was healthy before does not become so again.
    #>
    param([Management.Automation.PSCmdlet] $Cmdlet, [string] $Root, [Collections.IDictionary] $Journal, [switch] $NoStart)
    $context = if ($Journal['manifest']) { try { Read-Context -Path $Journal['manifest'] } catch { Write-Debug 'no copy' } }
    $locks = Enter-UpdateLock -Context $context -Patient
    try {
        # Before the first rename there is nothing to take back, and a service that did not stop would not stop now.
        if ($Journal['phase'] -ne 'stop') {
            Write-Journal -Root $Root -Journal $Journal -Phase undo
            Stop-UpdateService -Context $context
            Undo-Swap -Root $Root -Journal $Journal
        }
        Restore-Stage -Root $Root -Journal $Journal
    } finally {
        Exit-UpdateLock -Lock $locks
    }
    if ($Journal['phase'] -eq 'undo') {
        $context = Restore-InstallState -Root $Root -Manifest $Journal['manifest']
        Update-Forward
    }
    if ($context -and -not $NoStart) {
        $services = @($context.Services | Where-Object { $_.id -in $Journal['start'] -and $_.mode -ne 'external' })
        $set = @{ Cmdlet = $Cmdlet; Context = $context; Service = $services; By = 'install'; Wait = $true }
        $answers = Start-ServiceSet @set
        $must = @($services | Where-Object { $_.id -in $Journal['must'] })
        if ($must) {
            $bad = @(Get-ServiceStatus -Context $context -Service $must -Probe $answers | Where-Object { $_.Health -notin 'healthy', 'skipped' })
            if ($bad) { throw "$($bad[0].Id): $($bad[0].Health). $($bad[0].Reason)" }
        }
    }
    Remove-Journal -Root $Root
}

function Restore-Stage {
    <#
    .SYNOPSIS
    A kept version that was to be returned to goes back to where it was kept.
    #>
    param([string] $Root, [Collections.IDictionary] $Journal)
    $stage = Get-UpdatePath -Root $Root -Name Stage
    if (-not $Journal['source'] -or -not [IO.Directory]::Exists($stage)) { return }
    Move-ReleaseEntry -From $stage -To ([IO.Path]::Combine((Get-UpdatePath -Root $Root -Name Folder), $Journal['source']))
}

function Update-Forward {
    <#
    .SYNOPSIS
    Where new sessions find the module by a manifest that lists its functions, the list is made anew.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param()
    $now = Read-ModulePlace -Path (Get-ModulePlace)
    if ($now.Kind -eq 'forward' -and (Test-SamePath $now.Target $script:ModuleRoot)) { Set-ModulePlace }
}

function Resolve-OpenUpdate {
    <#
    .SYNOPSIS
    Ends an update that was interrupted: undoes a swap that is not whole; with a whole one, has the new version start, and
    undoes it when that fails. Says what it did. The caller holds the lock of updates.
    .PARAMETER NoStart
    The caller is about to install and start everything.
    #>
    param([Management.Automation.PSCmdlet] $Cmdlet, [string] $Root, [switch] $NoStart)
    $journal = Read-Journal -Root $Root
    if (-not $journal) { return }
    Read-AllPart
    # A module that was imported from a kept version must not start programs from there.
    $script:ProjectRoot = $Root
    $data = @{ from = $journal['from']; to = $journal['to'] }
    if ($journal['phase'] -in 'swap', 'verify' -and (Test-SwapDone -Root $Root -Journal $journal)) {
        if (-not $NoStart) {
            $context = if ($journal['manifest']) { Read-Context -Path $journal['manifest'] }
            try {
                [void] (Start-NewVersion -Root $Root -Context $context -Journal $journal)
            } catch {
                Undo-Update -Cmdlet $Cmdlet -Root $Root -Journal $journal -Cause $_
            }
        }
        Remove-Journal -Root $Root
        Write-Warning (Get-ErrorLine -Code ORC2080 -Data ($data + @{ done = Get-Phrase 'Update.Finished' $data }))
        return
    }
    Restore-OldVersion -Cmdlet $Cmdlet -Root $Root -Journal $journal -NoStart:$NoStart
    Write-Warning (Get-ErrorLine -Code ORC2080 -Data ($data + @{ done = Get-Phrase 'Update.Undone' $data }))
}
