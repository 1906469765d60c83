BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force

    function New-Status {
        param([hashtable] $With)
        $status = @{
            PSTypeName = 'Orchestrator.ServiceStatus'; Id = 'comfyui'; ServiceName = 'OrchestratorComfyUI'; DisplayName = 'ComfyUI'
            Mode = 'demo'; Desired = 'running'; State = 'Running'; Health = 'healthy'; Reason = 'Answered 200 in 4 ms.'
            ProcessId = 1234567; Since = [datetime]::UtcNow.AddMinutes(-12).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'")
            ExitCode = $null; Address = 'http://127.0.0.1:8188'; Attempts = 0; MaxAttempts = 3; Warnings = @()
        }
        foreach ($key in $With.Keys) { $status[$key] = $With[$key] }
        [pscustomobject] $status
    }
    function Get-Lines { param($Value) ($Value | Out-String -Width 80).TrimEnd() -split "`r?`n" }
}

Describe 'the views' {
    It 'a status table fits 80 columns, shows demo as demo, and breaks no word' {
        $long = 'It ended with exit code 137 and the guardian waits before its second attempt.'
        $lines = Get-Lines @((New-Status), (New-Status @{ Health = 'restarting'; State = 'Stopping'; Reason = $long }))
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        $text = $lines -join "`n"
        $text | Should -Match 'comfyui \(demo\) running Running  healthy    1234567   12m http://127\.0\.0\.1:8188'
        foreach ($word in $long.Split(' ')) { $text | Should -Match ([regex]::Escape($word)) }
    }

    It 'a list shows everything' {
        $text = (Get-Lines (New-Status | Format-List)) -join "`n"
        foreach ($name in 'ServiceName', 'Reason', 'MaxAttempts', 'Warnings') { $text | Should -Match "(?m)^$name\s+:" }
    }

    It 'the doctor shows mark, finding and way out within 80 columns' {
        $checks = @(
            [pscustomobject]@{ PSTypeName = 'Orchestrator.Check'; Name = 'ExecutionPolicy'; Status = 'skip'; Message = 'Only on Windows.'; Fix = ''; Code = $null }
            [pscustomobject]@{ PSTypeName = 'Orchestrator.Check'; Name = 'Port'; Status = 'fail'; Message = ('Port 3000 is taken by somebody. ' * 4).Trim(); Fix = 'End that program.'; Code = 'ORC2002' }
        )
        $lines = Get-Lines $checks
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        $lines -join "`n" | Should -Match "(?s)- ExecutionPolicy Only on Windows\.\s+$([char] 0x2717) Port\s+ORC2002: Port.*> End that program\."
    }

    It 'changes and cleared logs fit too' {
        $change = [pscustomobject]@{ PSTypeName = 'Orchestrator.InstallChange'; Target = 'comfyui'; Property = 'command.args'; From = 'a ' * 60; To = 'b ' * 60; Action = 'change' }
        (Get-Lines $change | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        $cleared = [pscustomobject]@{ PSTypeName = 'Orchestrator.ClearedLog'; Id = 'comfyui'; Removed = 3; FreedBytes = 1572864 }
        (Get-Lines $cleared) -join "`n" | Should -Match 'comfyui\s+3\s+1\.5 MB'
    }

    It 'a log line is one line however long it is' {
        $line = [pscustomobject]@{ PSTypeName = 'Orchestrator.LogLine'; Id = 'panel'; Stream = 'stdout'; Level = 'warn'; Time = $null; Text = 'x' * 300 }
        ($line | Out-String -Width 400).Trim() | Should -Be "panel    warn  $('x' * 300)"
    }
}

Describe 'completion of -Name' {
    BeforeAll { $rig = New-Rig -Id panel, comfyui }
    AfterAll { Remove-Rig $rig }

    It 'offers ids and service names, also after a comma, in any case' {
        $expected = [ordered]@{
            'Start-Orchestrator '            = 'panel,Rigpanel,comfyui,Rigcomfyui'
            'Get-OrchestratorStatus com'     = 'comfyui'
            'Get-OrchestratorLog -Name rigp' = 'Rigpanel'
            'Stop-Orchestrator panel, c'     = 'comfyui'
        }
        $lines = $expected.Keys | ForEach-Object { "(TabExpansion2 '$_').CompletionMatches.CompletionText -join ','" }
        $result = Wait-RigPwsh (Start-RigPwsh -Rig $rig -Script ($lines -join '; '))
        $result.Errors | Should -BeNullOrEmpty
        $result.Output.Trim() -split "`r?`n" | Should -Be @($expected.Values)
    }

    It 'is silent where there is no manifest' {
        $script = '$line = "Start-Orchestrator "; @((TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches | Where-Object ResultType -eq ParameterValue).Count'
        $result = Wait-RigPwsh (Start-RigPwsh -Script $script -Environment @{ ORCHESTRATOR_MANIFEST = "$TestDrive/none.json" })
        $result.Errors | Should -BeNullOrEmpty
        $result.Output.Trim() | Should -Be '0'
    }
}
