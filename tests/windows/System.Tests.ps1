# What the module asks Windows itself.

BeforeAll {
    Import-Module "$PSScriptRoot/../../ps/Orchestrator.psd1" -Force
}

Describe 'the machine' {
    It 'memory is a whole and a share of it' {
        InModuleScope Orchestrator {
            $memory = Get-MemoryUse
            $memory.Total | Should -BeGreaterThan 100MB
            $memory.UsedPercent | Should -BeGreaterThan 0
            $memory.UsedPercent | Should -BeLessOrEqual 100
        }
    }

    It 'no check of the doctor fails to run' {
        $manifest = "$PSScriptRoot/../../deploy/local/orchestrator.json"
        Test-Orchestrator -Manifest $manifest | ForEach-Object Message | Should -Not -Match '^The check could not be made'
    }
}

Describe 'a file for its owner alone' {
    # Wine keeps no access list, so who may read it is for a real Windows to show.
    It 'is replaced whole' {
        $file = "$TestDrive\.env.local"
        InModuleScope Orchestrator -Parameters @{ File = $file } {
            param($File)
            Write-PrivateFile -File $File -Text "A=1`n"
            Write-PrivateFile -File $File -Text "A=2`n"
            [IO.File]::ReadAllText($File) | Should -Be "A=2`n"
        }
    }
}

Describe 'a state file' {
    BeforeEach { $file = "$TestDrive\$([guid]::NewGuid()).json" }

    It 'is read while somebody writes it, and a reader does not keep it from being renamed' {
        [IO.File]::WriteAllText($file, '{"version":1,"n":1}')
        $share = [IO.FileShare]'ReadWrite, Delete'
        $writer = [IO.FileStream]::new($file, 'Open', 'ReadWrite', $share)
        try {
            InModuleScope Orchestrator -Parameters @{ File = $file } {
                param($File)
                (Read-StateFile -Path $File).Value['n'] | Should -Be 1
            }
        } finally {
            $writer.Dispose()
        }
    }

    It 'is replaced as soon as a reader lets go of it' {
        [IO.File]::WriteAllText($file, '{"version":1,"n":1}')
        $reader = [IO.FileStream]::new($file, 'Open', 'Read', 'ReadWrite')
        $release = [Threading.CancellationTokenSource]::new(50)
        [void] $release.Token.Register([Delegate]::CreateDelegate([Action], $reader, 'Dispose'))
        try {
            InModuleScope Orchestrator -Parameters @{ File = $file } {
                param($File)
                Write-StateFile -Path $File -Text '{"version":1,"n":2}'
                (Read-StateFile -Path $File -Fresh).Value['n'] | Should -Be 2
            }
        } finally {
            $reader.Dispose()
            $release.Dispose()
        }
    }

    It 'that stays open elsewhere is an error, and leaves nothing behind' {
        [IO.File]::WriteAllText($file, 'old')
        $reader = [IO.FileStream]::new($file, 'Open', 'Read', 'Read')
        try {
            InModuleScope Orchestrator -Parameters @{ File = $file } {
                param($File)
                { Write-StateFile -Path $File -Text 'new' } | Should -Throw
            }
        } finally {
            $reader.Dispose()
        }
        [IO.File]::ReadAllText($file) | Should -Be 'old'
        Get-ChildItem $TestDrive -Force -Filter '*.tmp' | Should -BeNullOrEmpty
    }
}
