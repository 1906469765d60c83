BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force

    # A session that imports nothing: what it has, it found by itself.
    function Invoke-Fresh {
        param([string] $Script, [string] $UserHome)
        $start = [Diagnostics.ProcessStartInfo]::new((Get-PwshFile))
        foreach ($argument in '-NoLogo', '-NoProfile', '-NonInteractive', '-Command', $Script) { $start.ArgumentList.Add($argument) }
        $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $start.Environment['HOME'] = $UserHome
        $start.Environment['NO_COLOR'] = '1'
        foreach ($name in 'PSModulePath', 'XDG_DATA_HOME', 'ORCHESTRATOR_LOAD') { [void] $start.Environment.Remove($name) }
        $process = [Diagnostics.Process]::Start($start)
        $session = [pscustomobject]@{
            Process = $process; Output = $process.StandardOutput.ReadToEndAsync(); Errors = $process.StandardError.ReadToEndAsync()
        }
        Wait-RigPwsh $session
    }
}

Describe 'the module on PSModulePath' {
    BeforeAll {
        $rig = New-Rig -Id alpha
        $place = "$($rig.Folder)/home/.local/share/powershell/Modules/Orchestrator"
        [void] [IO.Directory]::CreateDirectory("$($rig.Folder)/home")
        function Invoke-Here {
            param([string] $Script)
            Wait-RigPwsh (Start-RigPwsh -Rig $rig -Script $Script -Environment @{ HOME = "$($rig.Folder)/home"; XDG_DATA_HOME = '' })
        }
    }
    AfterAll { Remove-Rig $rig }

    It 'is not touched by an Embedded installation that was not asked to' {
        (Invoke-Here 'Install-Orchestrator -NoStart | Out-Null').Errors | Should -BeNullOrEmpty
        Test-Path -LiteralPath $place | Should -BeFalse
    }

    It 'WhatIf names the change and makes none' {
        $result = Invoke-Here 'Install-Orchestrator -NoStart -AddToModulePath -WhatIf | ConvertTo-Json'
        $result.Output | Should -Match '"Target": "orchestrator",\s*"Property": "module"'
        Test-Path -LiteralPath $place | Should -BeFalse
    }

    It 'makes every new session know the cmdlets, their help and the project' {
        (Invoke-Here 'Install-Orchestrator -NoStart -AddToModulePath | ConvertTo-Json').Output | Should -Match '"module"'
        (Get-Item -LiteralPath $place).LinkTarget | Should -Be "$(Get-RigRoot)/ps"
        $line = '(Get-Command -Module Orchestrator).Count; (Get-Help Start-Orchestrator).Synopsis; ' +
        "(Get-OrchestratorStatus -Manifest '$($rig.Manifest)').Id; & (Get-Module Orchestrator) { `$script:ProjectRoot }; " +
        '(Get-Help about_Orchestrator | Out-String) -match "manifest"'
        $result = Invoke-Fresh $line -UserHome "$($rig.Folder)/home"
        $result.Errors | Should -BeNullOrEmpty
        # Listing a module that is not loaded yet gives nothing in this version of PowerShell; loading it does.
        $result.Output -split '\r?\n' | Should -Contain 'alpha'
        $result.Output -split '\r?\n' | Should -Contain (Get-RigRoot).TrimEnd('/')
        $result.Output | Should -Match 'Starts services, in the order of the manifest\.'
        $result.Output.Trim() | Should -Match 'True$'
    }

    It 'a second run says no change' {
        (Invoke-Here '(Install-Orchestrator -NoStart -AddToModulePath).Action').Output.Trim() | Should -Be 'none'
    }

    It 'a link to a folder that is gone is set right' {
        Remove-Item -LiteralPath $place
        [void] (New-Item -ItemType SymbolicLink -Path $place -Target "$($rig.Folder)/gone/ps")
        (Invoke-Here 'Install-Orchestrator -NoStart -AddToModulePath | ConvertTo-Json').Output | Should -Match '"Action": "change"'
        (Get-Item -LiteralPath $place).LinkTarget | Should -Be "$(Get-RigRoot)/ps"
    }

    It 'Uninstall removes the link and nothing behind it' {
        $result = Invoke-Here 'Uninstall-Orchestrator | ConvertTo-Json'
        $result.Errors | Should -BeNullOrEmpty
        $result.Output | Should -Match '"module"'
        Test-Path -LiteralPath $place | Should -BeFalse
        Test-Path -LiteralPath "$(Get-RigRoot)/ps/Orchestrator.psm1" | Should -BeTrue
    }

    It 'a folder of somebody else is an error before anything is changed, and stays' {
        [void] [IO.Directory]::CreateDirectory($place)
        Set-Content -LiteralPath "$place/Orchestrator.psd1" -Value '@{ ModuleVersion = "9.0" }'
        $result = Invoke-Here 'Install-Orchestrator -NoStart -AddToModulePath'
        $result.Errors | Should -Match 'ORC2013[\s\S]*ORC2081'
        Get-Content -LiteralPath "$place/Orchestrator.psd1" | Should -Be '@{ ModuleVersion = "9.0" }'
        Test-Path -LiteralPath "$($rig.Data)/orchestrator.json" | Should -BeFalse
        Remove-Item -LiteralPath $place -Recurse
    }
}

Describe 'where no link can be made' {
    BeforeAll {
        $rig = New-Rig -Id alpha
        $place = "$($rig.Folder)/home/.local/share/powershell/Modules/Orchestrator"
        [void] [IO.Directory]::CreateDirectory("$($rig.Folder)/home")
        # As on a file system without links.
        $noLink = '& (Get-Module Orchestrator) { function script:New-Item { throw "no links here" } }; '
        function Invoke-Here {
            param([string] $Script)
            Wait-RigPwsh (Start-RigPwsh -Rig $rig -Script "$noLink$Script" -Environment @{ HOME = "$($rig.Folder)/home"; XDG_DATA_HOME = '' })
        }
    }
    AfterAll { Remove-Rig $rig }

    It 'a manifest leads to the module, with the same effect; again no change; and it is removed' {
        $result = Invoke-Here 'Install-Orchestrator -NoStart -AddToModulePath | Out-Null'
        $result.Errors | Should -BeNullOrEmpty
        (Get-ChildItem -LiteralPath $place).Name | Should -Be 'Orchestrator.psd1'
        $line = "(Get-OrchestratorStatus -Manifest '$($rig.Manifest)').Id; (Get-Module Orchestrator).ModuleBase; (Get-Help Start-Orchestrator).Synopsis"
        $fresh = Invoke-Fresh $line -UserHome "$($rig.Folder)/home"
        $fresh.Errors | Should -BeNullOrEmpty
        $fresh.Output | Should -Match '(?m)^alpha'
        $fresh.Output | Should -Match 'Starts services'
        (Invoke-Here '(Install-Orchestrator -NoStart -AddToModulePath).Action').Output.Trim() | Should -Be 'none'
        (Invoke-Here 'Uninstall-Orchestrator | Out-Null').Errors | Should -BeNullOrEmpty
        Test-Path -LiteralPath $place | Should -BeFalse
    }
}
