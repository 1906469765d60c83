BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force
    $utf8 = [Text.UTF8Encoding]::new($false)

    function New-LogRig {
        $rig = New-Rig -Id alpha
        [void] [IO.Directory]::CreateDirectory("$($rig.Folder)/logs")
        $rig | Add-Member -NotePropertyMembers @{ Live = "$($rig.Folder)/logs/alpha-stdout.log"; Other = "$($rig.Folder)/logs/alpha-stderr.log" } -PassThru
    }
    function Get-RotatedName { param([string] $Live, [int] $Number) $Live -replace '\.log$', ('-20260101T0000{0:d2}.000.log' -f $Number) }
}

Describe 'the level of a line' {
    It '<Text> is <Level>' -ForEach @(
        @{ Text = '{"level":"warn","time":"2026-01-01T00:00:00.000Z","name":"panel","msg":"slow"}'; Level = 'warn'; Shown = 'slow' }
        @{ Text = '{"level":50,"time":1767225600000,"pid":1,"hostname":"x","msg":"bad","code":7}'; Level = 'error'; Shown = 'bad code=7' }
        @{ Text = '{"level":"info","msg":"with error","err":{"type":"E","message":"boom","stack":"..."}}'; Level = 'info'; Shown = 'with error err=boom' }
        @{ Text = '{ not json }'; Level = 'info'; Shown = '{ not json }' }
        @{ Text = 'got prompt'; Level = 'info'; Shown = 'got prompt' }
        @{ Text = 'Traceback (most recent call last):'; Level = 'error' }
        @{ Text = 'torch.cuda.OutOfMemoryError: CUDA out of memory.'; Level = 'error' }
        @{ Text = '!!! Exception during processing !!! x'; Level = 'error' }
        @{ Text = '[ERROR] no such model'; Level = 'error' }
        @{ Text = 'no errors were found'; Level = 'info' }
        @{ Text = 'WARNING: old driver'; Level = 'warn' }
        @{ Text = '/x/y.py:1: UserWarning: careful'; Level = 'warn' }
        @{ Text = 'DEBUG: noise'; Level = 'debug' }
        @{ Text = "`e[32mgreen`e[0m words"; Level = 'info'; Shown = 'green words' }
    ) {
        InModuleScope Orchestrator -Parameters @{ Text = $Text; Level = $Level; Shown = $Shown } {
            param($Text, $Level, $Shown)
            $line = ConvertTo-LogLine -Text $Text -Id alpha -Stream stderr
            $line.Level | Should -Be $Level
            if ($Shown) { $line.Text | Should -Be $Shown }
        }
    }
}

Describe 'the last lines' {
    BeforeEach { $rig = New-LogRig }
    AfterEach { Remove-Item -LiteralPath $rig.Folder -Recurse -Force }

    It 'go on into the rotated files, oldest first, and stop at the beginning' {
        [IO.File]::WriteAllText((Get-RotatedName $rig.Live 1), "one`ntwo`n", $utf8)
        [IO.File]::WriteAllText((Get-RotatedName $rig.Live 2), "three`r`nчетыре`r`n", $utf8)
        [IO.File]::WriteAllText($rig.Live, "five`n`nsix without an end", $utf8)
        [IO.File]::WriteAllText(($rig.Live -replace '\.log$', '-notes.log'), "not a log of ours`n", $utf8)
        $call = @{ Name = 'alpha'; Manifest = $rig.Manifest }
        (Get-OrchestratorLog @call).Text | Should -Be 'one', 'two', 'three', 'четыре', 'five', 'six without an end'
        (Get-OrchestratorLog @call -Tail 3).Text | Should -Be 'четыре', 'five', 'six without an end'
        (Get-OrchestratorLog @call -Tail 1).Text | Should -Be 'six without an end'
    }

    It 'are whole for any place of the block borders' {
        $lines = @(foreach ($i in 1..4000) { "$i " + ('ж' * ($i % 97)) })
        [IO.File]::WriteAllText($rig.Live, ($lines -join "`n") + "`n", $utf8)
        $seen = (Get-OrchestratorLog alpha -Tail 4000 -Manifest $rig.Manifest).Text
        $seen.Count | Should -Be 4000
        Compare-Object $seen $lines -SyncWindow 0 | Should -BeNullOrEmpty
    }

    It 'of one line that is longer than many blocks come whole' {
        [IO.File]::WriteAllText($rig.Live, 'a' + ('x' * 3MB) + "z`nend`n", $utf8)
        $seen = Get-OrchestratorLog alpha -Tail 2 -Manifest $rig.Manifest
        $seen[0].Text.Length | Should -Be (3MB + 2)
        $seen[1].Text | Should -Be 'end'
    }

    It 'of a gigabyte are there at once' {
        $stream = [IO.File]::Create($rig.Live)
        $stream.SetLength(1GB)
        [void] $stream.Seek(0, 'End')
        $bytes = $utf8.GetBytes("`n" + ((1..300 | ForEach-Object { "line $_" }) -join "`n") + "`n")
        $stream.Write($bytes)
        $stream.Dispose()
        Get-OrchestratorLog alpha -Tail 1 -Manifest $rig.Manifest | Out-Null
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $seen = Get-OrchestratorLog alpha -Tail 200 -Manifest $rig.Manifest
        $clock.ElapsedMilliseconds | Should -BeLessThan 1000
        $seen.Count | Should -Be 200
        $seen[-1].Text | Should -Be 'line 300'
    }

    It 'are chosen by pattern, level and time' {
        $old = [datetime]::UtcNow.AddHours(-2).ToString('o')
        $new = [datetime]::UtcNow.AddMinutes(-1).ToString('o')
        $lines = @(
            "{""level"":""error"",""time"":""$old"",""msg"":""old fault""}"
            "{""level"":""info"",""time"":""$new"",""msg"":""new word""}"
            "{""level"":""error"",""time"":""$new"",""msg"":""new fault""}"
            "{""level"":""fatal"",""time"":""$new"",""msg"":""the end""}"
        )
        [IO.File]::WriteAllText($rig.Live, ($lines -join "`n"), $utf8)
        $call = @{ Name = 'alpha'; Manifest = $rig.Manifest }
        (Get-OrchestratorLog @call -Level error).Text | Should -Be 'old fault', 'new fault', 'the end'
        (Get-OrchestratorLog @call -Since ([datetime]::Now.AddHours(-1))).Text | Should -Be 'new word', 'new fault', 'the end'
        (Get-OrchestratorLog @call -Pattern 'FAULT').Text | Should -Be 'old fault', 'new fault'
        (Get-OrchestratorLog @call -Pattern 'fault' -Level error -Since ([datetime]::Now.AddHours(-1)) -Tail 1).Text | Should -Be 'new fault'
        { Get-OrchestratorLog @call -Pattern '(' } | Should -Throw
    }

    It 'of two streams are in order of time' {
        [IO.File]::WriteAllText($rig.Live, "{""time"":""2026-01-01T00:00:01Z"",""msg"":""a""}`n{""time"":""2026-01-01T00:00:03Z"",""msg"":""c""}`n", $utf8)
        [IO.File]::WriteAllText($rig.Other, "{""time"":""2026-01-01T00:00:02Z"",""msg"":""b""}`nplain after b`n", $utf8)
        $seen = Get-OrchestratorLog -Manifest $rig.Manifest
        $seen.Text | Should -Be 'a', 'b', 'plain after b', 'c'
        $seen.Stream | Should -Be 'stdout', 'stderr', 'stderr', 'stdout'
        (Get-OrchestratorLog -Stream stderr -Manifest $rig.Manifest).Count | Should -Be 2
    }

    It 'put together a line that lies in several files' {
        $whole = "one`ntwo is long`nпривет`nlast`n"
        $bytes = $utf8.GetBytes($whole)
        # Every way to cut it into three, also inside a letter and right behind a line's end.
        foreach ($first in 1..($bytes.Length - 2)) {
            foreach ($second in ($first + 1), ($first + 3), ($bytes.Length - 1) | Where-Object { $_ -lt $bytes.Length -and $_ -gt $first }) {
                [IO.File]::WriteAllBytes((Get-RotatedName $rig.Live 1), $bytes[0..($first - 1)])
                [IO.File]::WriteAllBytes((Get-RotatedName $rig.Live 2), $bytes[$first..($second - 1)])
                [IO.File]::WriteAllBytes($rig.Live, $bytes[$second..($bytes.Length - 1)])
                $seen = (Get-OrchestratorLog -Stream stdout -Tail 4 -Manifest $rig.Manifest).Text -join '|'
                $seen | Should -BeExactly 'one|two is long|привет|last' -Because "cut at $first and $second"
            }
        }
    }

    It 'of no file at all are none' {
        Get-OrchestratorLog -Manifest $rig.Manifest | Should -BeNullOrEmpty
    }
}

Describe 'following' {
    BeforeEach { $rig = New-LogRig }
    AfterEach {
        if ($session) {
            $session.Process.Kill($true)
            $session.Process.WaitForExit()
        }
        Remove-Item -LiteralPath $rig.Folder -Recurse -Force
    }

    It 'loses and doubles nothing over rotations, also two at once, and a truncation' {
        $out = "$TestDrive/followed-$([guid]::NewGuid()).txt"
        [IO.File]::WriteAllText($rig.Live, "before`n", $utf8)
        $session = Start-RigPwsh -Rig $rig -Script "Get-OrchestratorLog alpha -Follow | ForEach-Object { [IO.File]::AppendAllText('$out', `$_.Text + ' ') }"
        Wait-Until { Test-Path $out } -TimeoutMs 60000
        $seen = { Get-Content $out -Raw }
        [IO.File]::AppendAllText($rig.Live, "1`n2`n3 half", $utf8)
        Wait-Until { (& $seen) -like '*2 ' }
        [IO.File]::AppendAllText($rig.Live, " done`n", $utf8)
        [IO.File]::Move($rig.Live, (Get-RotatedName $rig.Live 1))
        [IO.File]::WriteAllText((Get-RotatedName $rig.Live 2), "4`n", $utf8)
        [IO.File]::WriteAllText($rig.Live, "5`n", $utf8)
        Wait-Until { (& $seen) -like '*5 ' }
        [IO.File]::Move($rig.Live, (Get-RotatedName $rig.Live 3))
        Start-Sleep -Milliseconds 300
        [IO.File]::WriteAllText($rig.Live, "6 is a longer line`n", $utf8)
        Wait-Until { (& $seen) -like '*6 is a longer line ' }
        [IO.File]::WriteAllText($rig.Live, "7`n", $utf8)
        Wait-Until { (& $seen) -like '*7 ' }
        & $seen | Should -Be 'before 1 2 3 half done 4 5 6 is a longer line 7 '
    }
}

Describe 'clearing' {
    BeforeEach {
        $rig = New-LogRig
        [IO.File]::WriteAllText((Get-RotatedName $rig.Live 1), 'x' * 1000, $utf8)
        [IO.File]::WriteAllText((Get-RotatedName $rig.Other 1), 'x' * 500, $utf8)
        [IO.File]::WriteAllText($rig.Live, 'x' * 100, $utf8)
        [IO.File]::WriteAllText(($rig.Live -replace '\.log$', '-mine.log'), 'kept', $utf8)
    }
    AfterEach { Remove-Item -LiteralPath $rig.Folder -Recurse -Force }

    It 'removes rotated files only, and counts them' {
        Clear-OrchestratorLog -Manifest $rig.Manifest -WhatIf | ForEach-Object FreedBytes | Should -Be 0
        $cleared = Clear-OrchestratorLog -Manifest $rig.Manifest
        $cleared.Removed | Should -Be 2
        $cleared.FreedBytes | Should -Be 1500
        (Get-ChildItem "$($rig.Folder)/logs").Name | Sort-Object Length | Should -Be 'alpha-stdout.log', 'alpha-stdout-mine.log'
        (Clear-OrchestratorLog -Manifest $rig.Manifest).FreedBytes | Should -Be 0
    }

    It 'empties the current file when asked' {
        (Clear-OrchestratorLog -IncludeCurrent -Manifest $rig.Manifest).FreedBytes | Should -Be 1600
        (Get-Item $rig.Live).Length | Should -Be 0
    }
}
