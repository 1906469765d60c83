BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$PSScriptRoot/../ReleaseRig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force

    function Start-ReleaseRig {
        param([object] $Rig)
        Install-FakeRelease -Rig $Rig -Folder (New-FakeRelease -Rig $Rig -Version 0.1.0)
        $result = Invoke-ReleaseRig -Rig $Rig -Script 'Install-Orchestrator | Out-Null'
        $result.Errors | Should -BeNullOrEmpty
        Get-RunningVersion $Rig | Should -Be '0.1.0'
    }

    # The same state of a whole installation, to be compared before and after something that must change nothing.
    function Get-RootHash {
        param([object] $Rig)
        Get-ChildItem -LiteralPath $Rig.Root -Recurse -File -Force |
            Where-Object FullName -NotMatch '[\\/]\.(orchestrator|versions)[\\/]' |
            ForEach-Object { "$($_.FullName) $((Get-FileHash -LiteralPath $_.FullName).Hash)" } | Sort-Object
    }
}

Describe 'updates' {
    BeforeAll {
        $rig = New-ReleaseRig
        Start-ReleaseRig $rig
    }
    AfterAll { Remove-Rig $rig }

    It 'to a good release: all that ran is healthy, what was stopped stays stopped, the user''s files stay' {
        Set-Content -LiteralPath "$($rig.Root)/.env.local" -Value 'HF_TOKEN=x'
        Set-Content -LiteralPath "$($rig.Root)/deploy/local/mine.json" -Value '{}'
        Set-Content -LiteralPath "$($rig.Root)/notes.txt" -Value 'mine'
        (Invoke-ReleaseRig $rig 'Stop-Orchestrator beta | Out-Null').Errors | Should -BeNullOrEmpty
        $zip = Compress-FakeRelease (New-FakeRelease -Rig $rig -Version 0.2.0 -Change { param($folder) Set-Content "$folder/NEW.md" 'new' })
        $before = Get-RootHash $rig

        $dry = Invoke-ReleaseRig $rig "Update-Orchestrator '$zip' -WhatIf"
        $dry.Errors | Should -BeNullOrEmpty
        $dry.Output | Should -Match '0\.1\.0 to 0\.2\.0'
        Get-RootHash $rig | Should -Be $before

        $result = Invoke-ReleaseRig $rig "Update-Orchestrator '$zip' | ConvertTo-Json -Depth 4"
        $result.Errors | Should -BeNullOrEmpty
        $result.Output | Should -Match '"From": "0\.1\.0"[\s\S]*"To": "0\.2\.0"'
        Get-RunningVersion $rig | Should -Be '0.2.0'
        Get-InstalledVersion $rig | Should -Be '0.2.0'
        $status = (Invoke-ReleaseRig $rig 'Get-OrchestratorStatus | ConvertTo-Json').Output | ConvertFrom-Json
        $status.Health | Should -Be 'healthy', 'stopped', 'healthy'
        $status.Desired | Should -Be 'running', 'stopped', 'running'
        Get-Content "$($rig.Root)/.env.local" | Should -Be 'HF_TOKEN=x'
        Get-Content "$($rig.Root)/notes.txt" | Should -Be 'mine'
        Get-Content "$($rig.Root)/deploy/local/mine.json" | Should -Be '{}'
        Get-Content "$($rig.Root)/NEW.md" | Should -Be 'new'
        (Get-ChildItem "$($rig.Root)/.versions" -Force).Name | Sort-Object | Should -Be '0.1.0', 'update.lock'
    }

    It 'the same version once more is refused, unless it is forced' {
        $folder = New-FakeRelease -Rig $rig -Version 0.2.0
        (Invoke-ReleaseRig $rig "Update-Orchestrator '$folder'").Errors | Should -Match 'ORC2073'
        (Invoke-ReleaseRig $rig "Update-Orchestrator '$folder' -Force | Out-Null").Errors | Should -BeNullOrEmpty
        Get-RunningVersion $rig | Should -Be '0.2.0'
        # NEW.md belonged to the release before and not to this one.
        Test-Path "$($rig.Root)/NEW.md" | Should -BeFalse
    }

    It 'a release whose panel ends at once: the version before is back by itself, healthy, as it was installed' {
        $copy = Get-FileHash "$($rig.Data)/orchestrator.json"
        $before = Get-RootHash $rig
        $zip = Compress-FakeRelease (New-FakeRelease -Rig $rig -Version 0.3.0 -Change {
                param($folder) Set-Content "$folder/dist/panel/main.js" "console.error('broken'); process.exit(7);"
            })
        $result = Invoke-ReleaseRig $rig "Update-Orchestrator '$zip'"
        $result.ExitCode | Should -Be 1
        $result.Errors | Should -Match 'ORC2077'
        $result.Errors -replace '\s*\|?\s*\r?\n\s*\|?\s*', ' ' | Should -Match 'exit code 7'
        $result.Errors | Should -Match '\.orchestrator/logs'
        Get-RunningVersion $rig | Should -Be '0.2.0'
        Get-InstalledVersion $rig | Should -Be '0.2.0'
        Get-RootHash $rig | Should -Be $before
        (Get-FileHash "$($rig.Data)/orchestrator.json").Hash | Should -Be $copy.Hash
        $status = (Invoke-ReleaseRig $rig 'Get-OrchestratorStatus | ConvertTo-Json').Output | ConvertFrom-Json
        $status.Health | Should -Be 'healthy', 'stopped', 'healthy'
        Get-Content "$($rig.Data)/logs/panel-stderr.log" -Raw | Should -Match 'broken'
        Test-Path "$($rig.Root)/.versions/update.json" | Should -BeFalse
    }

    It 'a release whose module cannot be read, and one whose manifest is not valid: the same' {
        $changes = @(
            { param($folder) Set-Content "$folder/ps/Orchestrator.psm1" 'throw "no module"' }
            { param($folder) $file = "$folder/deploy/local/orchestrator.json"; (Get-Content $file -Raw).Replace('"backend"', '"bakcend"') | Set-Content $file }
        )
        foreach ($change in $changes) {
            $folder = New-FakeRelease -Rig $rig -Version 0.3.1 -Change $change
            $errors = (Invoke-ReleaseRig $rig "Update-Orchestrator '$folder'").Errors
            $errors | Should -Match 'ORC2077'
            $errors | Should -Match 'no module|bakcend' -Because 'the cause is said'
            Get-RunningVersion $rig | Should -Be '0.2.0'
        }
    }

    It 'a manifest that the user changed is kept, the one of the release lies beside it' {
        $file = "$($rig.Root)/deploy/local/orchestrator.json"
        $mine = (Get-Content $file -Raw).Replace('"memoryPercent": 80', '"memoryPercent": 77')
        Set-Content -LiteralPath $file -Value $mine -NoNewline
        $folder = New-FakeRelease -Rig $rig -Version 0.4.0
        $result = Invoke-ReleaseRig $rig "Update-Orchestrator '$folder' -Keep 1 | Out-Null"
        $result.Errors | Should -BeNullOrEmpty
        $result.Output | Should -Match 'orchestrator\.json\.new'
        Get-Content $file -Raw | Should -Be $mine
        Get-Content "$file.new" -Raw | Should -Match '"memoryPercent": 80'
        (Get-Content "$($rig.Data)/orchestrator.json" -Raw | ConvertFrom-Json).thresholds.memoryPercent | Should -Be 77
        # Pruned to one.
        (Get-ChildItem "$($rig.Root)/.versions" -Directory).Name | Should -Be '0.2.0~2'
    }

    It 'Rollback returns to the version before, and to the one after it again' {
        (Invoke-ReleaseRig $rig 'Update-Orchestrator -Rollback | Out-Null').Errors | Should -BeNullOrEmpty
        Get-InstalledVersion $rig | Should -Be '0.2.0'
        (Get-ChildItem "$($rig.Root)/.versions" -Directory).Name | Should -Be '0.4.0'
        (Invoke-ReleaseRig $rig 'Update-Orchestrator -Rollback | Out-Null').Errors | Should -BeNullOrEmpty
        Get-InstalledVersion $rig | Should -Be '0.4.0'
        (Invoke-ReleaseRig $rig 'Get-OrchestratorStatus | ConvertTo-Json').Output | ConvertFrom-Json | ForEach-Object Health | Should -Be 'healthy', 'stopped', 'healthy'
    }

    It 'the parameters of the installation are those of the update' {
        $line = "Install-Orchestrator -NoStart -LogPath '$($rig.Folder)/other logs' | Out-Null"
        (Invoke-ReleaseRig $rig $line -Environment @{ LOG_LEVEL = 'debug' }).Errors | Should -BeNullOrEmpty
        $folder = New-FakeRelease -Rig $rig -Version 0.5.0
        (Invoke-ReleaseRig $rig "Update-Orchestrator '$folder' | Out-Null").Errors | Should -BeNullOrEmpty
        $installed = Get-Content "$($rig.Data)/orchestrator.json" -Raw | ConvertFrom-Json
        Get-InstalledVersion $rig | Should -Be '0.5.0'
        $installed.services[0].env.LOG_LEVEL | Should -Be 'debug'
        $installed.paths.logs | Should -Be "$($rig.Folder)/other logs"
    }
}

Describe 'an update that is interrupted' {
    BeforeAll {
        # Ends the session, as the closing of its window does, in the middle of the swap: after the given rename.
        $killer = {
            param($count, $release)
            '& (Get-Module Orchestrator) { Use-ModulePart Update; $script:left = ' + $count + '; $script:real = ${function:Move-ReleaseEntry}; ' +
            'function script:Move-ReleaseEntry { param($From, $To) & $script:real -From $From -To $To; ' +
            'if (--$script:left -eq 0) { [Diagnostics.Process]::GetCurrentProcess().Kill() } } }; ' +
            "Update-Orchestrator '$release'"
        }
    }
    BeforeEach {
        $rig = New-ReleaseRig
        Start-ReleaseRig $rig
        $release = New-FakeRelease -Rig $rig -Version 0.2.0
    }
    AfterEach { Remove-Rig $rig }

    It 'after rename 3 is undone by the next Install, which says so' {
        Invoke-ReleaseRig $rig (& $killer 3 $release) | Out-Null
        Test-Path "$($rig.Root)/.versions/update.json" | Should -BeTrue
        Get-RunningVersion $rig | Should -BeNullOrEmpty
        $result = Invoke-ReleaseRig $rig 'Install-Orchestrator | Out-Null'
        $result.Errors | Should -BeNullOrEmpty
        $result.Output | Should -Match 'ORC2080'
        Get-RunningVersion $rig | Should -Be '0.1.0'
        (Get-ChildItem "$($rig.Root)/.versions" -Force).Name | Should -Be 'update.lock'
    }

    It 'after rename 4 is undone by the next Update, which then goes on' {
        Invoke-ReleaseRig $rig (& $killer 4 $release) | Out-Null
        $result = Invoke-ReleaseRig $rig "Update-Orchestrator '$release' | Out-Null"
        $result.Errors | Should -BeNullOrEmpty
        $result.Output -replace '\s+', ' ' | Should -Match 'ORC2080.*0\.1\.0 is installed'
        Get-RunningVersion $rig | Should -Be '0.2.0'
    }

    It 'with the module on its way is undone by the kept one' {
        # dist, deploy, package.json, README.md and release.json: two renames each; then the old module moves out.
        Invoke-ReleaseRig $rig (& $killer 11 $release) | Out-Null
        Test-Path "$($rig.Root)/ps" | Should -BeFalse
        $kept = [pscustomobject]@{ Root = "$($rig.Root)/.versions/0.1.0" }
        $result = Invoke-ReleaseRig $kept "Update-Orchestrator '$release'"
        $result.Errors | Should -BeNullOrEmpty
        Get-RunningVersion $rig | Should -Be '0.1.0'
        (Invoke-ReleaseRig $rig 'Get-OrchestratorStatus | ConvertTo-Json').Output | ConvertFrom-Json | ForEach-Object Health | Should -Be 'healthy', 'healthy', 'healthy'
    }

    It 'after the last rename is finished' {
        Invoke-ReleaseRig $rig (& $killer 12 $release) | Out-Null
        Get-InstalledVersion $rig | Should -Be '0.2.0'
        $result = Invoke-ReleaseRig $rig "Update-Orchestrator '$release'"
        $result.Output -replace '\s+', ' ' | Should -Match 'ORC2080.*finished'
        $result.Errors | Should -Match 'ORC2073'
        Get-RunningVersion $rig | Should -Be '0.2.0'
        (Get-ChildItem "$($rig.Root)/.versions" -Directory).Name | Should -Be '0.1.0'
    }
}

Describe 'what is refused before anything is touched' {
    BeforeAll {
        $rig = New-ReleaseRig
        Start-ReleaseRig $rig
        $good = New-FakeRelease -Rig $rig -Version 0.2.0
        $before = Get-RootHash $rig
        $first = (Get-RigRun $rig panel).processId

        function Add-Entry {
            param($Archive, [string] $Name, [int] $Attributes = 0)
            $entry = $Archive.CreateEntry($Name)
            $entry.ExternalAttributes = $Attributes
            $writer = [IO.StreamWriter]::new($entry.Open())
            $writer.Write('evil')
            $writer.Dispose()
        }
        function Get-Refusal { param([string] $Release) (Invoke-ReleaseRig $rig "Update-Orchestrator '$Release'").Errors }
    }
    AfterEach {
        Get-RootHash $rig | Should -Be $before
        (Get-RigRun $rig panel).processId | Should -Be $first
        (Get-ChildItem "$($rig.Root)/.versions" -Force).Name | Should -Be 'update.lock'
    }
    AfterAll { Remove-Rig $rig }

    It 'a zip with a path that leads out, or is not in the list: <Name>' -ForEach @(
        @{ Name = '../evil.txt' }, @{ Name = '/etc/evil' }, @{ Name = 'C:/evil.txt' }, @{ Name = 'ps\..\..\evil.txt' }
        @{ Name = 'ps/./x' }, @{ Name = 'PS/ORCHESTRATOR.PSM1' }, @{ Name = 'ps/Public/Extra.ps1' }, @{ Name = '.env.local' }, @{ Name = 'dist/nul.txt' }
    ) {
        $evil = New-FakeRelease -Rig $rig -Version 0.2.1
        $zip = Compress-FakeRelease $evil -Change { param($archive) Add-Entry $archive $Name }
        Get-Refusal $zip | Should -Match 'ORC2071'
        Get-ChildItem -LiteralPath $rig.Folder -Recurse -Force -Filter 'evil*' | Should -BeNullOrEmpty
    }

    It 'a list that names such a path' {
        $evil = New-FakeRelease -Rig $rig -Version 0.2.2
        $list = "$evil/release.json"
        (Get-Content $list -Raw).Replace('"path": "README.md"', '"path": "../README.md"') | Set-Content $list
        Get-Refusal $evil | Should -Match 'ORC2071'
    }

    It 'a link in a folder, and one in a zip' {
        $evil = New-FakeRelease -Rig $rig -Version 0.2.3
        Remove-Item "$evil/README.md"
        [void] (New-Item -ItemType SymbolicLink -Path "$evil/README.md" -Target '/etc/hostname')
        Get-Refusal $evil | Should -Match 'ORC2071'
        $zip = Compress-FakeRelease (New-FakeRelease -Rig $rig -Version 0.2.4) -Change {
            param($archive)
            $archive.GetEntry('README.md').Delete()
            Add-Entry $archive 'README.md' (0xA1FF -shl 16)
        }
        Get-Refusal $zip | Should -Match 'ORC2071'
    }

    It 'a changed file, a cut-off zip, no zip, nothing' {
        $evil = New-FakeRelease -Rig $rig -Version 0.2.5
        Add-Content "$evil/ps/Public/Update-Orchestrator.ps1" '# changed'
        Get-Refusal $evil | Should -Match 'ORC2070'
        $zip = Compress-FakeRelease $good
        $bytes = [IO.File]::ReadAllBytes($zip)
        [IO.File]::WriteAllBytes("$zip.cut", $bytes[0..([int] ($bytes.Length / 2))])
        Get-Refusal "$zip.cut" | Should -Match 'ORC2070'
        # One bit in the middle of a packed file.
        $bytes[[int] ($bytes.Length / 3)] = $bytes[[int] ($bytes.Length / 3)] -bxor 1
        [IO.File]::WriteAllBytes("$zip.bit", $bytes)
        Get-Refusal "$zip.bit" | Should -Match 'ORC207[01]'
        Get-Refusal "$($rig.Root)/README.md" | Should -Match 'ORC2070'
        Get-Refusal "$($rig.Folder)/nothing.zip" | Should -Match 'ORC2070'
    }

    It 'another platform, and a call from the panel''s PowerShell' {
        Get-Refusal (New-FakeRelease -Rig $rig -Version 0.2.6 -Platform win-x64) | Should -Match 'ORC2072'
        $inside = Invoke-ReleaseRig $rig "Update-Orchestrator '$good'" -Environment @{ ORCHESTRATOR_SERVICE_ID = 'panel' }
        $inside.Errors | Should -Match 'ORC2076'
    }

    It 'a second session at once, and a return with nothing kept' {
        $lock = [IO.FileStream]::new("$($rig.Root)/.versions/update.lock", 'OpenOrCreate', 'ReadWrite', 'None')
        try {
            Get-Refusal $good | Should -Match 'ORC2006'
        } finally {
            $lock.Dispose()
        }
        (Invoke-ReleaseRig $rig 'Update-Orchestrator -Rollback').Errors | Should -Match 'ORC2079'
    }

    It 'a checkout' {
        $file = "$($rig.Root)/release.json"
        Rename-Item $file 'release.away'
        try { Get-Refusal $good | Should -Match 'ORC2074' } finally { Rename-Item "$($rig.Root)/release.away" 'release.json' }
    }
}
