BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force
}

Describe 'sessions that press Start, Stop and Restart at once' {
    BeforeAll {
        $rig = New-Rig -Id alpha
        Install-Orchestrator -Manifest $rig.Manifest | Out-Null
    }
    AfterAll { Remove-Rig $rig }

    It 'end in one state, which is the one that was written last' {
        $script = {
            param($verbs)
            "`$random = [Random]::new(); foreach (`$i in 1..6) { `$verb = '$verbs'.Split(',')[`$random.Next(3)]; " +
            '& "$verb-Orchestrator" alpha | Out-Null; Start-Sleep -Milliseconds $random.Next(40) }'
        }
        $sessions = @(1..3 | ForEach-Object { Start-RigPwsh -Rig $rig -Script (& $script 'Start,Stop,Restart') })
        foreach ($session in $sessions) {
            $result = Wait-RigPwsh $session
            $result.Errors | Should -BeNullOrEmpty
            $result.ExitCode | Should -Be 0
        }
        $desired = (Get-Content "$($rig.Data)/desired.json" -Raw | ConvertFrom-Json).services.alpha
        # Every press is counted: none was lost between reading and writing. The first came from the installation.
        $desired.generation | Should -Be 19
        $status = Get-OrchestratorStatus alpha -Manifest $rig.Manifest
        $status.State | Should -Be ($desired.state -eq 'running' ? 'Running' : 'Stopped')
    }

    It 'never leave two programs or two hosts' {
        foreach ($round in 1..3) {
            Stop-Orchestrator alpha -Manifest $rig.Manifest | Out-Null
            $sessions = @(1..2 | ForEach-Object { Start-RigPwsh -Rig $rig -Script 'Start-Orchestrator alpha | Out-Null' })
            $sessions | ForEach-Object { (Wait-RigPwsh $_).Errors | Should -BeNullOrEmpty }
            $run = Get-RigRun $rig alpha
            Get-RigProcess $rig | Sort-Object | Should -Be (@($run.hostProcessId, $run.processId) | Sort-Object)
        }
    }

    It 'a session that is killed while it holds the lock does not keep it' {
        $hold = 'Use-ModulePart Core; $c = Get-OrchestratorContext; $l = Enter-ServiceLock -Context $c -Service $c.Services[0]; "held"; Start-Sleep 60'
        $session = Start-RigPwsh -Rig $rig -Script "& (Get-Module Orchestrator) { $hold }"
        try {
            $lock = "$($rig.Data)/locks/alpha.lock"
            Wait-Until -What 'the lock is held' -Condition {
                try {
                    [IO.FileStream]::new($lock, 'Open', 'ReadWrite', 'None').Dispose()
                    $false
                } catch { $true }
            }
        } finally {
            $session.Process.Kill($true)
            $session.Process.WaitForExit()
        }
        (Restart-Orchestrator alpha -Wait -Manifest $rig.Manifest).Health | Should -Be 'healthy'
    }

    It 'a lock that is held too long is ORC2006' {
        InModuleScope Orchestrator -Parameters @{ Folder = $rig.Folder } {
            param($Folder)
            $held = Enter-FileLock -Path "$Folder/x.lock" -Name 'X'
            try {
                $code = try { Enter-FileLock -Path "$Folder/x.lock" -Name 'X' -TimeoutMs 200 } catch { $_.FullyQualifiedErrorId }
                $code | Should -BeLike 'ORC2006*'
            } finally {
                $held.Dispose()
            }
            (Enter-FileLock -Path "$Folder/x.lock" -Name 'X' -TimeoutMs 200).Dispose()
        }
    }
}

Describe 'healing' {
    BeforeAll {
        $rig = New-Rig -Id alpha
        $all = @{ Manifest = $rig.Manifest }
        Install-Orchestrator @all | Out-Null
    }
    AfterAll { Remove-Rig $rig }

    It 'restarts the process that was named, and only that; desired.json stays as it is' {
        $desired = Get-FileHash "$($rig.Data)/desired.json"
        $first = (Get-OrchestratorStatus @all).ProcessId
        (Restart-Orchestrator alpha -Heal -ExpectedProcessId ($first + 100000) @all).ProcessId | Should -Be $first
        (Restart-Orchestrator alpha -Heal -ExpectedProcessId 0 @all).ProcessId | Should -Be $first
        $second = (Restart-Orchestrator alpha -Heal -ExpectedProcessId $first @all).ProcessId
        $second | Should -Not -Be $first
        (Restart-Orchestrator alpha -Heal -ExpectedProcessId $first @all).ProcessId | Should -Be $second
        (Get-FileHash "$($rig.Data)/desired.json").Hash | Should -Be $desired.Hash
    }

    It 'starts what died, whether its id is given or 0, and keeps the host' {
        foreach ($expected in 'the old one', 0) {
            $run = Get-RigRun $rig alpha
            [Diagnostics.Process]::GetProcessById($run.processId).Kill()
            Wait-Until { (Get-RigRun $rig alpha).state -eq 'Exited' }
            $given = $expected -eq 0 ? 0 : $run.processId
            $status = Restart-Orchestrator alpha -Heal -ExpectedProcessId $given @all
            $status.State | Should -Be 'Running'
            (Get-RigRun $rig alpha).hostProcessId | Should -Be $run.hostProcessId
        }
    }

    It 'leaves alone what should be stopped' {
        Stop-Orchestrator alpha @all | Out-Null
        (Restart-Orchestrator alpha -Heal -ExpectedProcessId 0 @all).State | Should -Be 'Stopped'
    }
}
