Describe 'Starting a program' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../../../ps/Orchestrator.psd1" -Force
        $module = Get-Module Orchestrator
        $start = [Diagnostics.ProcessStartInfo]::new('nothing')
    }

    It 'is tried again when the system has failed within itself' {
        $result = & $module {
            param($info)
            $script:launches = 0
            Invoke-Launch -Start $info -Launch {
                $script:launches++
                if ($script:launches -lt 3) { throw [ComponentModel.Win32Exception]::new(1359) }
                'started'
            }
        } $start
        $result | Should -Be 'started'
        & $module { $script:launches } | Should -Be 3
    }

    It 'fails at once for any other reason, and at last for this one' {
        foreach ($case in @{ Code = 2; Tries = 1 }, @{ Code = 1359; Tries = 3 }) {
            {
                & $module {
                    param($info, $code)
                    $script:launches = 0
                    Invoke-Launch -Start $info -Launch {
                        $script:launches++
                        throw [ComponentModel.Win32Exception]::new($code)
                    }
                } $start $case.Code
            } | Should -Throw
            & $module { $script:launches } | Should -Be $case.Tries
        }
    }

    It 'runs a real program to its end' {
        $run = & $module { Invoke-Program -File (Get-Process -Id $PID).Path -Arguments '-NoProfile', '-Command', '"x" * 3' }
        $run.ExitCode | Should -Be 0
        $run.Output.Trim() | Should -Be 'xxx'
    }
}
