# Windows refuses to rename or delete a file that somebody has open without sharing. Whoever reads our logs must share.

BeforeAll {
    Import-Module "$PSScriptRoot/../../ps/Orchestrator.psd1" -Force

    # As NSSM does it: the open file is closed, renamed and made anew.
    function New-LogWriter {
        param([string] $Path)
        [IO.FileStream]::new($Path, 'Append', 'Write', [IO.FileShare]'ReadWrite, Delete')
    }

    function Get-Source {
        param([string] $Path)
        [pscustomobject]@{ Id = 'alpha'; Stream = 'stdout'; Path = $Path }
    }
}

Describe 'a reader of a log' {
    BeforeEach {
        $folder = "$TestDrive\$([guid]::NewGuid())"
        [void] [IO.Directory]::CreateDirectory($folder)
        $live = "$folder\alpha-stdout.log"
        [IO.File]::WriteAllText($live, "before`n")
    }

    It 'keeps its writer neither from renaming nor from deleting the file' {
        $reader = InModuleScope Orchestrator -Parameters @{ Path = $live } { param($Path) Open-LogFile -Path $Path }
        try {
            [IO.File]::Move($live, "$folder\alpha-stdout-20260101T000000.000.log")
            [IO.File]::Delete("$folder\alpha-stdout-20260101T000000.000.log")
        } finally {
            $reader.Dispose()
        }
    }

    It 'sees each line once while the writer rotates under it' {
        $follower = InModuleScope Orchestrator -Parameters @{ Source = (Get-Source $live) } {
            param($Source)
            New-LogFollower -Source $Source
        }
        $seen = [Collections.Generic.List[string]]::new()
        $writer = New-LogWriter $live
        try {
            foreach ($number in 1..200) {
                $writer.Write([Text.Encoding]::UTF8.GetBytes("line $number`n"))
                $writer.Flush()
                if ($number % 20 -eq 0) {
                    $writer.Dispose()
                    [IO.File]::Move($live, ('{0}\alpha-stdout-20260101T000000.{1:000}.log' -f $folder, $number))
                    $writer = New-LogWriter $live
                }
                if ($number % 7 -eq 0) {
                    InModuleScope Orchestrator -Parameters @{ Follower = $follower } {
                        param($Follower)
                        Read-LogFollower -Follower $Follower
                    } | ForEach-Object { $seen.Add($_.Text) }
                }
            }
            InModuleScope Orchestrator -Parameters @{ Follower = $follower } {
                param($Follower)
                Read-LogFollower -Follower $Follower
            } | ForEach-Object { $seen.Add($_.Text) }
        } finally {
            $writer.Dispose()
            if ($follower.Stream) { $follower.Stream.Dispose() }
        }
        $seen | Should -Be @(1..200 | ForEach-Object { "line $_" })
    }

    It 'waits for a file that is being renamed' {
        $follower = InModuleScope Orchestrator -Parameters @{ Source = (Get-Source $live) } {
            param($Source)
            New-LogFollower -Source $Source
        }
        $follower.Stream.Dispose()
        $closed = [IO.FileStream]::new($live, 'Open', 'ReadWrite', 'None')
        $release = [Threading.CancellationTokenSource]::new(150)
        [void] $release.Token.Register([Delegate]::CreateDelegate([Action], $closed, 'Dispose'))
        try {
            InModuleScope Orchestrator -Parameters @{ Follower = $follower; Path = $live } {
                param($Follower, $Path)
                Switch-LogStream -Follower $Follower -Path $Path
                $Follower.Stream | Should -Not -BeNullOrEmpty
                (Read-LogRest -Follower $Follower).Text | Should -Be 'before'
            }
        } finally {
            $closed.Dispose()
            if ($follower.Stream) { $follower.Stream.Dispose() }
            $release.Dispose()
        }
    }
}
