Describe 'Set-OrchestratorSecret' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../../../ps/Orchestrator.psd1" -Force
        # A root of its own: the real .env.local of the checkout is never touched.
        $file = "$TestDrive/.env.local"
        & (Get-Module Orchestrator) { param($folder) $script:ProjectRoot = $folder } ([string] $TestDrive)
        $kept = $env:ORCHESTRATOR_MANIFEST
        $env:ORCHESTRATOR_MANIFEST = [IO.Path]::GetFullPath("$PSScriptRoot/../../../deploy/local/orchestrator.json")
        function Set-Plain([string] $Name, [string] $Value) {
            Set-OrchestratorSecret $Name -Value (ConvertTo-SecureString $Value -AsPlainText -Force)
        }
    }
    AfterAll {
        $env:ORCHESTRATOR_MANIFEST = $kept
        Import-Module "$PSScriptRoot/../../../ps/Orchestrator.psd1" -Force
    }
    BeforeEach { Remove-Item $file -Force -ErrorAction Ignore }

    It 'writes one line that only the owner may read' {
        Set-Plain HF_TOKEN 'hf_abc'
        Get-Content $file | Should -Be 'HF_TOKEN=hf_abc'
        if (-not $IsWindows) { [IO.File]::GetUnixFileMode($file) | Should -Be ([IO.UnixFileMode]'UserRead, UserWrite') }
    }

    It 'leaves every other line as it is, and the place of the old value' {
        Set-Content $file '# mine', 'BFL_API_KEY=one', '', 'export HF_TOKEN=old', 'OTHER=x'
        Set-Plain HF_TOKEN 'new'
        Get-Content $file | Should -Be '# mine', 'BFL_API_KEY=one', '', 'HF_TOKEN=new', 'OTHER=x'
    }

    It 'keeps one line of a name that stood twice' {
        Set-Content $file 'HF_TOKEN=a', 'HF_TOKEN=b'
        Set-Plain HF_TOKEN 'c'
        Get-Content $file | Should -Be 'HF_TOKEN=c'
    }

    It 'quotes what needs it: <_>' -ForEach 'a b', '#x', 'a"b', 'a\b', "a'b", "two`nlines", 'ключ' {
        Set-Plain HF_TOKEN $_
        @(Get-Content $file).Count | Should -Be 1
        (Get-Content $file) | Should -Match '^HF_TOKEN=".*"$'
    }

    It 'removes' {
        Set-Content $file 'HF_TOKEN=a', 'X=1'
        Set-OrchestratorSecret HF_TOKEN -Remove
        Get-Content $file | Should -Be 'X=1'
    }

    It 'keeps the line ends of the file' {
        [IO.File]::WriteAllText($file, "A=1`r`nB=2`r`n")
        Set-Plain HF_TOKEN 'x'
        [IO.File]::ReadAllText($file) | Should -BeExactly "A=1`r`nB=2`r`nHF_TOKEN=x`r`n"
    }

    It 'takes the old name of SENTRY_DSN out with the new one' {
        Set-Content $file 'NEXT_PUBLIC_SENTRY_DSN=old', 'X=1'
        Set-OrchestratorSecret SENTRY_DSN -Remove
        Get-Content $file | Should -Be 'X=1'
    }

    It 'refuses an empty value' {
        { Set-OrchestratorSecret HF_TOKEN -Value ([securestring]::new()) } | Should -Throw -ErrorId 'ORC2027*'
        Test-Path $file | Should -BeFalse
    }

    It 'takes the value from the pipeline' {
        ConvertTo-SecureString 'p' -AsPlainText -Force | Set-OrchestratorSecret BFL_API_KEY
        Get-Content $file | Should -Be 'BFL_API_KEY=p'
    }

    It 'changes nothing with -WhatIf' {
        Set-OrchestratorSecret HF_TOKEN -Value (ConvertTo-SecureString 'x' -AsPlainText -Force) -WhatIf
        Test-Path $file | Should -BeFalse
    }

    It 'names the nearest secret for an unknown one and never the value' {
        $fault = { Set-Plain HF_TOKN 'sesame' } | Should -Throw -ErrorId 'ORC2026*' -PassThru
        $fault.Exception.Message | Should -Match 'HF_TOKEN'
        $fault.Exception.Message | Should -Not -Match 'sesame'
        Test-Path $file | Should -BeFalse
    }
}
