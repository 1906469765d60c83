BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    Import-Module "$(Get-RigRoot)/ps/Orchestrator.psd1" -Force
}

Describe 'which ComfyUI is used' {
    BeforeEach {
        $kept = $env:COMFY_URL
        $env:COMFY_URL = $null
        $rig = New-Rig -Id comfyui, alpha
        $port = $rig.Content.services[0].port
        $all = @{ Manifest = $rig.Manifest }
        # A ComfyUI that somebody else runs.
        $answer = "$($rig.Folder)/answer.mjs"
        Set-Content $answer "import { createServer } from 'node:http'; createServer((q, r) => r.end('{`"system`":{},`"devices`":[]}')).listen(process.argv[2], '127.0.0.1');"
        function Start-Other { param([int] $At = $port)
            $process = Start-Process -FilePath (Get-NodeFile) -ArgumentList "`"$answer`"", $At -PassThru
            Wait-Until { try { (Invoke-WebRequest "http://127.0.0.1:$At/").StatusCode -eq 200 } catch { $false } }
            $process
        }
    }
    AfterEach {
        $env:COMFY_URL = $kept
        if ($other) { $other.Kill() }
        Remove-Rig $rig
    }

    It 'one that answers on the port is a stranger, and the report says how to use it' {
        $other = Start-Other
        $text = try { Install-Orchestrator @all } catch { $_.Exception.Message }
        $text | Should -BeLike "*ORC2002*$port*PID $($other.Id)*looks like a ComfyUI*-Attach*"
        $other.HasExited | Should -BeFalse
    }

    It 'Attach uses it: watched, never started or stopped' {
        $other = Start-Other
        Install-Orchestrator @all -Attach | Out-Null
        $status = Get-OrchestratorStatus @all
        $status.State | Should -Be 'External', 'Running'
        $status.Health | Should -Be 'healthy', 'healthy'
        $status.Mode | Should -Be 'external', 'managed'
        Restart-Orchestrator @all | Out-Null
        Stop-Orchestrator @all | Out-Null
        $other.HasExited | Should -BeFalse
        (Get-OrchestratorStatus comfyui @all).Health | Should -Be 'healthy'
        # Back to the managed one: the port is refused first, and the installation stays as it was.
        Get-Code { Install-Orchestrator @all } | Should -Be 'ORC2013'
        (Get-OrchestratorStatus comfyui @all).State | Should -Be 'External'
    }

    It 'Attach to nothing is refused' {
        $text = try { Install-Orchestrator @all -Attach } catch { $_.Exception.Message }
        $text | Should -BeLike "*ORC2013*ORC2011*$port*"
        Test-Path -LiteralPath $rig.Data | Should -BeFalse
    }

    It 'COMFY_URL that does not answer yet is only a warning' {
        $there = Get-FreePort
        $env:COMFY_URL = "http://127.0.0.1:$there"
        $said = Install-Orchestrator @all 3>&1
        "$said" | Should -BeLike "*ORC2011*$there*"
        $status = Get-OrchestratorStatus @all
        $status.State | Should -Be 'External', 'Running'
        $status[0].Health | Should -Be 'unhealthy'
        $status[0].Address | Should -Be "http://127.0.0.1:$there"
        $other = Start-Other -At $there
        (Get-OrchestratorStatus comfyui @all).Health | Should -Be 'healthy'
    }

    It 'becoming external stops the one that was managed' {
        Install-Orchestrator @all | Out-Null
        $id = (Get-OrchestratorStatus comfyui @all).ProcessId
        $there = Get-FreePort
        $env:COMFY_URL = "http://127.0.0.1:$there"
        Install-Orchestrator @all 3>$null | Out-Null
        Test-Alive $id | Should -BeFalse
        (Get-OrchestratorStatus comfyui @all).State | Should -Be 'External'
    }

    It 'ComfyUIPath is stronger than COMFY_URL, runs what is there, and a Cyrillic path is no matter' {
        $folder = "$($rig.Folder)/Мой ComfyUI"
        [void] [IO.Directory]::CreateDirectory($folder)
        Set-Content "$folder/main.py" @'
import http.server, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"{}")
    def log_message(self, *args): pass
print("own comfy", flush=True)
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
'@
        $env:COMFY_URL = 'http://127.0.0.1:1'
        Install-Orchestrator @all -ComfyUIPath $folder | Out-Null
        $status = Get-OrchestratorStatus comfyui @all
        $status.Health | Should -Be 'healthy'
        $status.Mode | Should -Be 'managed'
        $status.Address | Should -Be "http://127.0.0.1:$port"
        (Get-OrchestratorLog comfyui @all).Text | Should -Contain 'own comfy'
    }

    It 'ComfyUIPath to nowhere: ORC2010, and nothing starts' {
        $text = try { Install-Orchestrator @all -ComfyUIPath "$($rig.Folder)/nowhere" } catch { $_.Exception.Message }
        $text | Should -BeLike '*ORC2013*ORC2010*nowhere*'
        Get-RigProcess $rig | Should -BeNullOrEmpty
    }

    It 'ComfyUIPath and Attach exclude each other' {
        { Install-Orchestrator @all -ComfyUIPath $rig.Folder -Attach } | Should -Throw -ErrorId 'AmbiguousParameterSet*'
    }

    It 'DataPath and LogPath move state and logs, and say how to find them' {
        $data = "$($rig.Folder)/elsewhere/data"
        $said = Install-Orchestrator @all -DataPath $data -LogPath "$($rig.Folder)/elsewhere/logs" -NoStart 3>&1
        "$said" | Should -BeLike "*ORCHESTRATOR_MANIFEST*$data/orchestrator.json*"
        Start-Orchestrator -Wait -Manifest "$data/orchestrator.json" | ForEach-Object Health | Should -Be 'healthy', 'healthy'
        Test-Path "$($rig.Folder)/elsewhere/logs/alpha-stdout.log" | Should -BeTrue
        Stop-Orchestrator -Manifest "$data/orchestrator.json" | Out-Null
    }
}
