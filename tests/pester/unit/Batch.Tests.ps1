BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force
}

Describe 'a command line cut into arguments' {
    It '<Text>' -ForEach @(
        @{ Text = 'a b  c'; Parts = 'a', 'b', 'c' }
        @{ Text = '"C:\Program Files\x.exe" -s'; Parts = 'C:\Program Files\x.exe', '-s' }
        @{ Text = '"a \"b\" c" ""'; Parts = 'a "b" c', '' }
        @{ Text = '"C:\dir\\" x'; Parts = 'C:\dir\', 'x' }
        @{ Text = 'C:\dir\ x\\y'; Parts = 'C:\dir\', 'x\\y' }
        @{ Text = '"a""b"'; Parts = , 'a"b' }
        @{ Text = '--dir="D:\Мои модели" %PATH% 100%'; Parts = '--dir=D:\Мои модели', '%PATH%', '100%' }
        @{ Text = '   '; Parts = @() }
    ) {
        InModuleScope Orchestrator -Parameters @{ Text = $Text; Parts = $Parts } {
            param($Text, $Parts)
            $got = ConvertFrom-CommandLine $Text
            $got.Count | Should -Be @($Parts).Count
            ConvertTo-Json $got | Should -BeExactly (ConvertTo-Json @($Parts))
        }
    }
}

Describe 'what a batch file starts' {
    BeforeAll {
        function Read-Text { param([string] $Text, [string] $Folder = 'F:\ComfyUI')
            InModuleScope Orchestrator -Parameters @{ Text = $Text; Folder = $Folder } { param($Text, $Folder) ConvertFrom-Batch -Text $Text -Folder $Folder }
        }
    }

    It 'the portable build as it is delivered' {
        $launch = Read-Text ".\python_embeded\python.exe -s ComfyUI\main.py --windows-standalone-build`r`npause`r`n"
        $launch.Python | Should -Be 'F:\ComfyUI\python_embeded\python.exe'
        $launch.PythonOptions | Should -Be '-s'
        $launch.Script | Should -Be 'F:\ComfyUI\ComfyUI\main.py'
        $launch.Flags | Should -Be '--windows-standalone-build'
        $launch.Folder | Should -Be 'F:\ComfyUI'
        $launch.Pauses | Should -BeTrue
        $launch.Environment.Count | Should -Be 0
    }

    It 'flags: <Name>' -ForEach @(
        @{ Name = 'low memory, open to the network'; Text = '.\python_embeded\python.exe -s ComfyUI\main.py --windows-standalone-build --lowvram --listen'; Flags = '--windows-standalone-build', '--lowvram', '--listen' }
        @{ Name = 'the delivered one that is fast'; Text = ".\python_embeded\python.exe -s ComfyUI\main.py --windows-standalone-build --fast fp16_accumulation`necho If you see this and ComfyUI did not start try updating your Nvidia Drivers to the latest.`npause"; Flags = '--windows-standalone-build', '--fast', 'fp16_accumulation' }
        @{ Name = 'quiet line, path from the file'; Text = "@echo off`r`n@`"%~dp0python_embeded\python.exe`" -s `"%~dp0ComfyUI\main.py`" --port 8190"; Flags = '--port', '8190' }
        @{ Name = 'its own arguments handed on'; Text = '.\python_embeded\python.exe -s ComfyUI\main.py --cpu %*'; Flags = , '--cpu' }
        @{ Name = 'continued lines'; Text = ".\python_embeded\python.exe -s ComfyUI\main.py ^`r`n   --highvram ^`r`n   --preview-method auto`r`npause"; Flags = '--highvram', '--preview-method', 'auto' }
        @{ Name = 'a log file'; Text = '.\python_embeded\python.exe -s ComfyUI\main.py --lowvram >> "C:\my logs\comfy.log" 2>&1'; Flags = , '--lowvram' }
        @{ Name = 'chained with pause'; Text = '.\python_embeded\python.exe -s ComfyUI\main.py --novram & pause'; Flags = , '--novram' }
        @{ Name = 'a remark that shows another way'; Text = "rem .\python_embeded\python.exe -s ComfyUI\main.py --cpu`n:: python main.py --old`n.\python_embeded\python.exe -s ComfyUI\main.py --new"; Flags = , '--new' }
        @{ Name = 'flags in a variable'; Text = "set COMMANDLINE_ARGS=--lowvram --listen 0.0.0.0`n.\python_embeded\python.exe -s ComfyUI\main.py %COMMANDLINE_ARGS%`npause"; Flags = '--lowvram', '--listen', '0.0.0.0' }
        @{ Name = 'started by start'; Text = 'start "ComfyUI" /b /wait .\python_embeded\python.exe -s ComfyUI\main.py --lowvram'; Flags = , '--lowvram' }
        @{ Name = 'a quoted folder'; Text = '.\python_embeded\python.exe -s ComfyUI\main.py --output-directory "D:\Мои картинки & видео"'; Flags = '--output-directory', 'D:\Мои картинки & видео' }
        @{ Name = 'an if with a block'; Text = "if exist python_embeded (`n  .\python_embeded\python.exe -s ComfyUI\main.py --lowvram`n)"; Flags = , '--lowvram' }
        @{ Name = 'delayed expansion'; Text = "setlocal enabledelayedexpansion`nset FLAGS=--lowvram`n.\python_embeded\python.exe -s ComfyUI\main.py !FLAGS!"; Flags = , '--lowvram' }
        @{ Name = 'a percent sign written twice'; Text = '.\python_embeded\python.exe -s ComfyUI\main.py --user 100%%'; Flags = '--user', '100%' }
    ) {
        $launch = Read-Text $Text
        $launch.Flags | Should -BeExactly $Flags
        $launch.Script | Should -Be 'F:\ComfyUI\ComfyUI\main.py'
        $launch.Python | Should -Be 'F:\ComfyUI\python_embeded\python.exe'
    }

    It 'a virtual environment, another folder and variables for the program' {
        $text = @'
@echo off
cd /d "D:\AI tools\ComfyUI"
set CUDA_VISIBLE_DEVICES=1
set "HF_HOME=D:\hf cache"
set PATH=D:\git\bin;%PATH%
set PY=venv\Scripts\python.exe
%PY% -X utf8 main.py --port=8190
pause
'@
        $launch = Read-Text $text 'C:\Users\me\Desktop'
        $launch.Python | Should -Be 'D:\AI tools\ComfyUI\venv\Scripts\python.exe'
        $launch.PythonOptions | Should -Be '-X', 'utf8'
        $launch.Script | Should -Be 'D:\AI tools\ComfyUI\main.py'
        $launch.Flags | Should -Be '--port=8190'
        $launch.Environment.Keys | Should -Be 'CUDA_VISIBLE_DEVICES', 'HF_HOME'
        $launch.Environment['HF_HOME'] | Should -Be 'D:\hf cache'
    }

    It 'Python from PATH stays a name' {
        (Read-Text "call venv\Scripts\activate.bat`npython main.py").Python | Should -Be 'python'
    }

    It 'nothing for <Name>' -ForEach @(
        @{ Name = 'an empty file'; Text = '' }
        @{ Name = 'an update script'; Text = '.\python_embeded\python.exe .\update\update.py ..\ComfyUI\' }
        @{ Name = 'another program'; Text = "node server.js`npause" }
        @{ Name = 'remarks only'; Text = "rem python main.py`necho python main.py" }
    ) { Read-Text $Text | Should -BeNullOrEmpty }
}

Describe 'where ComfyUI listens, and the flags that stay' {
    It '<Flags>' -ForEach @(
        @{ Flags = '--lowvram --listen'; Listen = ''; Port = $null; Rest = , '--lowvram' }
        @{ Flags = '--listen 0.0.0.0 --port 8190 --cpu'; Listen = '0.0.0.0'; Port = 8190; Rest = , '--cpu' }
        @{ Flags = '--listen=10.0.0.5 --port=9000'; Listen = '10.0.0.5'; Port = 9000; Rest = @() }
        @{ Flags = '--listen --auto-launch --fast fp16'; Listen = ''; Port = $null; Rest = '--fast', 'fp16' }
        @{ Flags = '--port abc'; Listen = $null; Port = $null; Rest = @() }
    ) {
        InModuleScope Orchestrator -Parameters @{ Given = $Flags -split ' '; Listen = $Listen; Port = $Port; Rest = $Rest } {
            param($Given, $Listen, $Port, $Rest)
            $found = Split-ComfyFlag -Flag $Given
            $found.Listen | Should -BeExactly $Listen
            $found.Port | Should -Be $Port
            @($found.Rest) | Should -Be @($Rest)
        }
    }

    It 'become the command of the manifest' {
        InModuleScope Orchestrator {
            $service = Get-Content "$script:ProjectRoot/deploy/windows/orchestrator.json" -Raw | ConvertFrom-Json | ForEach-Object { $_.services[1] }
            $launch = ConvertFrom-Batch -Folder 'D:\AI' -Text "set CUDA_VISIBLE_DEVICES=1`n.\python_embeded\python.exe -s ComfyUI\main.py --windows-standalone-build --lowvram --listen --port 8190`npause"
            Set-ComfyCommand -Service $service -Launch $launch
            $service.command.file | Should -Be 'D:\AI\python_embeded\python.exe'
            $service.command.args -join ' ' | Should -Be '-u -X utf8 -s ComfyUI\main.py --windows-standalone-build --disable-auto-launch --listen --port 8190 --lowvram'
            $service.cwd | Should -Be 'D:\AI'
            $service.host | Should -Be '127.0.0.1'
            $service.port | Should -Be 8190
            $service.env.CUDA_VISIBLE_DEVICES | Should -Be '1'
        }
    }
}

Describe 'the ways that lead to a ComfyUI' {
    BeforeAll {
        $top = [IO.Path]::Combine([IO.Path]::GetTempPath(), "orc-way-$([guid]::NewGuid().ToString('n').Substring(0, 8))")
        $folder = [IO.Path]::Combine($top, 'My AI', 'ComfyUI_windows_portable')
        foreach ($file in 'python_embeded/python.exe', 'ComfyUI/main.py') {
            [void] (New-Item -ItemType File -Force -Path "$folder/$file")
        }
        Set-Content "$folder/run_nvidia_gpu.bat" ".\python_embeded\python.exe -s ComfyUI\main.py --windows-standalone-build --lowvram`npause"
        Set-Content "$folder/my.bat" ".\python_embeded\python.exe -s ComfyUI\main.py --cpu --port 8190`npause"
        Set-Content "$folder/lost.bat" ".\nowhere\python.exe -s ComfyUI\main.py"
        Set-Content "$folder/other.bat" 'echo hello'
    }
    AfterAll { Remove-Item -LiteralPath $top -Recurse -Force }

    It '<Way>' -ForEach @(
        @{ Way = '.'; Flags = '--windows-standalone-build', '--lowvram' }
        @{ Way = '..'; Flags = '--windows-standalone-build', '--lowvram' }
        @{ Way = 'ComfyUI'; Flags = '--windows-standalone-build', '--lowvram' }
        @{ Way = 'ComfyUI/main.py'; Flags = '--windows-standalone-build', '--lowvram' }
        @{ Way = 'python_embeded'; Flags = '--windows-standalone-build', '--lowvram' }
        @{ Way = 'python_embeded/python.exe'; Flags = '--windows-standalone-build', '--lowvram' }
        @{ Way = 'run_nvidia_gpu.bat'; Flags = '--windows-standalone-build', '--lowvram' }
        @{ Way = 'my.bat'; Flags = '--cpu', '--port', '8190' }
    ) {
        InModuleScope Orchestrator -Parameters @{ Path = "$folder/$Way"; Flags = $Flags; Folder = $folder } {
            param($Path, $Flags, $Folder)
            $found = Find-Comfy -Path $Path
            $found.Python | Should -Be "$Folder/python_embeded/python.exe"
            $found.Main | Should -Be "$Folder/ComfyUI/main.py"
            $found.Folder | Should -Be $Folder
            $found.Flags | Should -Be $Flags
        }
    }

    It '<File> is refused, and why' -ForEach @(
        @{ File = 'lost.bat'; Why = '*nowhere*not there*' }, @{ File = 'other.bat'; Why = '*starts no main.py*' }, @{ File = 'none'; Why = '*no such folder*' }
    ) {
        InModuleScope Orchestrator -Parameters @{ Path = "$folder/$File"; Why = $Why } {
            param($Path, $Why)
            $text = try { Find-Comfy -Path $Path; 'found' } catch { $_.Exception.Message }
            $text | Should -BeLike "ORC2010*$Why"
        }
    }

    It 'the suggestion finds it at an obvious place' {
        InModuleScope Orchestrator -Parameters @{ Roots = @($top, "$top/My AI"); Folder = $folder } {
            param($Roots, $Folder)
            Find-ComfyFolder -Root $Roots | Should -Be $Folder
        }
    }
}
