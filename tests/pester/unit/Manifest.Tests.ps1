BeforeDiscovery {
    $folder = [IO.Path]::GetFullPath("$PSScriptRoot/../../contract")
    $table = Get-Content "$folder/cases.json" -Raw | ConvertFrom-Json -AsHashtable
    $invalid = foreach ($name in $table.Keys) { @{ Name = $name; Expected = @($table[$name]) } }
    $valid = @(Get-ChildItem "$folder/fixtures/valid/*.json").ForEach({ @{ Name = $_.BaseName; File = $_.FullName } })
    $root = [IO.Path]::GetFullPath("$PSScriptRoot/../../..")
    foreach ($kind in 'local', 'windows') { $valid += @{ Name = "deploy/$kind"; File = "$root/deploy/$kind/orchestrator.json" } }
}

Describe 'the manifest, judged by PowerShell' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../../../ps/Orchestrator.psd1" -Force
        $invalidFolder = [IO.Path]::GetFullPath("$PSScriptRoot/../../contract/fixtures/invalid")
    }

    It 'has a case for every invalid file' {
        $files = @(Get-ChildItem "$invalidFolder/*.json").BaseName | Sort-Object -CaseSensitive
        $cases = @((Get-Content "$PSScriptRoot/../../contract/cases.json" -Raw | ConvertFrom-Json -AsHashtable).Keys) | Sort-Object -CaseSensitive
        $files | Should -Be $cases
    }

    It 'accepts <Name>' -ForEach $valid {
        $report = Test-OrchestratorManifest $File
        $report.Findings | Should -BeNullOrEmpty
        $report.Valid | Should -BeTrue
        Test-OrchestratorManifest $File -Quiet | Should -BeTrue
    }

    It 'refuses <Name> with the same codes, places and lines as TypeScript' -ForEach $invalid {
        $report = Test-OrchestratorManifest "$invalidFolder/$Name.json"
        $report.Valid | Should -BeFalse
        $seen = @($report.Findings.ForEach({ "$($_.Code) $($_.Path) $($_.Line) $($_.Suggestion)".TrimEnd() }))
        $wanted = @($Expected.ForEach({ "$($_.code) $($_.path) $($_.line) $($_['suggestion'])".TrimEnd() }))
        $seen -join "`n" | Should -BeExactly ($wanted -join "`n")
        { Get-OrchestratorManifest "$invalidFolder/$Name.json" } | Should -Throw -ErrorId "$($Expected[0].code)*"
    }

    It 'says which file is missing' {
        { Get-OrchestratorManifest "$TestDrive/none.json" } | Should -Throw -ErrorId 'ORC1001*'
    }

    It 'gives absolute paths and the file itself' {
        $file = [IO.Path]::GetFullPath("$PSScriptRoot/../../contract/fixtures/valid/cyrillic-paths.json")
        $manifest = Get-OrchestratorManifest $file
        $manifest.Path | Should -BeExactly $file
        $manifest.paths.data | Should -BeExactly ([IO.Path]::Combine([IO.Path]::GetDirectoryName($file), 'Данные и журналы'))
        $manifest.PSObject.TypeNames[0] | Should -Be 'Orchestrator.Manifest'
    }
}
