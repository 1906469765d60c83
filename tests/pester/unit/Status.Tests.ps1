BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force

    # A place with state files as a test wants them. The process of a service that runs is this one.
    function New-Place {
        param([string] $Desired = 'running', [int] $Generation = 3, [string] $Run = 'Running', [hashtable] $View, [int] $BeatAge = 0, [scriptblock] $Change)
        $rig = New-Rig -Id alpha -Change $Change
        $iso = { param($time) $time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'") }
        $now = [datetime]::UtcNow
        $start = InModuleScope Orchestrator { (Get-ProcessStat -Id $PID).Start }
        [void] [IO.Directory]::CreateDirectory("$($rig.Data)/run")
        $copy = $rig.Content | ConvertTo-Json -Depth 20 | ConvertFrom-Json -AsHashtable
        $copy.installedFrom = $rig.Manifest
        $copy | ConvertTo-Json -Depth 20 | Set-Content "$($rig.Data)/orchestrator.json"
        if ($Desired) {
            @{ version = 1; services = @{ alpha = @{ state = $Desired; generation = $Generation; at = (& $iso $now); by = 'operator' } } } |
                ConvertTo-Json -Depth 5 | Set-Content "$($rig.Data)/desired.json"
        }
        if ($Run) {
            $alive = $Run -in 'Running', 'Stopping'
            @{
                version = 1; id = 'alpha'; state = $Run; hostProcessId = $PID; hostStart = $start; socket = '/no/socket'
                processId = $alive ? $PID : $null; processStart = $alive ? $start : $null
                startedAt = (& $iso $now.AddHours(-1)); endedAt = $alive ? $null : (& $iso $now); exitCode = $alive ? $null : 137
                signal = $null; launches = 1; error = $null; updatedAt = (& $iso $now)
            } | ConvertTo-Json | Set-Content "$($rig.Data)/run/alpha.json"
        }
        if ($View) {
            $full = @{
                state = 'healthy'; since = (& $iso $now); reason = 'as the guardian says'; attempts = 1; maxAttempts = 3
                lastHealthyAt = $null; nextAction = 'restart'; nextActionAt = (& $iso $now); generation = $Generation
                failures = 0; processId = $PID; hold = $null; latencyMs = 4.5; incidentId = $null
            }
            foreach ($key in $View.Keys) { $full[$key] = $View[$key] }
            @{
                version = 1; processId = 1; startedAt = (& $iso $now); at = (& $iso $now.AddMilliseconds(-$BeatAge)); cycle = 1
                services = @{ alpha = $full }; disks = @(); memory = $null; incidents = @()
            } | ConvertTo-Json -Depth 6 | Set-Content "$($rig.Data)/guardian.json"
        }
        $rig
    }
}

Describe 'the words of a status' -Tag Unix -Skip:(-not $IsLinux) {
    AfterEach { Remove-Item -LiteralPath $rig.Folder -Recurse -Force }

    It '<Name>' -ForEach @(
        @{ Name = 'a fresh view of the guardian is taken as it is'; Place = @{ View = @{} }; State = 'Running'; Health = 'healthy'; Reason = 'as the guardian says' }
        @{ Name = 'suspect comes from the guardian'; Place = @{ View = @{ state = 'suspect' } }; State = 'Running'; Health = 'suspect' }
        @{ Name = 'cooling is shown while nothing runs'; Place = @{ Run = 'Exited'; View = @{ state = 'cooling'; processId = $null } }; State = 'Stopped'; Health = 'cooling' }
        @{ Name = 'exhausted is shown while nothing runs'; Place = @{ Run = 'Exited'; View = @{ state = 'exhausted'; processId = $null } }; State = 'Stopped'; Health = 'exhausted' }
        @{ Name = 'healthy from before a death is not believed'; Place = @{ Run = 'Exited'; View = @{} }; State = 'Stopped'; Health = 'unhealthy'; Reason = '*137*' }
        @{ Name = 'a view of an older generation is not believed'; Place = @{ View = @{ generation = 2 } }; State = 'Running'; Health = 'unhealthy' }
        @{ Name = 'a view of another process is not believed'; Place = @{ View = @{ processId = 1 } }; State = 'Running'; Health = 'unhealthy' }
        @{ Name = 'a stale heartbeat is not believed: the service is asked'; Place = @{ View = @{}; BeatAge = 60000 }; State = 'Running'; Health = 'unhealthy'; Reason = 'Nothing listens*' }
        @{ Name = 'without a guardian a death is unhealthy and says how'; Place = @{ Run = 'Exited' }; State = 'Stopped'; Health = 'unhealthy'; Reason = '*137*' }
        @{ Name = 'stopped by request'; Place = @{ Desired = 'stopped'; Run = 'Stopped' }; State = 'Stopped'; Health = 'stopped'; Reason = 'Stopped by request.' }
        @{ Name = 'never started'; Place = @{ Desired = ''; Run = '' }; State = 'Stopped'; Health = 'stopped'; Reason = 'Not started yet.' }
        @{ Name = 'runs although it should not'; Place = @{ Desired = 'stopped'; View = @{} }; State = 'Running'; Health = 'healthy'; Reason = 'It runs although*' }
        @{ Name = 'stopping'; Place = @{ Desired = 'stopped'; Run = 'Stopping' }; State = 'Stopping'; Health = 'starting' }
    ) {
        $rig = New-Place @Place
        $status = Get-OrchestratorStatus -Manifest $rig.Manifest
        $status.State | Should -Be $State
        $status.Health | Should -Be $Health
        if ($Reason) { $status.Reason | Should -BeLike $Reason }
        Test-ResultSchema $status Get-OrchestratorStatus | Should -BeTrue
    }

    It 'attempts and next action come from the guardian' {
        $rig = New-Place -View @{ attempts = 2 }
        $status = Get-OrchestratorStatus -Manifest $rig.Manifest
        $status.Attempts | Should -Be 2
        $status.GuardianState | Should -Be 'healthy'
        $status.NextAction | Should -Be 'restart'
        $status.LatencyMs | Should -Be 4.5
    }

    It 'asks nobody while the guardian is fresh' {
        $rig = New-Place -View @{}
        InModuleScope Orchestrator -Parameters @{ Path = $rig.Manifest } {
            param($Path)
            Mock Invoke-HealthProbe { throw 'asked' }
            (Get-OrchestratorStatus -Manifest $Path).Health | Should -Be 'healthy'
        }
    }

    It 'an address is shown as <Expected> for <HostName>' -ForEach @(
        @{ HostName = 'localhost'; Expected = 'http://127.0.0.1:5' }
        @{ HostName = '0.0.0.0'; Expected = 'http://127.0.0.1:5' }
        @{ HostName = '::'; Expected = 'http://[::1]:5' }
        @{ HostName = '::1'; Expected = 'http://[::1]:5' }
        @{ HostName = 'gpu.example'; Expected = 'http://gpu.example:5' }
    ) {
        $rig = [pscustomobject]@{ Folder = "$TestDrive/$HostName".Replace(':', '_') }
        [void] [IO.Directory]::CreateDirectory($rig.Folder)
        InModuleScope Orchestrator -Parameters @{ HostName = $HostName; Expected = $Expected } {
            param($HostName, $Expected)
            Get-ServiceAddress -Service ([pscustomobject]@{ scheme = 'http'; host = $HostName; port = 5 }) | Should -Be $Expected
        }
    }
}

Describe 'who holds a port' {
    It 'names this process as a stranger on <Bind> for a service on <HostName>' -ForEach @(
        @{ Bind = '127.0.0.1'; HostName = '127.0.0.1' }
        @{ Bind = '127.0.0.1'; HostName = 'localhost' }
        @{ Bind = '::1'; HostName = 'localhost' }
        @{ Bind = '0.0.0.0'; HostName = '127.0.0.1' }
        @{ Bind = '127.0.0.1'; HostName = '0.0.0.0' }
    ) {
        if ($Bind -eq '::1' -and -not [Net.Sockets.Socket]::OSSupportsIPv6) { Set-ItResult -Skipped -Because 'there is no IPv6' }
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Parse($Bind), 0)
        $listener.Start()
        try {
            $service = [pscustomobject]@{ id = 'alpha'; port = $listener.LocalEndpoint.Port; host = $HostName }
            InModuleScope Orchestrator -Parameters @{ Service = $service; Data = "$TestDrive" } {
                param($Service, $Data)
                Test-PortFree -HostName $Service.host -Port $Service.port | Should -BeFalse
                $context = [pscustomobject]@{ Data = $Data; Backend = 'Embedded'; ManifestPath = "$Data/orchestrator.json" }
                $owner = Get-PortOwner -Context $context -Service $Service
                if ($IsWindows -and -not (Get-Command Get-NetTCPConnection -ErrorAction Ignore)) {
                    # Such a Windows tells ports only.
                    $owner.Kind | Should -Be 'unknown'
                    $owner.Label | Should -Be 'a program that the system does not name'
                    return
                }
                $owner.Kind | Should -Be 'stranger'
                $owner.ProcessId | Should -Be $PID
                $owner.Label | Should -Be "pwsh (PID $PID)"
            }
        } finally {
            $listener.Stop()
        }
    }

    It 'a free port is free, and a listener on another address does not clash' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Parse('127.0.0.2'), 0)
        $listener.Start()
        try {
            $service = [pscustomobject]@{ id = 'alpha'; port = $listener.LocalEndpoint.Port; host = '127.0.0.1' }
            InModuleScope Orchestrator -Parameters @{ Service = $service; Data = "$TestDrive" } {
                param($Service, $Data)
                Test-PortFree -HostName $Service.host -Port $Service.port | Should -BeTrue
                $context = [pscustomobject]@{ Data = $Data; Backend = 'Embedded'; ManifestPath = "$Data/orchestrator.json" }
                (Get-PortOwner -Context $context -Service $Service).Kind | Should -Be 'free'
            }
        } finally {
            $listener.Stop()
        }
    }
}
