BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force
}

Describe 'state files' {
    It 'a write is whole or not at all: readers of a file that is rewritten all the time see no half' {
        $path = "$TestDrive/whole.json"
        $stop = "$TestDrive/stop"
        $writer = Start-RigPwsh -Script @"
& (Get-Module Orchestrator) { Use-ModulePart Core
  `$i = 0
  while (-not (Test-Path '$stop')) { `$i++; Write-StateFile -Path '$path' -Text ('{"version":1,"n":' + `$i + ',"fill":"' + ('x' * 20000) + '"}') } }
"@
        try {
            Wait-Until { Test-Path $path }
            InModuleScope Orchestrator -Parameters @{ Path = $path } {
                param($Path)
                $seen = foreach ($i in 1..300) { Read-StateFile -Path $Path -Require version, n, fill }
                $seen.Warning | Where-Object { $_ } | Should -BeNullOrEmpty
                ($seen.Value.n | Select-Object -Unique).Count | Should -BeGreaterThan 5
            }
        } finally {
            Set-Content $stop ''
            (Wait-RigPwsh $writer).Errors | Should -BeNullOrEmpty
        }
        Get-ChildItem $TestDrive -Force -Filter '*.tmp' | Should -BeNullOrEmpty
    }

    It 'a written file is for its owner alone' -Tag Unix -Skip:$IsWindows {
        InModuleScope Orchestrator -Parameters @{ Path = "$TestDrive/mode.json" } {
            param($Path)
            Write-StateFile -Path $Path -Text '{}'
            [int] [IO.File]::GetUnixFileMode($Path) | Should -Be 384
        }
    }

    It 'reads <Text> as <Expected>' -ForEach @(
        @{ Text = '2026-01-02T03:04:05.678Z'; Expected = '2026-01-02T03:04:05.678Z' }
        @{ Text = '2026-01-02T03:04:05Z'; Expected = '2026-01-02T03:04:05.000Z' }
        @{ Text = 'yesterday'; Expected = $null }
        @{ Text = $null; Expected = $null }
        @{ Text = ''; Expected = $null }
    ) {
        InModuleScope Orchestrator -Parameters @{ Text = $Text; Expected = $Expected } {
            param($Text, $Expected)
            $time = ConvertFrom-StateTime $Text
            if ($null -eq $Expected) { $time | Should -BeNullOrEmpty } else { ConvertTo-StateTime $time | Should -Be $Expected }
        }
    }

    It 'a time does not depend on the culture of the session' {
        InModuleScope Orchestrator {
            $before = [cultureinfo]::CurrentCulture
            try {
                foreach ($name in 'ru-RU', 'de-DE', 'ar-SA', 'th-TH') {
                    [cultureinfo]::CurrentCulture = $name
                    ConvertTo-StateTime ([datetime]::new(2026, 11, 25, 4, 5, 6, 7, [DateTimeKind]::Utc)) | Should -Be '2026-11-25T04:05:06.007Z'
                    (ConvertFrom-StateTime '2026-11-25T04:05:06.007Z').Year | Should -Be 2026
                    Format-Size 1536 | Should -Be '1.5 KB'
                }
            } finally {
                [cultureinfo]::CurrentCulture = $before
            }
        }
    }

    It 'the place of a host''s socket is the one that the host takes' -Tag Unix -Skip:(-not $IsLinux) {
        $data = "$TestDrive/данные и пробел"
        [void] [IO.Directory]::CreateDirectory($data)
        $link = "$TestDrive/link"
        New-Item -ItemType SymbolicLink -Path $link -Target $data | Out-Null
        foreach ($folder in $data, $link, "$link/../link/") {
            $code = "import('$(Get-RigRoot)/guardian/host/socketPath.ts').then((m) => console.log(m.hostSocketPath({ dataDir: process.argv[1], id: 'alpha' })))"
            $expected = & (Get-NodeFile) --disable-warning=ExperimentalWarning -e $code $folder
            InModuleScope Orchestrator -Parameters @{ Folder = $folder; Expected = $expected } {
                param($Folder, $Expected)
                Get-HostSocket -Data $Folder -Id alpha | Should -Be $Expected
            }
        }
    }
}

Describe 'desired.json' {
    BeforeAll {
        function New-Data {
            $data = "$TestDrive/$([guid]::NewGuid())"
            [void] [IO.Directory]::CreateDirectory($data)
            [pscustomobject]@{ Data = $data }
        }
    }

    It 'is what its schema says' {
        $context = New-Data
        InModuleScope Orchestrator -Parameters @{ Context = $context } {
            param($Context)
            Set-Desired -Context $Context -Id alpha, beta -State running -By install
            Set-Desired -Context $Context -Id beta -State stopped -By operator
        }
        $text = Get-Content "$($context.Data)/desired.json" -Raw
        Test-Json -Json $text -SchemaFile "$(Get-RigRoot)/ps/schema/state/desired.schema.json" | Should -BeTrue
        $services = ($text | ConvertFrom-Json).services
        $services.alpha.generation | Should -Be 1
        $services.beta.generation | Should -Be 2
        $services.beta.state | Should -Be 'stopped'
        $services.beta.by | Should -Be 'operator'
    }

    It 'loses no change of sessions that write at once' {
        $context = New-Data
        $line = "& (Get-Module Orchestrator) { Use-ModulePart Core; foreach (`$i in 1..20) { Set-Desired -Context ([pscustomobject]@{ Data = '$($context.Data)' }) -Id alpha -State running -By operator } }"
        $sessions = @(1..2 | ForEach-Object { Start-RigPwsh -Script $line })
        $sessions | ForEach-Object { (Wait-RigPwsh $_).Errors | Should -BeNullOrEmpty }
        (Get-Content "$($context.Data)/desired.json" -Raw | ConvertFrom-Json).services.alpha.generation | Should -Be 40
    }
}
