BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force
}

Describe 'what overrides the manifest' {
    BeforeEach {
        $manifest = Get-Content "$(Get-RigRoot)/deploy/local/orchestrator.json" -Raw | ConvertFrom-Json
        $scope = @{ ModuleName = 'Orchestrator'; Parameters = @{ Manifest = $manifest } }
    }

    It 'PORT, HOSTNAME, LOG_LEVEL and NODE_ENV reach panel and guardian only' {
        InModuleScope @scope {
            param($Manifest)
            Set-ManifestOverride -Manifest $Manifest -Override @{ PORT = '4000'; HOSTNAME = '0.0.0.0'; LOG_LEVEL = 'debug'; NODE_ENV = 'test' }
            $Manifest.services.port | Should -Be 4000, 8188, $null
            $Manifest.services.host | Should -Be '0.0.0.0', '127.0.0.1', '127.0.0.1'
            $Manifest.services.env.LOG_LEVEL | Should -Be 'debug', $null, 'debug'
            $Manifest.services.env.NODE_ENV | Should -Be 'test', $null, 'test'
            $Manifest.services[1].env.PSObject.Properties | Should -BeNullOrEmpty
        }
    }

    It 'COMFY_URL <Url> makes ComfyUI external at <Scheme> <Address> <Port>' -ForEach @(
        @{ Url = 'http://10.0.0.5:8188'; Scheme = 'http'; Address = '10.0.0.5'; Port = 8188 }
        @{ Url = 'https://comfy.example/'; Scheme = 'https'; Address = 'comfy.example'; Port = 443 }
        @{ Url = 'http://[::1]:9000'; Scheme = 'http'; Address = '[::1]'; Port = 9000 }
    ) {
        $scope.Parameters += @{ Url = $Url; Scheme = $Scheme; Address = $Address; Port = $Port }
        InModuleScope @scope {
            param($Manifest, $Url, $Scheme, $Address, $Port)
            Set-ManifestOverride -Manifest $Manifest -Override @{ COMFY_URL = $Url }
            $comfy = $Manifest.services[1]
            $comfy.mode | Should -Be 'external'
            $comfy.command | Should -BeNullOrEmpty
            $comfy.scheme | Should -Be $Scheme
            $comfy.host | Should -Be $Address
            $comfy.port | Should -Be $Port
            $comfy.displayName | Should -Not -Match 'demo'
            Get-ServiceAddress -Service $comfy | Should -Be "${Scheme}://${Address}:$Port"
        }
    }

    It '<Name>=<Value> is refused' -ForEach @(
        @{ Name = 'PORT'; Value = 'x' }
        @{ Name = 'PORT'; Value = '0' }
        @{ Name = 'PORT'; Value = '70000' }
        @{ Name = 'HOSTNAME'; Value = 'a b' }
        @{ Name = 'COMFY_URL'; Value = '10.0.0.5:8188' }
        @{ Name = 'COMFY_URL'; Value = 'ftp://10.0.0.5' }
        @{ Name = 'COMFY_URL'; Value = 'http://10.0.0.5:8188/path' }
        @{ Name = 'COMFY_URL'; Value = 'http://10.0.0.5:8188/?q=1' }
        @{ Name = 'COMFY_URL'; Value = 'http://user:pass@10.0.0.5:8188' }
    ) {
        $scope.Parameters += @{ Name = $Name; Value = $Value }
        InModuleScope @scope {
            param($Manifest, $Name, $Value)
            $call = { Set-ManifestOverride -Manifest $Manifest -Override @{ $Name = $Value } }
            $call | Should -Throw -ErrorId 'ORC2022*'
            # A value may hold a password.
            try { & $call } catch { $_.Exception.Message | Should -Not -Match 'pass' }
        }
    }

    It 'the environment wins over .env.local; empty counts as not set; the machine''s own name is no HOSTNAME' {
        $folder = "$TestDrive/root"
        [void] [IO.Directory]::CreateDirectory($folder)
        Set-Content "$folder/.env.local" @'
# a comment
PORT=4001
export LOG_LEVEL="trace" # said loudly
COMFY_URL='http://10.0.0.5:8188'
NODE_ENV=
HF_TOKEN=not for the manifest
'@
        $kept = @{}
        foreach ($name in 'PORT', 'LOG_LEVEL', 'HOSTNAME', 'COMFY_URL', 'NODE_ENV') { $kept[$name] = [Environment]::GetEnvironmentVariable($name) }
        try {
            $env:PORT = '4002'
            $env:LOG_LEVEL = $env:COMFY_URL = $env:NODE_ENV = $null
            $env:HOSTNAME = [Net.Dns]::GetHostName()
            $found = InModuleScope Orchestrator -Parameters @{ Folder = $folder } { param($Folder) Get-Override -Root $Folder }
            $found.Count | Should -Be 3
            $found.PORT | Should -Be '4002'
            $found.LOG_LEVEL | Should -Be 'trace'
            $found.COMFY_URL | Should -Be 'http://10.0.0.5:8188'
        } finally {
            foreach ($name in $kept.Keys) { [Environment]::SetEnvironmentVariable($name, $kept[$name]) }
        }
    }
}

Describe 'finding a person''s own ComfyUI' {
    BeforeAll {
        function New-File { param([string] $Path) [void] (New-Item -ItemType File -Path $Path -Force) }
    }

    It 'the folder with main.py and its own environment' -Tag Unix -Skip:$IsWindows {
        $folder = "$TestDrive/Мой ComfyUI"
        New-File "$folder/main.py"
        New-File "$folder/venv/bin/python"
        InModuleScope Orchestrator -Parameters @{ Folder = $folder } {
            param($Folder)
            $found = Find-Comfy -Path $Folder
            $found.Python | Should -Be "$Folder/venv/bin/python"
            $found.Folder | Should -Be $Folder
            $found.Script | Should -Be 'main.py'
        }
    }

    It 'the portable folder, named itself or by the ComfyUI in it' {
        $folder = "$TestDrive/portable"
        New-File "$folder/python_embeded/python.exe"
        New-File "$folder/ComfyUI/main.py"
        InModuleScope Orchestrator -Parameters @{ Folder = $folder } {
            param($Folder)
            foreach ($given in $Folder, "$Folder/ComfyUI") {
                $found = Find-Comfy -Path $given
                $found.Folder | Should -Be ([IO.Path]::GetFullPath($Folder))
                [IO.Path]::GetFileName($found.Python) | Should -Be 'python.exe'
                $found.Flags | Should -Contain '--windows-standalone-build'
            }
        }
    }

    It 'becomes a managed service with the manifest''s host and port, and its files are required' -Tag Unix -Skip:$IsWindows {
        $folder = "$TestDrive/own"
        New-File "$folder/main.py"
        New-File "$folder/.venv/bin/python"
        $manifest = Get-Content "$(Get-RigRoot)/deploy/local/orchestrator.json" -Raw | ConvertFrom-Json
        InModuleScope Orchestrator -Parameters @{ Manifest = $manifest; Folder = $folder } {
            param($Manifest, $Folder)
            Set-ComfyPath -Manifest $Manifest -Path $Folder
            $comfy = $Manifest.services[1]
            $comfy.mode | Should -Be 'managed'
            $comfy.cwd | Should -Be $Folder
            $comfy.command.args -join ' ' | Should -Be '-u -X utf8 main.py --disable-auto-launch --listen 127.0.0.1 --port 8188'
            $comfy.requires | Should -Be "$Folder/.venv/bin/python", "$Folder/main.py"
            $comfy.displayName | Should -Be 'Orchestrator ComfyUI'
        }
    }

    It 'no folder and no main.py are ORC2010' {
        InModuleScope Orchestrator -Parameters @{ Folder = "$TestDrive" } {
            param($Folder)
            [void] [IO.Directory]::CreateDirectory("$Folder/empty")
            { Find-Comfy -Path "$Folder/nowhere" } | Should -Throw -ErrorId 'ORC2010*'
            { Find-Comfy -Path "$Folder/empty" } | Should -Throw -ErrorId 'ORC2010*'
        }
    }
}
