BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force
}

Describe 'the life of an installation' {
    BeforeAll {
        $rig = New-Rig -Name 'пробел и кириллица' -Id alpha, beta -Change {
            param($manifest, $folder)
            $manifest.services[1].aliases = @('bee')
            $manifest.services = @($manifest.services) + (New-RigGuardian -Folder $folder)
        }
        $all = @{ Manifest = $rig.Manifest }
    }
    AfterAll { Remove-Rig $rig }

    It 'WhatIf shows what would be installed and touches nothing' {
        $changes = Install-Orchestrator @all -WhatIf
        $changes.Where({ $_.Property -eq 'service' }).Target | Should -Be 'alpha', 'beta', 'guardian'
        Test-Path -LiteralPath $rig.Data | Should -BeFalse
        Test-Path -LiteralPath "$($rig.Folder)/logs" | Should -BeFalse
    }

    It 'before it is installed status says so and Start refuses' {
        $status = Get-OrchestratorStatus @all
        $status.State | Should -Be 'Stopped', 'Stopped', 'Stopped'
        $status[0].Reason | Should -BeLike 'Not installed*'
        Get-Code { Start-Orchestrator @all } | Should -Be 'ORC2016'
        Get-Code { Stop-Orchestrator @all } | Should -Be 'ORC2016'
    }

    It 'installs, starts in file order and waits for health' {
        $changes = Install-Orchestrator @all
        $changes.Where({ $_.Property -eq 'state' }).To | ForEach-Object { $_ | Should -BeLike 'healthy*' }
        $status = Get-OrchestratorStatus @all
        $status.Health | Should -Be 'healthy', 'healthy', 'healthy'
        $status.Desired | Should -Be 'running', 'running', 'running'
        $started = $status.Since | ForEach-Object { [datetimeoffset] $_ }
        $started[0] | Should -BeLessThan $started[1]
        $started[1] | Should -BeLessThan $started[2]
    }

    It 'gives each program its marks and none of the caller''s variables' {
        $port = $rig.Content.services[0].port
        $seen = Invoke-RestMethod "http://127.0.0.1:$port/"
        $seen.env.ORCHESTRATOR_SERVICE_ID | Should -Be 'alpha'
        $seen.env.ORCHESTRATOR_MANIFEST | Should -Be "$($rig.Data)/orchestrator.json"
        $seen.env.ORCHESTRATOR_PWSH | Should -Be (Get-PwshFile)
        $seen.env.ORCHESTRATOR_ROOT | Should -Be (Get-RigRoot).TrimEnd('/')
    }

    It 'a second install says that nothing is to change, restarts nothing and writes the same bytes' {
        $before = (Get-OrchestratorStatus @all).ProcessId
        $copy = Get-FileHash -LiteralPath "$($rig.Data)/orchestrator.json"
        $changes = @(Install-Orchestrator @all)
        $changes.Count | Should -Be 1
        $changes[0].Action | Should -Be 'none'
        (Get-OrchestratorStatus @all).ProcessId | Should -Be $before
        (Get-FileHash -LiteralPath "$($rig.Data)/orchestrator.json").Hash | Should -Be $copy.Hash
    }

    It 'a changed parameter is named and restarts only its service' {
        $before = (Get-OrchestratorStatus @all).ProcessId
        $rig.Content.services[0].env | Add-Member -NotePropertyName TEST_NEW -NotePropertyValue 'a value' -Force
        $rig.Content.services[0].stop.timeoutMs = 2500
        Save-Rig $rig
        $changes = Install-Orchestrator @all
        $changes.Where({ $_.Property -eq 'env.TEST_NEW' -and $_.Action -eq 'create' -and $_.To -eq 'a value' }).Count | Should -Be 1
        $changes.Where({ $_.Property -eq 'stop.timeoutMs' -and $_.From -eq '2000' -and $_.To -eq '2500' }).Count | Should -Be 1
        $changes.Where({ $_.Property -eq 'process' }).Target | Should -Be 'alpha'
        $after = (Get-OrchestratorStatus @all).ProcessId
        $after[0] | Should -Not -Be $before[0]
        $after[1] | Should -Be $before[1]
        (Invoke-RestMethod "http://127.0.0.1:$($rig.Content.services[0].port)/").env.TEST_NEW | Should -Be 'a value'
    }

    It 'Start again changes nothing that runs and counts a new generation' {
        $before = Get-OrchestratorStatus @all
        $old = (Get-Content "$($rig.Data)/desired.json" -Raw | ConvertFrom-Json).services.alpha.generation
        $again = Start-Orchestrator @all -Wait
        $again.ProcessId | Should -Be $before.ProcessId
        (Get-Content "$($rig.Data)/desired.json" -Raw | ConvertFrom-Json).services.alpha.generation | Should -Be ($old + 1)
    }

    It 'Restart gives a new process and keeps it wanted' {
        $before = (Get-OrchestratorStatus alpha @all).ProcessId
        $status = Restart-Orchestrator alpha @all -Wait
        $status.ProcessId | Should -Not -Be $before
        $status.Health | Should -Be 'healthy'
        $status.Desired | Should -Be 'running'
    }

    It 'takes ids, aliases, service names, wildcards and pipelines, and an option-like name as data' {
        (Get-OrchestratorStatus bee @all).Id | Should -Be 'beta'
        (Get-OrchestratorStatus RigBeta @all).Id | Should -Be 'beta'
        (Get-OrchestratorStatus 'a*' @all).Id | Should -Be 'alpha'
        ('alpha', 'beta' | Get-OrchestratorStatus @all).Id | Should -Be 'alpha', 'beta'
        (Get-OrchestratorStatus @all | Get-OrchestratorStatus @all).Id | Should -Be 'alpha', 'beta', 'guardian'
        $given = @{ Name = @('-WhatIf') }
        Get-Code { Get-OrchestratorStatus @given @all } | Should -Be 'ORC2001'
        Get-Code { Stop-Orchestrator @given @all } | Should -Be 'ORC2001'
    }

    It 'one unknown name among several stops a change whole, and only costs a reader an error' {
        Get-Code { Stop-Orchestrator alpha, nobody @all } | Should -Be 'ORC2001'
        (Get-OrchestratorStatus alpha @all).State | Should -Be 'Running'
        $status = Get-OrchestratorStatus alpha, nobody @all -ErrorVariable fault -ErrorAction SilentlyContinue
        $status.Id | Should -Be 'alpha'
        $fault[0].FullyQualifiedErrorId | Should -BeLike 'ORC2001*'
        $fault[0].Exception.Message | Should -BeLike '*alpha, beta, guardian*'
    }

    It 'WhatIf of Start, Stop and Restart changes nothing' {
        $before = (Get-OrchestratorStatus @all).ProcessId
        $desired = Get-FileHash -LiteralPath "$($rig.Data)/desired.json"
        Stop-Orchestrator @all -WhatIf | Should -BeNullOrEmpty
        Restart-Orchestrator @all -WhatIf | Should -BeNullOrEmpty
        Start-Orchestrator @all -WhatIf | Should -BeNullOrEmpty
        (Get-OrchestratorStatus @all).ProcessId | Should -Be $before
        (Get-FileHash -LiteralPath "$($rig.Data)/desired.json").Hash | Should -Be $desired.Hash
    }

    It 'results hold what the contract says' {
        foreach ($status in (Get-OrchestratorStatus @all)) { Test-ResultSchema $status Get-OrchestratorStatus | Should -BeTrue }
        foreach ($check in (Test-Orchestrator @all)) { Test-ResultSchema $check Test-Orchestrator | Should -BeTrue }
        foreach ($line in (Get-OrchestratorLog @all)) { Test-ResultSchema $line Get-OrchestratorLog | Should -BeTrue }
        foreach ($one in (Clear-OrchestratorLog @all)) { Test-ResultSchema $one Clear-OrchestratorLog | Should -BeTrue }
        foreach ($status in (Restart-Orchestrator alpha @all)) { Test-ResultSchema $status Restart-Orchestrator | Should -BeTrue }
    }

    It 'Stop takes the last first, leaves no process, and can be repeated' {
        $stopped = Stop-Orchestrator @all
        $stopped.State | Should -Be 'Stopped', 'Stopped', 'Stopped'
        $stopped.Desired | Should -Be 'stopped', 'stopped', 'stopped'
        $ended = $stopped.Since | ForEach-Object { [datetimeoffset] $_ }
        $ended[2] | Should -BeLessThan $ended[1]
        $ended[1] | Should -BeLessThan $ended[0]
        Get-RigProcess $rig | Should -BeNullOrEmpty
        (Stop-Orchestrator @all).State | Should -Be 'Stopped', 'Stopped', 'Stopped'
    }

    It 'a service that left the manifest is stopped and removed' {
        Start-Orchestrator alpha, beta @all -Wait | Out-Null
        $rig.Content.services = @($rig.Content.services | Where-Object id -ne 'beta')
        Save-Rig $rig
        $changes = Install-Orchestrator @all
        $changes.Where({ $_.Target -eq 'beta' }).Action | Should -Be 'remove'
        Test-Path -LiteralPath "$($rig.Data)/run/beta.json" | Should -BeFalse
        (Get-Content "$($rig.Data)/desired.json" -Raw | ConvertFrom-Json).services.PSObject.Properties.Name | Should -Not -Contain 'beta'
        (Get-OrchestratorStatus @all).Id | Should -Be 'alpha', 'guardian'
    }

    It 'Uninstall removes state, keeps logs, and is harmless a second time' {
        Uninstall-Orchestrator @all | Out-Null
        Get-RigProcess $rig | Should -BeNullOrEmpty
        Test-Path -LiteralPath "$($rig.Data)/orchestrator.json" | Should -BeFalse
        Test-Path -LiteralPath "$($rig.Data)/run" | Should -BeFalse
        Test-Path -LiteralPath "$($rig.Folder)/logs/alpha-stdout.log" | Should -BeTrue
        Uninstall-Orchestrator @all -WarningVariable said -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        $said | Should -BeLike 'ORC2016*'
    }

    It 'Purge leaves nothing of ours and nothing else missing' {
        Install-Orchestrator @all -NoStart | Out-Null
        Set-Content -LiteralPath "$($rig.Folder)/logs/own-notes.log" -Value 'mine'
        Uninstall-Orchestrator @all -Purge -Force | Out-Null
        # The logs of beta, which left the manifest before, are nobody's by now.
        $kept = (Get-ChildItem -LiteralPath "$($rig.Folder)/logs").Name
        $kept | Should -Contain 'own-notes.log'
        $kept | Should -Not -Match '^(alpha|guardian)'
        Test-Path -LiteralPath $rig.Data | Should -BeFalse
    }
}
