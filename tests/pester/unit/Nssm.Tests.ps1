BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force
}

Describe 'a command line for Windows programs' {
    It 'keeps <_> as it is' -ForEach @(
        'plain', '', ' ', 'two words', 'C:\Program Files\x', 'C:\dir\', 'C:\two words\', 'say "hi"', '\"', '\\', '\\\"', '"', '""',
        "tab`there", '100%', '%PATH%', 'Привет мир', 'a\\b', 'a\"b c\', "new`nline", '-x="y z"', '&|<>^'
    ) {
        $given = $_
        InModuleScope Orchestrator -Parameters @{ given = $given } {
            $back = ConvertFrom-CommandLine -Text (ConvertTo-CommandLine -Arguments 'first', $given, 'last')
            $back | Should -HaveCount 3
            $back[1] | Should -BeExactly $given
        }
    }

    It 'keeps random arguments' {
        InModuleScope Orchestrator {
            $random = [Random]::new(20261125)
            $letters = ' \"%a''Яé	&='.ToCharArray()
            foreach ($round in 1..500) {
                $given = @(1..$random.Next(1, 6) | ForEach-Object {
                        -join (0..$random.Next(0, 12) | Select-Object -Skip 1 | ForEach-Object { $letters[$random.Next($letters.Length)] })
                    })
                $back = ConvertFrom-CommandLine -Text (ConvertTo-CommandLine -Arguments $given)
                ($back -join "`0") | Should -BeExactly ($given -join "`0")
                $back.Count | Should -Be $given.Count
            }
        }
    }

    It 'quotes only what needs it' {
        InModuleScope Orchestrator {
            ConvertTo-CommandLine -Arguments '-u', 'C:\a b\main.py', '' | Should -BeExactly '-u "C:\a b\main.py" ""'
        }
    }
}

Describe 'an environment for NSSM' {
    It 'gives a variable without a value twice: the one after it would be lost' {
        InModuleScope Orchestrator {
            ConvertTo-NssmEnvironment -Environment ([pscustomobject]@{ A = ''; B = ' ' }) | Should -Be @('A=', 'A=', 'B= ')
        }
    }

    It 'leaves a lone percent sign and hides a pair from NSSM' {
        InModuleScope Orchestrator {
            $lines = ConvertTo-NssmEnvironment -Environment ([pscustomobject]@{ A = '50 %'; B = '%PATH%'; C = '' })
            $lines | Should -Be @(
                'ORCHESTRATOR_PERCENT=%', 'A=50 %', 'B=%ORCHESTRATOR_PERCENT%PATH%ORCHESTRATOR_PERCENT%', 'C=', 'C='
            )
        }
    }

    It 'adds nothing where nothing is hidden' {
        InModuleScope Orchestrator {
            ConvertTo-NssmEnvironment -Environment ([pscustomobject]@{ A = 'x y' }) | Should -Be @('A=x y')
        }
    }
}

Describe 'the difference between a service and what is wanted' {
    It 'takes a missing value for the default of NSSM' {
        InModuleScope Orchestrator {
            $wanted = [ordered]@{ AppThrottle = 1500; AppNoConsole = 0; DependOnService = [string[]] @(); 'AppExit.0' = $null }
            Compare-NssmSetting -Actual ([ordered]@{ Application = 'x' }) -Wanted $wanted | Should -BeNullOrEmpty
        }
    }

    It 'names each parameter once, and whether it waits for a restart' {
        InModuleScope Orchestrator {
            $actual = [ordered]@{ Start = 'manual'; AppParameters = 'a'; AppRotateBytes = 1 }
            $wanted = [ordered]@{ Start = 'auto'; AppParameters = 'a b'; AppRotateBytes = [int64] 1 }
            $found = @(Compare-NssmSetting -Actual $actual -Wanted $wanted)
            $found.Name | Should -Be @('Start', 'AppParameters')
            $found.Restart | Should -Be @($false, $true)
            $found[0].From | Should -Be 'manual'
        }
    }

    It 'shows of an environment only what differs, and no secret' {
        InModuleScope Orchestrator {
            $actual = [ordered]@{ AppEnvironmentExtra = [string[]] @('A=1', 'HF_TOKEN=hunter2', 'B=2') }
            $wanted = [ordered]@{ AppEnvironmentExtra = [string[]] @('A=1', 'B=3') }
            $found = @(Compare-NssmSetting -Actual $actual -Wanted $wanted)
            $found.From | Should -BeExactly 'HF_TOKEN=*** B=2'
            $found.To | Should -BeExactly 'B=3'
        }
    }

    It 'tells letters apart that differ only in case' {
        InModuleScope Orchestrator {
            Compare-NssmSetting -Actual @{ AppDirectory = 'f:\x' } -Wanted ([ordered]@{ AppDirectory = 'F:\x' }) |
                Should -Not -BeNullOrEmpty
        }
    }
}

Describe 'known builds of nssm.exe' {
    It 'knows which parameters a build has' {
        InModuleScope Orchestrator {
            Test-NssmFeature -Build '2.23' -Parameter AppKillProcessTree | Should -BeFalse
            Test-NssmFeature -Build '2.24-101' -Parameter AppKillProcessTree | Should -BeTrue
            Test-NssmFeature -Build $null -Parameter AppKillProcessTree | Should -BeFalse
            Test-NssmFeature -Build '2.23' -Parameter AppExit | Should -BeTrue
        }
    }

    It 'does not know a file with another content' {
        $file = Join-Path $TestDrive 'nssm.exe'
        Set-Content -LiteralPath $file -Value 'MZ'
        InModuleScope Orchestrator -Parameters @{ file = $file } {
            $found = Get-NssmBinary -Path $file
            $found.Known | Should -BeFalse
            $found.Path | Should -Be $file
            $found.Detail | Should -Match ([regex]::Escape($found.Sha256))
        }
    }
}

Describe 'what the run file says of an NSSM service' {
    BeforeAll {
        $begin = [datetime]::new(2026, 1, 2, 3, 4, 5, [DateTimeKind]::Utc)
        function New-Sight {
            param($State, $Win32 = 0, $Specific = 0, $Wrapper, $Program)
            [pscustomobject]@{
                Scm          = [pscustomobject]@{ State = $State; Win32ExitCode = $Win32; SpecificExitCode = $Specific; ProcessId = $Wrapper }
                WrapperId    = $Wrapper
                WrapperBegin = if ($Wrapper) { $begin }
                Program      = if ($Program) { [pscustomobject]@{ Id = $Program; Begin = $begin.AddSeconds(1) } }
                Orphan       = $false
            }
        }
        function ConvertTo-Run {
            param($Sight, $Last, [switch] $Asked)
            InModuleScope Orchestrator -Parameters @{ sight = $Sight; last = $Last; asked = $Asked } {
                ConvertTo-NssmRun -Id panel -Sight $sight -Last $last -Asked:$asked
            }
        }
        $running = @{
            version = 1; id = 'panel'; state = 'Running'; hostProcessId = 10; hostStart = '1'; processId = 11; processStart = $null
            startedAt = '2026-01-02T03:04:06.000Z'; endedAt = $null; exitCode = $null; launches = 3; error = $null
            updatedAt = '2026-01-02T03:04:06.000Z'
        }
    }

    It 'says Running with the program, not the wrapper' {
        $run = ConvertTo-Run (New-Sight Running -Wrapper 10 -Program 11) $null
        $run.state | Should -Be 'Running'
        $run.processId | Should -Be 11
        $run.hostProcessId | Should -Be 10
        $run.launches | Should -Be 1
    }

    It 'counts a new program of the same wrapper as a launch' {
        (ConvertTo-Run (New-Sight Running -Wrapper 10 -Program 12) $running).launches | Should -Be 4
    }

    It 'says Running while NSSM still waits for its throttle' {
        (ConvertTo-Run (New-Sight StartPending -Wrapper 10 -Program 11) $null).state | Should -Be 'Running'
    }

    It 'says how the program ended: <code>' -ForEach @(
        @{ code = 7; seen = 7 }, @{ code = 0xC0000005; seen = 0xC0000005 }, @{ code = 1; seen = 1 }
    ) {
        $run = ConvertTo-Run (New-Sight Stopped -Win32 1066 -Specific $code) $running
        $run.state | Should -Be 'Exited'
        $run.exitCode | Should -Be $seen
    }

    It 'says Stopped for a stop by request, Exited where the wrapper was lost' {
        (ConvertTo-Run (New-Sight Stopped -Win32 0) $running).state | Should -Be 'Stopped'
        (ConvertTo-Run (New-Sight Stopped -Win32 1067) $running).state | Should -Be 'Exited'
        (ConvertTo-Run (New-Sight Running) $running).state | Should -Be 'Exited'
    }

    It 'says Failed with the reason where nothing ever ran' {
        $run = ConvertTo-Run (New-Sight Stopped -Win32 1066 -Specific 3) $null
        $run.state | Should -Be 'Failed'
        $run.error | Should -Match '3'
    }

    It 'says Failed for a paused service: NSSM waits because the program keeps ending' {
        $run = ConvertTo-Run (New-Sight Paused -Wrapper 10) $running
        $run.state | Should -Be 'Failed'
        $run.error | Should -Match 'Paused'
    }

    It 'says Stopped after our own stop, whatever code the program left' {
        (ConvertTo-Run (New-Sight Stopped -Win32 1066 -Specific 3) $running -Asked).state | Should -Be 'Stopped'
    }

    It 'keeps the time of an end that is known' {
        $end = ConvertTo-Run (New-Sight Stopped -Win32 1066 -Specific 7) $running
        Start-Sleep -Milliseconds 20
        $again = ConvertTo-Run (New-Sight Stopped -Win32 1066 -Specific 7) $end
        $again.updatedAt | Should -Be $end.updatedAt
        $again.endedAt | Should -Be $end.endedAt
    }
}

Describe 'what an operator did behind our back' {
    BeforeAll {
        $now = [datetime]::new(2026, 1, 2, 12, 0, 0, [DateTimeKind]::Utc)
        function New-Run {
            param($State, $Program, $Wrapper, $SecondsAgo = 60)
            @{
                state = $State; processId = $Program; hostProcessId = $Wrapper; hostStart = if ($Wrapper) { "t$Wrapper" }
                startedAt = if ($Program) { "s$Program" }; updatedAt = $now.AddSeconds(-$SecondsAgo).ToString('o')
            }
        }
        function Get-Change {
            param($Run, $Last, $Wanted, [datetime] $BootAt = $now.AddDays(-1))
            InModuleScope Orchestrator -Parameters @{ run = $Run; last = $Last; wanted = $Wanted; bootAt = $BootAt; now = $now } {
                $entry = if ($wanted) { [pscustomobject]@{ State = $wanted; Generation = 1 } }
                Get-OperatorChange -Run $run -Last $last -Entry $entry -BootAt $bootAt -Now $now
            }
        }
    }

    It '<what>' -ForEach @(
        @{ what = 'nothing happened'; run = 'Running', 2, 1; last = 'Running', 2, 1; wanted = 'running'; is = 'none' }
        @{ what = 'nobody ever asked for it'; run = 'Running', 2, 1; last = 'Stopped', $null, $null; wanted = $null; is = 'none' }
        @{ what = 'it crashed'; run = 'Exited', $null, $null; last = 'Running', 2, 1; wanted = 'running'; is = 'none' }
        @{ what = 'it failed to start'; run = 'Failed', $null, $null; last = 'Running', 2, 1; wanted = 'running'; is = 'none' }
        @{ what = 'a fresh stop must settle'; run = 'Stopped', $null, $null; last = 'Running', 2, 1; wanted = 'running'; is = 'settling' }
        @{ what = 'a stop that lasts'; run = 'Stopped', $null, $null; last = 'Stopping', $null, $null; wanted = 'running'; is = 'stopped' }
        @{ what = 'a stop of our own'; run = 'Stopped', $null, $null; last = 'Stopped', $null, $null; wanted = 'running'; is = 'none' }
        @{ what = 'a stop that was wanted'; run = 'Stopped', $null, $null; last = 'Running', 2, 1; wanted = 'stopped'; is = 'none' }
        @{ what = 'a crash-looping service was stopped'; run = 'Stopped', $null, $null; last = 'Failed', $null, 1; wanted = 'running'; is = 'stopped' }
        @{ what = 'started by hand'; run = 'Running', 4, 3; last = 'Stopped', $null, $null; wanted = 'stopped'; is = 'started' }
        @{ what = 'about to run, by hand'; run = 'Starting', $null, 3; last = 'Stopped', $null, $null; wanted = 'stopped'; is = 'started' }
        @{ what = 'given up, then started by hand'; run = 'Running', 4, 3; last = 'Exited', $null, $null; wanted = 'running'; is = 'started' }
        @{ what = 'restarted by hand'; run = 'Running', 4, 3; last = 'Running', 2, 1; wanted = 'running'; is = 'restarted' }
        @{ what = 'restarted by hand, seen in the middle'; run = 'Starting', $null, 3; last = 'Stopping', $null, $null; wanted = 'running'; is = 'restarted' }
        @{ what = 'restarted by NSSM itself'; run = 'Running', 4, 1; last = 'Running', 2, 1; wanted = 'running'; is = 'none' }
        @{ what = 'still running though it should not'; run = 'Running', 2, 1; last = 'Running', 2, 1; wanted = 'stopped'; is = 'none' }
        @{ what = 'an orphan is nobody''s start'; run = 'Running', 2, $null; last = 'Running', 2, 1; wanted = 'running'; is = 'none' }
    ) {
        Get-Change (New-Run @run) (New-Run @last) $wanted | Should -Be $is
    }

    It 'a stop does not settle before its second is over' {
        Get-Change (New-Run Stopped) (New-Run Stopping -SecondsAgo 0.5) running | Should -Be 'settling'
    }

    It 'the start of the machine is no operator' {
        Get-Change (New-Run Running 4 3) (New-Run Running 2 1) running $now.AddSeconds(-30) | Should -Be 'none'
        Get-Change (New-Run Stopped) (New-Run Running 2 1) running $now.AddSeconds(-30) | Should -Be 'none'
    }

    It 'what went down with the machine is wanted again when its start at boot fails' {
        Get-Change (New-Run Exited) (New-Run Stopped) stopped $now.AddSeconds(-30) | Should -Be 'started'
    }
}
