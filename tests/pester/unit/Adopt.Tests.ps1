# Taking over services made by hand: the judgement, over dumps of the registry. It runs on any system.
BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force
    $fixtures = "$(Get-RigRoot)/tests/fixtures/services"

    function Read-Fixture { param([string] $Name)
        $read = Get-Content -LiteralPath "$fixtures/$Name.json" -Raw | ConvertFrom-Json -AsHashtable
        [pscustomobject]@{ Name = $read['Name']; Tree = $read['Tree'] }
    }
    $machine = @{ Path = 'C:\Windows\system32;C:\Windows'; SystemRoot = 'C:\Windows' }
    $batch = ".\python_embeded\python.exe -s ComfyUI\main.py --windows-standalone-build --lowvram --listen`r`npause`r`n"

    # What the adoption makes of a fixture; $Batch is what its batch file holds.
    function Get-Adopted { param([string] $Name, [string] $Id, [string] $Batch, [scriptblock] $Change)
        $dump = Read-Fixture $Name
        if ($Change) { & $Change $dump }
        InModuleScope Orchestrator -Parameters @{ Dump = $dump; Id = $Id; Batch = $Batch; Machine = $machine } {
            param($Dump, $Id, $Batch, $Machine)
            $entry = (Get-Content "$script:ProjectRoot/deploy/windows/orchestrator.json" -Raw | ConvertFrom-Json).services | Where-Object id -eq $Id
            $fact = ConvertTo-ServiceFact -Dump $Dump -Variable $Machine
            $launch = if ($Batch) { ConvertFrom-Batch -Text $Batch -Folder (Get-WindowsParent (Join-WindowsPath -Folder $fact.Folder -Path $fact.Batch)) } else { Find-OwnLaunch -Fact $fact }
            ConvertTo-AdoptedService -Dump $Dump -Entry $entry -Launch $launch -SecretName 'HF_TOKEN', 'BFL_API_KEY' -Variable $Machine
        }
    }
    function Set-FixtureValue { param($Dump, [string] $Key, [string] $Name, [string] $Kind, $Data)
        $Dump.Tree[$Key] = @($Dump.Tree[$Key] | Where-Object { $_.Name -ne $Name }) + @(@{ Name = $Name; Kind = $Kind; Data = $Data })
    }
}

Describe 'what a service stands for' {
    It '<Name>: <Id>' -ForEach @(
        @{ Name = 'OrchestratorPanel'; Id = 'panel' }, @{ Name = 'OrchestratorComfyUI'; Id = 'comfyui' }
        @{ Name = 'OrchestratorGuardian'; Id = 'guardian' }, @{ Name = 'ComfyUI'; Id = 'comfyui' }, @{ Name = 'comfy-direct'; Id = 'comfyui' }
        @{ Name = 'web-panel'; Id = 'panel' }, @{ Name = 'astro-panel'; Id = 'panel' }, @{ Name = 'Loki'; Id = $null }
    ) {
        InModuleScope Orchestrator -Parameters @{ Dump = Read-Fixture $Name; Id = $Id; Machine = $machine } {
            param($Dump, $Id, $Machine)
            $fact = ConvertTo-ServiceFact -Dump $Dump -Variable $Machine
            $fact.Wrapper | Should -BeLike '*\nssm.exe'
            Resolve-AdoptionId -Fact $fact -Launch (Find-OwnLaunch -Fact $fact) | Should -Be $Id
        }
    }

    It 'is nothing where it is Orchestrator''s already, or NSSM does not run it' {
        InModuleScope Orchestrator -Parameters @{ Dump = Read-Fixture OrchestratorPanel; Machine = $machine } {
            param($Dump, $Machine)
            $fact = ConvertTo-ServiceFact -Dump $Dump -Variable $Machine
            $fact.Ours = $true
            Resolve-AdoptionId -Fact $fact | Should -BeNullOrEmpty
            $fact.Ours = $false
            $fact.Wrapper = $null
            Resolve-AdoptionId -Fact $fact | Should -BeNullOrEmpty
        }
    }

    It '<Image> is run by <Wrapper>' -ForEach @(
        @{ Image = 'C:\nssm\nssm.exe'; Wrapper = 'C:\nssm\nssm.exe' }
        @{ Image = '"C:\Program Files\nssm\win64\nssm.exe"'; Wrapper = 'C:\Program Files\nssm\win64\nssm.exe' }
        @{ Image = 'C:\Program Files\nssm\nssm64.exe'; Wrapper = 'C:\Program Files\nssm\nssm64.exe' }
        @{ Image = 'C:\Windows\system32\svchost.exe -k netsvcs'; Wrapper = $null }
        @{ Image = '"C:\x\servy.exe" --name nssm.exe'; Wrapper = $null }
        @{ Image = ''; Wrapper = $null }
    ) {
        $dump = Read-Fixture Loki
        Set-FixtureValue $dump '' ImagePath ExpandString $Image
        InModuleScope Orchestrator -Parameters @{ Dump = $dump; Wrapper = $Wrapper } {
            param($Dump, $Wrapper)
            (ConvertTo-ServiceFact -Dump $Dump -Variable @{}).Wrapper | Should -Be $Wrapper
        }
    }

    It 'the batch file of cmd /c "cd /d FOLDER && FILE" lies in that folder' {
        InModuleScope Orchestrator -Parameters @{ Dump = Read-Fixture ComfyUI } {
            param($Dump)
            $fact = ConvertTo-ServiceFact -Dump $Dump -Variable @{}
            Join-WindowsPath -Folder $fact.Folder -Path $fact.Batch | Should -Be 'D:\AI tools\ComfyUI_windows_portable\run_nvidia_gpu.bat'
        }
    }
}

Describe 'what becomes of the services of the original report' {
    It 'ComfyUI: Python instead of the batch file, its flags and logs stay' {
        $service = (Get-Adopted OrchestratorComfyUI comfyui $batch).Service
        $service.serviceName | Should -Be 'OrchestratorComfyUI'
        $service.command.file | Should -Be 'F:\ComfyUI\python_embeded\python.exe'
        $service.command.args -join ' ' | Should -Be '-u -X utf8 -s ComfyUI\main.py --windows-standalone-build --disable-auto-launch --listen --port 8188 --lowvram'
        $service.cwd | Should -Be 'F:\ComfyUI'
        $service.requires | Should -Be 'F:\ComfyUI\python_embeded\python.exe', 'F:\ComfyUI\ComfyUI\main.py'
        $service.logs.stdout | Should -Be 'F:\Logs\comfyui-stdout.log'
        $service.logs.rotateBytes | Should -Be 10485760
        $service.startType | Should -Be 'auto'
        $service.stop.timeoutMs | Should -Be 30000
    }

    It 'panel: the new program, its port and name stay' {
        $service = (Get-Adopted OrchestratorPanel panel).Service
        $service.command.args | Should -Contain 'dist/panel/main.js'
        $service.displayName | Should -Be 'Orchestrator Admin Panel'
        $service.host | Should -Be 'localhost'
        $service.port | Should -Be 3000
        $service.env.NODE_ENV | Should -Be 'production'
        $service.env.PSObject.Properties.Name | Should -Not -Contain 'PORT'
        $service.env.PSObject.Properties.Name | Should -Not -Contain 'HOSTNAME'
    }

    It 'guardian: the new program, NSSM restarts it' {
        $service = (Get-Adopted OrchestratorGuardian guardian).Service
        $service.command.args | Should -Contain 'dist/guardian/main.js'
        $service.restart.policy | Should -Be 'host'
    }
}

Describe 'what a person set on purpose' {
    It 'stays: variables, delayed start, description; secrets are set aside' {
        $adopted = Get-Adopted ComfyUI comfyui ".\python_embeded\python.exe -s ComfyUI\main.py --windows-standalone-build`npause"
        $service = $adopted.Service
        $service.serviceName | Should -Be 'ComfyUI'
        $service.description | Should -Be 'My ComfyUI, do not touch'
        $service.startType | Should -Be 'delayed'
        $service.cwd | Should -Be 'D:\AI tools\ComfyUI_windows_portable'
        $service.env.CUDA_VISIBLE_DEVICES | Should -Be '1'
        $service.env.HF_HOME | Should -Be 'D:\hf cache'
        $service.env.PSObject.Properties.Name | Should -Not -Contain 'HF_TOKEN'
        $adopted.Secrets['HF_TOKEN'] | Should -Be 'hf_exampleexample'
        # It had no logs, so it gets the manifest's.
        $service.logs.stdout | Should -Be 'F:\Logs\comfyui-stdout.log'
    }

    It 'stays: flags, port, one log for both streams, its size, manual start, a longer time to stop' {
        $service = (Get-Adopted comfy-direct comfyui).Service
        $service.command.file | Should -Be 'D:\AI\python_embeded\python.exe'
        $service.command.args | Should -Be @(
            '-u', '-X', 'utf8', '-s', 'ComfyUI\main.py', '--windows-standalone-build', '--disable-auto-launch'
            '--listen', '0.0.0.0', '--port', '8190', '--lowvram', '--output-directory', 'D:\Мои картинки'
        )
        $service.port | Should -Be 8190
        $service.host | Should -Be '127.0.0.1'
        $service.logs.stdout | Should -Be 'D:\logs\comfy.log'
        $service.logs.stderr | Should -Be 'D:\logs\comfy.log'
        $service.logs.rotateBytes | Should -Be 1048576
        $service.startType | Should -Be 'manual'
        $service.stop.timeoutMs | Should -Be 60000
    }

    It 'stays: a port and an address in the environment, with what the machine fills in filled in' {
        $adopted = Get-Adopted web-panel panel
        $adopted.Service.port | Should -Be 3001
        $adopted.Service.host | Should -Be '0.0.0.0'
        $adopted.Service.env.LOG_LEVEL | Should -Be 'debug'
        $adopted.Service.env.PATH | Should -Be 'C:\tools;C:\Windows\system32;C:\Windows'
        $adopted.Left -join ' ' | Should -BeLike '*0.0.0.0*ORCHESTRATOR_TOKEN*'
    }

    It 'an argument is stronger than the environment: next start -p 3005' {
        $change = { param($dump) Set-FixtureValue $dump Parameters AppParameters ExpandString 'node_modules\next\dist\bin\next start -p 3005 -H 127.0.0.1' }
        $service = (Get-Adopted OrchestratorPanel panel -Change $change).Service
        $service.port | Should -Be 3005
        $service.host | Should -Be '127.0.0.1'
    }

    It 'a log of one stream only: the other goes beside it' {
        $change = { param($dump) $dump.Tree['Parameters'] = @($dump.Tree['Parameters'] | Where-Object { $_.Name -ne 'AppStdout' }) }
        $service = (Get-Adopted OrchestratorPanel panel -Change $change).Service
        $service.logs.stderr | Should -Be 'F:\Logs\panel-stderr.log'
        $service.logs.stdout | Should -Be 'F:\Logs\panel-stdout.log'
    }

    It 'a variable that a manifest cannot hold is left out and said' {
        $change = { param($dump) Set-FixtureValue $dump Parameters AppEnvironmentExtra MultiString @('A(x)=1', 'B=', 'ORCHESTRATOR_MANIFEST=C:\old') }
        $adopted = Get-Adopted OrchestratorPanel panel -Change $change
        $adopted.Left -join ' ' | Should -BeLike '*A(x)*'
        $adopted.Service.env.B | Should -BeExactly ''
        $adopted.Service.env.PSObject.Properties.Name | Should -Not -Contain 'ORCHESTRATOR_MANIFEST'
    }

    It 'a name that a manifest cannot hold is refused' {
        $change = { param($dump) $dump.Name = 'My ComfyUI' }
        { Get-Adopted OrchestratorComfyUI comfyui $batch -Change $change } | Should -Throw -ErrorId 'ORC2055*'
    }

    It 'the manifest''s own entry is not changed by it' {
        InModuleScope Orchestrator -Parameters @{ Dump = Read-Fixture astro-panel } {
            param($Dump)
            $entry = (Get-Content "$script:ProjectRoot/deploy/windows/orchestrator.json" -Raw | ConvertFrom-Json).services[0]
            $before = ConvertTo-Json $entry -Depth 32
            [void] (ConvertTo-AdoptedService -Dump $Dump -Entry $entry -Variable @{})
            ConvertTo-Json $entry -Depth 32 | Should -BeExactly $before
        }
    }
}

Describe 'the merged manifest' {
    It 'is valid, holds the adopted entries, and has all logs where theirs are' {
        $adopted = Get-Adopted comfy-direct comfyui
        InModuleScope Orchestrator -Parameters @{ Adopted = $adopted } {
            param($Adopted)
            $source = Import-OrchestratorManifestFile -Path "$script:ProjectRoot/deploy/windows/orchestrator.json"
            $manifest = Merge-AdoptedManifest -Manifest $source -Adopted $Adopted
            $manifest.services.id | Should -Be 'panel', 'comfyui', 'guardian'
            $manifest.services.serviceName | Should -Be 'OrchestratorPanel', 'comfy-direct', 'OrchestratorGuardian'
            $manifest.paths.logs | Should -Be 'D:\logs'
            $manifest.services[0].logs.stderr | Should -Be 'D:\logs\panel-stderr.log'
            $manifest.services[1].logs.stderr | Should -Be 'D:\logs\comfy.log'
            @(Test-ManifestText -Text (ConvertTo-ManifestText -Manifest $manifest) -Path 'x.json') | Should -BeNullOrEmpty
        }
    }

    It 'dependencies stay where the manifest can say them, and others are named' {
        $need = { param($dump) Set-FixtureValue $dump '' DependOnService MultiString @('OrchestratorPanel', 'Tcpip', '') }
        $adopted = Get-Adopted comfy-direct comfyui -Change $need
        InModuleScope Orchestrator -Parameters @{ Adopted = $adopted } {
            param($Adopted)
            $source = Import-OrchestratorManifestFile -Path "$script:ProjectRoot/deploy/windows/orchestrator.json"
            $manifest = Merge-AdoptedManifest -Manifest $source -Adopted $Adopted
            $manifest.services[1].dependsOn | Should -Be 'panel'
            $Adopted.Left.Count | Should -Be 1
            $Adopted.Left[0] | Should -BeLike 'comfy-direct: it depended on Tcpip,*'
            @(Test-ManifestText -Text (ConvertTo-ManifestText -Manifest $manifest) -Path 'x.json') | Should -BeNullOrEmpty
        }
    }

    It 'what NSSM gets differs in what had to be mended, and in nothing that a person set' {
        $adopted = Get-Adopted comfy-direct comfyui
        InModuleScope Orchestrator -Parameters @{ Adopted = $adopted; Dump = Read-Fixture comfy-direct } {
            param($Adopted, $Dump)
            $source = Import-OrchestratorManifestFile -Path "$script:ProjectRoot/deploy/windows/orchestrator.json"
            $context = [pscustomobject]@{ Services = (Merge-AdoptedManifest -Manifest $source -Adopted $Adopted).services }
            $wanted = New-NssmSetting -Context $context -Service $context.Services[1] -Build '2.24-101'
            $actual = [ordered]@{ 'AppExit.Default' = 'Restart'; Start = 'manual'; DisplayName = 'comfy-direct'; ImagePath = 'x' }
            foreach ($value in $Dump.Tree['Parameters']) { $actual[$value.Name] = $value.Data }
            $names = (Compare-NssmSetting -Actual $actual -Wanted $wanted).Name
            $names | Should -Contain 'AppRotateOnline'
            $names | Should -Contain 'AppExit.Default'
            $names | Should -Not -Contain 'Application'
            foreach ($kept in 'Start', 'DisplayName', 'AppStdout', 'AppStderr', 'AppRotateBytes', 'AppStopMethodConsole', 'AppDirectory', 'AppPriority', 'AppAffinity', 'ObjectName') {
                $names | Should -Not -Contain $kept
            }
        }
    }
}

Describe 'the record and the way back' {
    It 'a record is written once, read again, and shows what must be put back' {
        $folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), "orc-adopt-$([guid]::NewGuid().ToString('n').Substring(0, 8))")
        try {
            InModuleScope Orchestrator -Parameters @{ Dump = Read-Fixture ComfyUI; Later = Read-Fixture ComfyUI; Folder = $folder } {
                param($Dump, $Later, $Folder)
                Write-AdoptedRecord -Data $Folder -Dump $Dump -Id comfyui -Manifest 'C:\m.json'
                $Later.Tree['Parameters'] = @($Later.Tree['Parameters'] | Where-Object { $_.Name -ne 'AppPriority' })
                ($Later.Tree['Parameters'] | Where-Object { $_.Name -eq 'Application' }).Data = 'D:\python.exe'
                $Later.Tree['Parameters'] += @{ Name = 'AppRotateOnline'; Kind = 'DWord'; Data = 1 }
                $Later.Tree['Parameters\AppEvents'] = @()
                # A second time must not overwrite the first state.
                Write-AdoptedRecord -Data $Folder -Dump $Later -Id comfyui -Manifest 'C:\m.json'
                $record = Read-AdoptedRecord -Data $Folder -Name 'Comfy*'
                $record.Name | Should -Be 'ComfyUI'
                $record.Id | Should -Be 'comfyui'
                Compare-ServiceDump -From $Dump.Tree -To $record.Tree | Should -BeNullOrEmpty
                $back = @(Compare-ServiceDump -From $Later.Tree -To $record.Tree)
                @($back | ForEach-Object { "$($_.Key)|$($_.Name)|$($_.Kind)" } | Sort-Object) | Should -Be @(
                    'Parameters\AppEvents||', 'Parameters|Application|ExpandString', 'Parameters|AppPriority|DWord', 'Parameters|AppRotateOnline|'
                )
                if (-not $IsWindows) { [int] [IO.File]::GetUnixFileMode($record.Path) | Should -Be 0x180 }
                Read-AdoptedRecord -Data $Folder -Name 'Other' | Should -BeNullOrEmpty
                [IO.File]::WriteAllText($record.Path, '{"version":1')
                { Read-AdoptedRecord -Data $Folder } | Should -Throw -ErrorId 'ORC2056*'
            }
        } finally {
            Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction Ignore
        }
    }

    It 'data of each kind survives the file' -ForEach @(
        @{ Kind = 'DWord'; Data = -2; Type = [int] }, @{ Kind = 'QWord'; Data = 5000000000; Type = [long] }
        @{ Kind = 'String'; Data = 'Ж "%"'; Type = [string] }, @{ Kind = 'MultiString'; Data = @('one', ''); Type = [string[]] }
        @{ Kind = 'MultiString'; Data = @('one'); Type = [string[]] }, @{ Kind = 'Binary'; Data = 'AAH/'; Type = [byte[]] }
    ) {
        InModuleScope Orchestrator -Parameters @{ Kind = $Kind; Data = $Data; Type = $Type } {
            param($Kind, $Data, $Type)
            $value = ConvertTo-Json ([pscustomobject]@{ Name = 'x'; Kind = $Kind; Data = $Data }) | ConvertFrom-Json -AsHashtable -DateKind String
            $back = ConvertFrom-DumpData -Value $value
            , $back | Should -BeOfType $Type
            if ($Kind -eq 'Binary') { $back | Should -Be ([byte[]] (0, 1, 255)) } else { $back | Should -BeExactly $Data }
        }
    }

    It 'a list of one text is not that text' {
        InModuleScope Orchestrator {
            Format-DumpData -Data @('a') | Should -Not -Be (Format-DumpData -Data 'a')
            Format-DumpData -Data @('a', '') | Should -Not -Be (Format-DumpData -Data @('a'))
        }
    }
}

Describe 'the cmdlet elsewhere' -Skip:$IsWindows {
    It 'says that Windows services exist only on Windows' {
        { Import-OrchestratorService -WhatIf } | Should -Throw -ErrorId 'ORC2012*'
    }
}
