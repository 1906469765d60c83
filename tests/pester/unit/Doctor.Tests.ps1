# The judgements of the doctor's checks for Windows, over facts: they run on any system.
BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force
}

Describe 'checks of Windows services elsewhere' {
    It 'say nothing: <_>' -ForEach 'Nssm', 'Service', 'Required', 'Drive', 'GuardianLog', 'Failure' -Skip:$IsWindows {
        InModuleScope Orchestrator -Parameters @{ Name = $_ } {
            param($Name)
            $context = [pscustomobject]@{ Backend = 'Nssm'; Services = @(); Installed = $true }
            Invoke-Check -Name $Name -Context $context | Should -BeNullOrEmpty
        }
    }
}

Describe 'rights' {
    It 'are needed for a change (<Planned>), elevated <Elevated>: <Status>' -ForEach @(
        @{ Elevated = $true; Planned = $true; Status = 'pass'; Code = $null }
        @{ Elevated = $false; Planned = $true; Status = 'fail'; Code = 'ORC2050' }
        @{ Elevated = $false; Planned = $false; Status = 'warn'; Code = 'ORC2050' }
    ) {
        InModuleScope Orchestrator -Parameters @{ Elevated = $Elevated; Planned = $Planned; Status = $Status; Code = $Code } {
            param($Elevated, $Planned, $Status, $Code)
            $check = Get-ElevationFinding -Elevated $Elevated -Planned:$Planned
            $check.Status | Should -Be $Status
            $check.Code | Should -Be $Code
            if ($Code) { $check.Fix | Should -Match 'administrator' }
        }
    }
}

Describe 'drives' {
    BeforeAll {
        function Get-Drive { param($Type, $Uses = @('logs', 'comfyui'), $Needed = $true, $Comfy)
            InModuleScope Orchestrator -Parameters @{ Drive = [pscustomobject]@{ Root = 'F:'; Type = $Type; Uses = $Uses; Needed = $Needed }; Comfy = $Comfy } {
                param($Drive, $Comfy)
                Get-DriveFinding -Fact ([pscustomobject]@{ Drives = @($Drive); Comfy = $Comfy; Folder = 'C:\ProgramData\Orchestrator' })
            }
        }
    }

    It '<Type> is <Status>' -ForEach @(
        @{ Type = 'Fixed'; Status = 'pass' }, @{ Type = 'NoRootDirectory'; Status = 'fail' }, @{ Type = 'Network'; Status = 'fail' }
        @{ Type = 'CDRom'; Status = 'fail' }, @{ Type = 'Removable'; Status = 'warn' }, @{ Type = 'Ram'; Status = 'warn' }, @{ Type = 'Share'; Status = 'warn' }
    ) {
        $check = Get-Drive -Type $Type
        $check.Status | Should -Be $Status
        $check.Message | Should -Match 'F:'
        if ($Status -ne 'pass') {
            $check.Message | Should -Match 'logs, comfyui'
            $check.Fix | Should -Match '\w'
        }
    }

    It 'an absent one comes with the command to run, filled in with the ComfyUI that was found' {
        (Get-Drive -Type NoRootDirectory -Comfy 'D:\ComfyUI_windows_portable').Fix |
            Should -BeLike "Install-Orchestrator -LogPath 'C:\ProgramData\Orchestrator\Logs' -ComfyUIPath 'D:\ComfyUI_windows_portable'.*"
        (Get-Drive -Type NoRootDirectory).Fix | Should -BeLike "*-ComfyUIPath 'C:\path\to\ComfyUI_windows_portable'*"
        (Get-Drive -Type NoRootDirectory -Uses data, logs).Fix | Should -BeLike "Install-Orchestrator -DataPath 'C:\ProgramData\Orchestrator' -LogPath 'C:\ProgramData\Orchestrator\Logs'.*"
    }

    It 'an absent one that only holds a service which is left out anyway is no failure' {
        (Get-Drive -Type NoRootDirectory -Uses comfyui -Needed $false).Status | Should -Be 'warn'
    }

    It '<Path> lies on <Root>' -ForEach @(
        @{ Path = 'f:\Logs'; Root = 'F:' }, @{ Path = 'C:/x'; Root = 'C:' }, @{ Path = '\\nas\ai\ComfyUI\main.py'; Root = '\\nas\ai' }
        @{ Path = '/srv'; Root = $null }, @{ Path = '\\?\C:\x'; Root = $null }
    ) {
        InModuleScope Orchestrator -Parameters @{ Path = $Path; Root = $Root } { param($Path, $Root) Get-DriveRoot -Path $Path | Should -Be $Root }
    }

    It 'every path of the manifest counts, but not those of an external service' {
        InModuleScope Orchestrator {
            $manifest = Get-Content "$script:ProjectRoot/deploy/windows/orchestrator.json" -Raw | ConvertFrom-Json
            $manifest.services[2].mode = 'external'
            $manifest.services[2].cwd = 'G:\none'
            $manifest.services[1].requires = @('F:\ComfyUI\main.py', 'H:\models\a')
            $context = [pscustomobject]@{ Data = 'C:\ProgramData\Orchestrator'; Logs = 'F:\Logs'; Services = $manifest.services }
            $uses = Get-DriveUse -Context $context
            $uses.Root | Select-Object -Unique | Sort-Object | Should -Be 'C:', 'F:', 'H:'
            $uses.Where({ $_.Root -eq 'F:' }).Use | Select-Object -Unique | Should -Be 'logs', 'comfyui'
            # Its files are not there, so it will be left out.
            $uses.Where({ $_.Root -eq 'H:' }).Needed | Should -BeFalse
        }
    }
}

Describe 'the execution policy' {
    It '<Name>: <Status>' -ForEach @(
        @{ Name = 'as delivered'; Effective = 'RemoteSigned'; Machine = 'Undefined'; Marked = @(); Status = 'pass'; Fix = '^$' }
        @{ Name = 'restricted'; Effective = 'Restricted'; Machine = 'Undefined'; Marked = @(); Status = 'fail'; Fix = 'Set-ExecutionPolicy -Scope LocalMachine RemoteSigned' }
        @{ Name = 'all signed by group policy, bypassed by the session'; Effective = 'AllSigned'; Machine = 'AllSigned'; Marked = @(); Status = 'fail'; Fix = 'Script Execution' }
        @{ Name = 'group policy wins over Bypass of this session'; Effective = 'Bypass'; Machine = 'Restricted'; Marked = @(); Status = 'fail'; Fix = 'Script Execution' }
        @{ Name = 'marked files'; Effective = 'RemoteSigned'; Machine = 'Undefined'; Marked = @('C:\o''k\ps\a.ps1'); Status = 'fail'; Fix = "Get-ChildItem -LiteralPath 'C:\\o''k' -Recurse -File \| Unblock-File" }
        @{ Name = 'marked files do not matter to Bypass'; Effective = 'Bypass'; Machine = 'Undefined'; Marked = @('a'); Status = 'pass'; Fix = '^$' }
        @{ Name = 'but they do when the group says RemoteSigned'; Effective = 'Bypass'; Machine = 'RemoteSigned'; Marked = @('a'); Status = 'fail'; Fix = 'Unblock-File' }
    ) {
        InModuleScope Orchestrator -Parameters @{ Case = $_ } {
            param($Case)
            $fact = [pscustomobject]@{
                Scopes = [ordered]@{ MachinePolicy = $Case.Machine; UserPolicy = 'Undefined'; Process = 'Undefined'; CurrentUser = 'Undefined'; LocalMachine = 'Undefined' }
                Effective = $Case.Effective; Root = 'C:\o''k'; Marked = $Case.Marked
            }
            $check = Get-PolicyFinding -Fact $fact -ForService
            $check.Status | Should -Be $Case.Status
            $check.Fix | Should -Match $Case.Fix
        }
    }
}

Describe 'nssm.exe' {
    It '<Name>: <Status> <Code>' -ForEach @(
        @{ Name = 'none'; Path = $null; Known = $false; Planned = $true; Status = 'fail'; Code = 'ORC2028' }
        @{ Name = 'unknown, before an installation'; Path = 'C:\nssm\nssm.exe'; Known = $false; Planned = $true; Status = 'fail'; Code = 'ORC2051' }
        @{ Name = 'unknown, at any time'; Path = 'C:\nssm\nssm.exe'; Known = $false; Planned = $false; Status = 'warn'; Code = 'ORC2051' }
        @{ Name = 'in a download folder'; Path = 'C:\Users\me\Downloads\nssm-2.24\win64\nssm.exe'; Known = $true; Planned = $true; Status = 'warn'; Code = $null }
        @{ Name = 'known'; Path = 'C:\nssm\nssm.exe'; Known = $true; Planned = $true; Status = 'pass'; Code = $null }
    ) {
        InModuleScope Orchestrator -Parameters @{ Case = $_ } {
            param($Case)
            $fact = [pscustomobject]@{ Path = $Case.Path; Known = $Case.Known; Sha256 = 'abc'; Detail = 'detail' }
            $check = Get-NssmFinding -Fact $fact -Planned:$Case.Planned
            $check.Status | Should -Be $Case.Status
            $check.Code | Should -Be $Case.Code
        }
    }
}

Describe 'services as Windows holds them' {
    BeforeAll {
        function Get-Finding { param([hashtable] $Fact = @{}, [switch] $Planned)
            $whole = @{
                Name = 'OrchestratorComfyUI'; Wrapper = 'C:\nssm\nssm.exe'; WrapperThere = $true; Program = 'F:\ComfyUI\python_embeded\python.exe'
                Arguments = ''; Batch = $null; BatchPath = $null; BatchThere = $true; Ours = $true; Deleted = $false; State = 'Running'
            }
            foreach ($key in $Fact.Keys) { $whole[$key] = $Fact[$key] }
            InModuleScope Orchestrator -Parameters @{ Fact = [pscustomobject] $whole; Planned = $Planned } {
                param($Fact, $Planned)
                Get-ServiceFinding -Fact @($Fact) -Name 'OrchestratorPanel', 'OrchestratorComfyUI' -Planned:$Planned
            }
        }
    }

    It 'a good one is not mentioned' { Get-Finding | Should -BeNullOrEmpty }

    It '<Name>: <Status>' -ForEach @(
        @{ Name = 'marked for deletion'; Fact = @{ Deleted = $true }; Status = 'fail'; Says = '*marked for deletion*services.msc, Task Manager*'; Fix = '*Close them*restart Windows*' }
        @{ Name = 'not of NSSM'; Fact = @{ Wrapper = $null }; Status = 'fail'; Says = '*NSSM does not run*'; Fix = '*sc.exe delete OrchestratorComfyUI*' }
        @{ Name = 'nssm.exe is gone'; Fact = @{ WrapperThere = $false }; Status = 'fail'; Says = '*C:\nssm\nssm.exe, which is not there*'; Fix = '*Put nssm.exe back*' }
        @{ Name = 'nssm.exe in a temporary folder'; Fact = @{ Wrapper = 'C:\Users\me\AppData\Local\Temp\nssm\nssm.exe' }; Status = 'warn'; Says = '*do not stay*'; Fix = '*lasting place*' }
        @{ Name = 'paused'; Fact = @{ State = 'Paused' }; Status = 'fail'; Says = '*paused*again and again*'; Fix = '*Get-OrchestratorLog OrchestratorComfyUI*' }
        @{ Name = 'the batch file'; Fact = @{ Ours = $false; Batch = 'F:\ComfyUI\run_nvidia_gpu.bat' }; Status = 'warn'; Says = '*run_nvidia_gpu.bat*cmd*pause*Y/N*'; Fix = '*Import-OrchestratorService -Name OrchestratorComfyUI*-ComfyUIPath*' }
        @{ Name = 'the batch file is gone'; Fact = @{ Ours = $false; Batch = 'F:\ComfyUI\run_nvidia_gpu.bat'; BatchThere = $false }; Status = 'fail'; Says = '*not there*'; Fix = '*-ComfyUIPath*' }
        @{ Name = 'the batch file under another name'; Fact = @{ Name = 'comfy'; Ours = $false; Batch = 'D:\c\run_cpu.bat' }; Status = 'warn'; Says = '*comfy runs D:\c\run_cpu.bat*'; Fix = '*Import-OrchestratorService -Name comfy *' }
        @{ Name = 'made by hand'; Fact = @{ Ours = $false }; Status = 'warn'; Says = '*made by hand*'; Fix = '*Import-OrchestratorService*' }
    ) {
        $check = Get-Finding $Fact
        $check.Count | Should -Be 1
        $check.Status | Should -Be $Status
        $check.Message | Should -BeLike $Says
        $check.Fix | Should -BeLike $Fix
    }

    It 'a stranger of NSSM with a batch file of its own is left alone' {
        Get-Finding @{ Name = 'Other'; Ours = $false; Batch = 'C:\x\start.bat'; State = 'Paused' } | Should -BeNullOrEmpty
    }

    It 'a manifest that names a batch file: <File> <Given>' -ForEach @(
        @{ Id = 'comfyui'; File = 'F:\ComfyUI\run_nvidia_gpu.bat'; Given = @(); Fix = "Install-Orchestrator -ComfyUIPath 'F:\ComfyUI\run_nvidia_gpu.bat'*" }
        @{ Id = 'comfyui'; File = 'C:\Windows\System32\cmd.exe'; Given = '/c', 'F:\c\run.bat'; Fix = "*-ComfyUIPath 'F:\c\run.bat'*" }
        @{ Id = 'panel'; File = 'C:\nodejs\npm.cmd'; Given = , 'start'; Fix = '*"command"*' }
        @{ Id = 'comfyui'; File = 'F:\ComfyUI\python_embeded\python.exe'; Given = '-s', 'ComfyUI\main.py'; Fix = $null }
    ) {
        InModuleScope Orchestrator -Parameters @{ Case = $_ } {
            param($Case)
            $service = [pscustomobject]@{ id = $Case.Id; mode = 'managed'; command = [pscustomobject]@{ file = $Case.File; args = $Case.Given } }
            $check = Get-BatchFinding -Service $service
            if ($null -eq $Case.Fix) { $check | Should -BeNullOrEmpty; return }
            $check.Status | Should -Be 'warn'
            $check.Fix | Should -BeLike $Case.Fix
        }
    }

    It 'a paused one does not stand in the way of an installation' {
        Get-Finding @{ State = 'Paused' } -Planned | Should -BeNullOrEmpty
    }
}

Describe 'a service that ended' {
    It '<Name>' -ForEach @(
        @{ Name = 'GPU memory'; Code = 1; Lines = 'Traceback', 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB'; Fix = '*--lowvram*'; Says = '*exit code 1*CUDA out of memory*' }
        @{ Name = 'page file'; Code = 1; Lines = , 'OSError: The paging file is too small for this operation to complete. (os error 1455)'; Fix = '*page file*'; Says = '*1455*' }
        @{ Name = 'port'; Code = 1; Lines = , '[WinError 10048] only one usage of each socket address'; Fix = '*Port*'; Says = '*10048*' }
        @{ Name = 'module'; Code = 1; Lines = , "ModuleNotFoundError: No module named 'torchsde'"; Fix = '*python.exe -m pip install*'; Says = '*torchsde*' }
        @{ Name = 'driver'; Code = 1; Lines = , 'RuntimeError: Found no NVIDIA driver on your system.'; Fix = '*NVIDIA driver*'; Says = '*Found no NVIDIA*' }
        @{ Name = 'crash in native code'; Code = -1073741819; Lines = @(); Fix = '*native code*'; Says = '*-1073741819*' }
        @{ Name = 'crash, as an unsigned number'; Code = 3221225477; Lines = @(); Fix = '*native code*'; Says = '*3221225477*' }
        @{ Name = 'missing library'; Code = 3221225781; Lines = @(); Fix = '*Visual C++*'; Says = '*' }
        @{ Name = 'cmd found no program'; Code = 9009; Lines = @(); Fix = '*was not found*'; Says = '*9009*' }
        @{ Name = 'unknown, with its last line and without keys'; Code = 7; Lines = 'first', 'bad HF_TOKEN=hf_abcdefghijkl in request', ''; Fix = '*Get-OrchestratorLog comfyui*'; Says = '*HF_TOKEN=[*][*][*] in request*' }
        @{ Name = 'nothing known at all'; Code = $null; Lines = @(); Fix = '*Get-OrchestratorLog comfyui*'; Says = 'ComfyUI should run and ended.' }
    ) {
        InModuleScope Orchestrator -Parameters @{ Case = $_ } {
            param($Case)
            $fact = [pscustomobject]@{ Id = 'comfyui'; Name = 'ComfyUI'; ExitCode = $Case.Code; ProgramThere = $true; Program = 'F:\python.exe'; Lines = @($Case.Lines) }
            $check = Get-FailureFinding -Fact $fact
            $check.Status | Should -Be 'fail'
            $check.Message | Should -BeLike $Case.Says
            $check.Fix | Should -BeLike $Case.Fix
        }
    }

    It 'a missing program is the cause before anything that an old log says' {
        InModuleScope Orchestrator {
            $fact = [pscustomobject]@{ Id = 'comfyui'; Name = 'ComfyUI'; ExitCode = 3; ProgramThere = $false; Program = 'F:\python.exe'; Lines = @('CUDA out of memory') }
            (Get-FailureFinding -Fact $fact).Fix | Should -BeLike 'There is no F:\python.exe*'
        }
    }
}

Describe 'the log of the guardian' {
    It '<Name>' -ForEach @(
        @{ Name = 'has lines'; Running = $true; Seconds = 90; Bytes = 10; Rotated = $false; Status = 'pass' }
        @{ Name = 'was rotated this moment'; Running = $true; Seconds = 90; Bytes = 0; Rotated = $true; Status = 'pass' }
        @{ Name = 'is young'; Running = $true; Seconds = 20; Bytes = 0; Rotated = $false; Status = 'skip' }
        @{ Name = 'is empty'; Running = $true; Seconds = 90; Bytes = 0; Rotated = $false; Status = 'fail' }
        @{ Name = 'is not there'; Running = $true; Seconds = 90; Bytes = $null; Rotated = $false; Status = 'fail' }
        @{ Name = 'of a stopped one is no matter'; Running = $false; Seconds = 90; Bytes = 0; Rotated = $false; Status = $null }
    ) {
        InModuleScope Orchestrator -Parameters @{ Case = $_ } {
            param($Case)
            $fact = [pscustomobject]@{ Id = 'guardian'; Running = $Case.Running; Seconds = $Case.Seconds; Log = 'F:\Logs\guardian-stdout.log'; Bytes = $Case.Bytes; Rotated = $Case.Rotated; Lines = @('Error: x') }
            $check = Get-GuardianLogFinding -Fact $fact
            $check.Status | Should -Be $Case.Status
            if ($Case.Status -eq 'fail') { $check.Message | Should -BeLike '*F:\Logs\guardian-stdout.log*Error: x*' }
        }
    }

    It 'the last lines of a log are read while another writes, in any line ends' {
        $file = [IO.Path]::GetTempFileName()
        $writer = [IO.FileStream]::new($file, 'Create', 'Write', 'ReadWrite, Delete')
        try {
            $bytes = [Text.Encoding]::UTF8.GetBytes(("x" * 40000) + "`r`nодин`rдва`n`nтри")
            $writer.Write($bytes); $writer.Flush()
            InModuleScope Orchestrator -Parameters @{ File = $file } { param($File) Read-LastLine -Path $File | Select-Object -Last 3 } | Should -Be 'один', 'два', 'три'
        } finally {
            $writer.Dispose()
            Remove-Item -LiteralPath $file
        }
        InModuleScope Orchestrator { Read-LastLine -Path '/nowhere/at/all.log' } | Should -BeNullOrEmpty
    }
}

Describe 'a stray Cyrillic letter' {
    It '<Name>' -ForEach @(
        @{ Name = 'before a cmdlet'; Command = "$([char] 0x441)Get-Service"; Meant = 'Get-Service'; Number = 'U+0441' }
        @{ Name = 'before a program'; Command = "$([char] 0x441)git"; Meant = 'git'; Number = 'U+0441' }
        @{ Name = 'a look-alike of another key'; Command = "$([char] 0x43C).\run.ps1"; Meant = '.\run.ps1'; Number = 'U+043C' }
    ) {
        InModuleScope Orchestrator -Parameters @{ Case = $_ } {
            param($Case)
            $check = Get-StrayFinding -Command @($Case.Command, $Case.Command, 'gti')
            @($check).Count | Should -Be 1
            $check.Status | Should -Be 'warn'
            $check.Message | Should -Match ([regex]::Escape($Case.Number))
            $check.Fix | Should -BeLike "You meant: $($Case.Meant).*"
        }
    }

    It 'is not seen in <Name>' -ForEach @(
        @{ Name = 'a Latin name'; Command = 'cGet-Service' }, @{ Name = 'a Cyrillic word'; Command = 'служба' }
        @{ Name = 'the letter alone'; Command = "$([char] 0x441)" }, @{ Name = 'a letter that is no look-alike'; Command = "$([char] 0x44F)git" }
    ) {
        InModuleScope Orchestrator -Parameters @{ Command = $Command } { param($Command) Get-StrayFinding -Command $Command | Should -BeNullOrEmpty }
    }

    It 'is found by the doctor in the errors of a session, without running anything' {
        $script = 'Test-Path ran; try { & ([char] 0x441 + "Set-Content") ran x } catch { }; Test-Orchestrator | Where-Object Name -eq StrayLetter | ForEach-Object Fix; Test-Path ran'
        $result = Wait-RigPwsh (Start-RigPwsh -Script $script)
        $result.Errors | Should -BeNullOrEmpty
        ($result.Output -split "`r?`n" | Where-Object { $_ })[0] | Should -Be 'False'
        $result.Output | Should -Match 'You meant: Set-Content\.'
        ($result.Output -split "`r?`n" | Where-Object { $_ })[-1] | Should -Be 'False'
    }
}

Describe 'a missing file' {
    It 'is said with what to run for ComfyUI' {
        InModuleScope Orchestrator {
            $service = [pscustomobject]@{ id = 'comfyui'; displayName = 'ComfyUI' }
            $check = Get-RequiredFinding -Service $service -File 'F:\ComfyUI\main.py' -Found 'D:\ComfyUI_windows_portable'
            $check.Status | Should -Be 'warn'
            $check.Code | Should -Be 'ORC2003'
            $check.Fix | Should -BeLike "*Install-Orchestrator -ComfyUIPath 'D:\ComfyUI_windows_portable'"
        }
    }
}
