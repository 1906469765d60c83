BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force
}

Describe 'what stands in the way of an installation' {
    BeforeEach { $rig = New-Rig }
    AfterEach {
        if ($listener) { $listener.Stop() }
        Remove-Rig $rig
    }

    It 'all findings come in one report and nothing is touched' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, $rig.Content.services[1].port)
        $listener.Start()
        $rig.Content.services[0].command.args = @('no/such/program.js')
        Save-Rig $rig
        Set-Content -LiteralPath "$($rig.Folder)/logs" -Value 'a file where the folder should be'
        $call = { Install-Orchestrator -Manifest $rig.Manifest -ComfyUIPath /no/where }
        # The manifest has no ComfyUI at all, which is a finding too.
        Get-Code $call | Should -Be 'ORC2013'
        $text = try { & $call } catch { $_.Exception.Message }
        foreach ($code in 'ORC2010', 'ORC2009', 'ORC2002') { $text | Should -BeLike "*$code*" }
        $text | Should -BeLike "*$($rig.Content.services[1].port)*PID $PID*"
        Test-Path -LiteralPath $rig.Data | Should -BeFalse
        Get-RigProcess $rig | Should -BeNullOrEmpty
        $listener.Server.IsBound | Should -BeTrue
    }

    It 'a part that is not built is named' {
        $rig.Content.services[0].command.args = @('--flag', 'no/such/program.js')
        Save-Rig $rig
        $text = try { Install-Orchestrator -Manifest $rig.Manifest } catch { $_.Exception.Message }
        $text | Should -BeLike '*ORC2014*alpha*no/such/program.js*npm run build*'
    }

    It 'a broken manifest gives every finding with its line' {
        (Get-Content $rig.Manifest -Raw).Replace('"failureThreshold"', '"failureTreshold"') | Set-Content $rig.Manifest
        $text = try { Install-Orchestrator -Manifest $rig.Manifest } catch { $_.Exception.Message }
        $text | Should -BeLike '*ORC2013*ORC1003*failureTreshold*failureThreshold*'
    }

    It 'the Nssm backend is refused where there is none' {
        $text = try { Install-Orchestrator -Manifest $rig.Manifest -Backend Nssm } catch { $_.Exception.Message }
        $text | Should -BeLike '*ORC2012*'
        Test-Path -LiteralPath $rig.Data | Should -BeFalse
    }

    It 'Force goes on over failed checks and says them' {
        $rig.Content.services[0].requires = @()
        $rig.Content.services[1].command.args = @('no/such/program.js')
        Save-Rig $rig
        $said = $null
        Install-Orchestrator -Manifest $rig.Manifest -Force -NoStart -WarningVariable said -WarningAction SilentlyContinue | Out-Null
        $said | Should -BeLike '*ORC2014*'
        Test-Path -LiteralPath "$($rig.Data)/orchestrator.json" | Should -BeTrue
    }
}

Describe 'bad luck while starting' {
    AfterEach {
        if ($listener) { $listener.Stop() }
        Remove-Rig $rig
    }

    It 'a stranger on one port: named with its PID, nothing written, started or killed' {
        $rig = New-Rig
        Install-Orchestrator -Manifest $rig.Manifest -NoStart | Out-Null
        $port = $rig.Content.services[1].port
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, $port)
        $listener.Start()
        $fault = try { Start-Orchestrator -Manifest $rig.Manifest } catch { $_ }
        $fault.FullyQualifiedErrorId | Should -BeLike 'ORC2002*'
        $fault.Exception.Message | Should -BeLike "*$port*pwsh (PID $PID)*"
        Test-Path -LiteralPath "$($rig.Data)/desired.json" | Should -BeFalse
        (Get-OrchestratorStatus -Manifest $rig.Manifest).State | Should -Be 'Stopped', 'Stopped'
        $listener.Server.IsBound | Should -BeTrue
        (Test-Orchestrator -Manifest $rig.Manifest).Where({ $_.Code -eq 'ORC2002' }).Message | Should -BeLike "*PID $PID*"
    }

    It 'a stranger that answers on the port of a dead service is not taken for it' {
        $rig = New-Rig -Id alpha
        Install-Orchestrator -Manifest $rig.Manifest | Out-Null
        $run = Get-RigRun $rig alpha
        [Diagnostics.Process]::GetProcessById($run.processId).Kill()
        Wait-Until { (Get-RigRun $rig alpha).state -eq 'Exited' }
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, $rig.Content.services[0].port)
        $listener.Start()
        $status = Get-OrchestratorStatus -Manifest $rig.Manifest
        $status.Health | Should -Be 'unhealthy'
        Get-Code { Restart-Orchestrator alpha -Heal -Manifest $rig.Manifest } | Should -Be 'ORC2002'
    }

    It 'a required file is missing: skipped with a warning, the rest runs' {
        $rig = New-Rig -Change { param($manifest, $folder) $manifest.services[0].requires = @("$folder/model.bin") }
        Install-Orchestrator -Manifest $rig.Manifest -WarningVariable said -WarningAction SilentlyContinue | Out-Null
        $said | Should -BeLike 'ORC2003*model.bin*'
        $status = Get-OrchestratorStatus -Manifest $rig.Manifest
        $status.State | Should -Be 'Skipped', 'Running'
        $status[0].Health | Should -Be 'skipped'
        Set-Content "$($rig.Folder)/model.bin" 'there'
        (Start-Orchestrator alpha -Wait -Manifest $rig.Manifest).Health | Should -Be 'healthy'
    }

    It 'a program that dies at once: ORC2005 with its exit code, well before the time limit; the next one starts' {
        $rig = New-Rig -Change {
            param($manifest)
            $manifest.services[0].command.args += '--exit-after', '0', '--exit-code', '42'
            $manifest.services[0].health.startupGraceMs = 60000
        }
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $said = Install-Orchestrator -Manifest $rig.Manifest -ErrorAction Continue 2>&1
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 20
        $said | Select-Code | Should -Be 'ORC2005'
        "$said" | Should -BeLike '*42*'
        $status = Get-OrchestratorStatus -Manifest $rig.Manifest
        $status.Health | Should -Be 'unhealthy', 'healthy'
        $status[0].ExitCode | Should -Be 42
    }

    It 'a program that never becomes healthy: ORC2005 with the last answer, and it goes on running' {
        $rig = New-Rig -Id alpha -Change {
            param($manifest)
            $manifest.services[0].command.args += '--status', '500'
            $manifest.services[0].health.startupGraceMs = 1500
        }
        $said = Install-Orchestrator -Manifest $rig.Manifest -ErrorAction Continue 2>&1
        "$said" | Should -BeLike '*ORC2005*500*Get-OrchestratorLog alpha*'
        $status = Get-OrchestratorStatus -Manifest $rig.Manifest
        $status.State | Should -Be 'Running'
        $status.Health | Should -Be 'unhealthy'
    }

    It 'what depends on a service that failed is not started' {
        $rig = New-Rig -Change {
            param($manifest)
            $manifest.services[0].command.args += '--exit-after', '0'
            $manifest.services[1].dependsOn = @('alpha')
        }
        Install-Orchestrator -Manifest $rig.Manifest -NoStart | Out-Null
        $said = Start-Orchestrator -Manifest $rig.Manifest -ErrorAction Continue 2>&1
        $said | Select-Code | Should -Be 'ORC2005', 'ORC2021'
        (Get-OrchestratorStatus beta -Manifest $rig.Manifest).State | Should -Be 'Stopped'
    }

    It 'a later service that depends on an earlier one waits for its health also without -Wait' {
        $rig = New-Rig -Change {
            param($manifest)
            $manifest.services[0].command.args += '--ready-after', '700'
            $manifest.services[1].dependsOn = @('alpha')
        }
        Install-Orchestrator -Manifest $rig.Manifest -NoStart | Out-Null
        $status = Start-Orchestrator -Manifest $rig.Manifest
        $gap = [datetimeoffset] $status[1].Since - [datetimeoffset] $status[0].Since
        $gap.TotalMilliseconds | Should -BeGreaterThan 650
    }

    It 'a program that ignores signals is ended by force at its time limit' {
        $rig = New-Rig -Id alpha -Change {
            param($manifest)
            $manifest.services[0].command.args += '--stubborn'
            $manifest.services[0].stop.timeoutMs = 1000
        }
        Install-Orchestrator -Manifest $rig.Manifest | Out-Null
        $clock = [Diagnostics.Stopwatch]::StartNew()
        (Stop-Orchestrator -Manifest $rig.Manifest).State | Should -Be 'Stopped'
        $clock.Elapsed.TotalSeconds | Should -BeGreaterThan 0.9
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 6
        Get-RigProcess $rig | Should -BeNullOrEmpty
    }

    It 'a program that cannot be run: ORC2004 says why' {
        $rig = New-Rig -Id alpha
        Install-Orchestrator -Manifest $rig.Manifest -NoStart | Out-Null
        $copy = "$($rig.Data)/orchestrator.json"
        (Get-Content $copy -Raw).Replace((Get-NodeFile), "$($rig.Folder)/no-program") | Set-Content $copy
        $said = Start-Orchestrator -Manifest $rig.Manifest -ErrorAction Continue 2>&1
        $said | Select-Code | Should -Be 'ORC2004'
        (Get-OrchestratorStatus -Manifest $rig.Manifest).Health | Should -Be 'unhealthy'
    }

    It 'an external service is watched, never started or stopped' {
        $rig = New-Rig -Change {
            param($manifest)
            $manifest.services[0].mode = 'external'
            $manifest.services[0].command = $null
        }
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, $rig.Content.services[0].port)
        Install-Orchestrator -Manifest $rig.Manifest | Out-Null
        (Get-OrchestratorStatus -Manifest $rig.Manifest).State | Should -Be 'External', 'Running'
        $said = Stop-Orchestrator alpha -Manifest $rig.Manifest -ErrorAction Continue 2>&1
        $said | Select-Code | Should -Be 'ORC2008'
        # Not named, it is only reported.
        (Stop-Orchestrator -Manifest $rig.Manifest -ErrorAction Stop).State | Should -Be 'External', 'Stopped'
    }
}

Describe 'state files that are missing, empty, truncated or from the future' {
    BeforeAll {
        $rig = New-Rig
        $all = @{ Manifest = $rig.Manifest }
        Install-Orchestrator @all | Out-Null
    }
    AfterAll { Remove-Rig $rig }

    It '<File> <Fault>: said once, worked around, left as it is' -ForEach @(
        @{ File = 'desired.json'; Fault = 'empty'; Content = '' }
        @{ File = 'desired.json'; Fault = 'truncated'; Content = '{ "version": 1, "services": { "al' }
        @{ File = 'desired.json'; Fault = 'of another kind'; Content = '[]' }
        @{ File = 'desired.json'; Fault = 'from the future'; Content = '{"version":99,"of":"the future"}' }
        @{ File = 'run/alpha.json'; Fault = 'empty'; Content = '' }
        @{ File = 'run/alpha.json'; Fault = 'truncated'; Content = '{"version":1,"id":"alp' }
        @{ File = 'run/alpha.json'; Fault = 'from the future'; Content = '{"version":99}' }
        @{ File = 'guardian.json'; Fault = 'empty'; Content = ' ' }
        @{ File = 'guardian.json'; Fault = 'truncated'; Content = '{"version":1,' }
        @{ File = 'guardian.json'; Fault = 'from the future'; Content = '{"version":2}' }
    ) {
        $path = "$($rig.Data)/$File"
        $good = Get-Content -LiteralPath $path -Raw -ErrorAction Ignore
        try {
            [IO.File]::WriteAllText($path, $Content)
            $status = Get-OrchestratorStatus @all -WarningVariable said -WarningAction SilentlyContinue
            $status.State | Should -Be 'Running', 'Running'
            $status.Health | Should -Be 'healthy', 'healthy'
            $status.Desired | Should -Be 'running', 'running'
            @($said).Count | Should -Be 1
            $said | Should -BeLike "ORC5001*$([IO.Path]::GetFileName($File))*"
            # A host mends its own file at any moment; nobody else may touch one.
            if ($File -notlike 'run/*') {
                [IO.File]::ReadAllText($path) | Should -BeExactly $Content
                (Test-Orchestrator @all).Where({ $_.Code -eq 'ORC5001' }).Count | Should -Be 1
            }
        } finally {
            if ($null -eq $good) { [IO.File]::Delete($path) } else { [IO.File]::WriteAllText($path, $good) }
        }
    }

    It 'missing files: all is still found and can be stopped and started' {
        $before = Get-RigRun $rig alpha
        [IO.File]::Delete("$($rig.Data)/desired.json")
        [IO.File]::Delete("$($rig.Data)/run/alpha.json")
        $status = Get-OrchestratorStatus @all
        $status.State | Should -Be 'Running', 'Running'
        $status[0].ProcessId | Should -Be $before.processId
        (Stop-Orchestrator alpha @all).State | Should -Be 'Stopped'
        Test-Alive $before.processId | Should -BeFalse
        (Start-Orchestrator alpha @all -Wait).Health | Should -Be 'healthy'
        # What nobody wrote about counts as wanted while it runs.
        (Get-OrchestratorStatus beta @all).Desired | Should -Be 'running'
    }

    It 'a damaged desired.json is written anew by the next change, and no generation goes back' {
        [IO.File]::WriteAllText("$($rig.Data)/guardian.json", (@{
                    version = 1; processId = 1; at = '2020-01-01T00:00:00.000Z'; services = @{ alpha = @{ generation = 41 } }
                } | ConvertTo-Json -Depth 5))
        [IO.File]::WriteAllText("$($rig.Data)/desired.json", '{')
        Start-Orchestrator alpha @all | Out-Null
        $desired = Get-Content "$($rig.Data)/desired.json" -Raw | ConvertFrom-Json
        $desired.services.alpha.state | Should -Be 'running'
        $desired.services.alpha.generation | Should -Be 42
    }

    It 'a dead host: its program is still seen, and the next start puts a new host over a new program' {
        $run = Get-RigRun $rig alpha
        [Diagnostics.Process]::GetProcessById($run.hostProcessId).Kill()
        Wait-Until { -not (Test-Alive $run.hostProcessId) }
        (Get-OrchestratorStatus alpha @all).ProcessId | Should -Be $run.processId
        $status = Start-Orchestrator alpha @all -Wait
        $status.Health | Should -Be 'healthy'
        $status.ProcessId | Should -Not -Be $run.processId
        Test-Alive $run.processId | Should -BeFalse
    }

    It 'a dead host: Stop ends the program it left' {
        $run = Get-RigRun $rig beta
        [Diagnostics.Process]::GetProcessById($run.hostProcessId).Kill()
        (Stop-Orchestrator beta @all).State | Should -Be 'Stopped'
        Test-Alive $run.processId | Should -BeFalse
    }

    It 'a process id that was given to another program is not taken for ours' {
        Stop-Orchestrator @all | Out-Null
        $path = "$($rig.Data)/run/alpha.json"
        $run = Get-Content $path -Raw | ConvertFrom-Json -AsHashtable -DateKind String
        $run.state = 'Running'
        $run.processId = $PID
        $run.processStart = '1'
        [IO.File]::WriteAllText($path, (ConvertTo-Json $run))
        (Get-OrchestratorStatus alpha @all).State | Should -Be 'Stopped'
        (Stop-Orchestrator alpha @all).State | Should -Be 'Stopped'
        Get-Process -Id $PID | Should -Not -BeNullOrEmpty
    }
}
