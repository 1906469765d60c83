# Checks of the installation: files, folders, ports.

function Test-ManifestCheck {
    <#
    .SYNOPSIS
    The manifest in force and, where that is a copy, its source.
    #>
    param([AllowNull()][object] $Context)
    if (-not $Context) { return }
    $paths = @($Context.ManifestPath, $Context.SourcePath | Select-Object -Unique)
    foreach ($path in $paths) {
        $findings = @(Test-ManifestText -Text (Read-ManifestText -Path $path) -Path $path)
        if (-not $findings) {
            New-Check -Name Manifest -Status pass -Message (Get-Phrase 'Check.Manifest' @{ path = $path })
            continue
        }
        foreach ($finding in $findings) {
            $check = @{
                Name = 'Manifest'; Status = 'fail'; Message = $finding.Message
                Fix = Get-Phrase 'Check.ManifestFix' @{ path = $path }; Code = $finding.Code
            }
            New-Check @check
        }
    }
    if (-not $Context.Installed) {
        $record = New-OrchestratorError -Code ORC2016 -Data @{ path = Get-StatePath -Data $Context.Data -Kind Manifest }
        New-CheckFault -Name Manifest -Status warn -Record $record
    }
}

function Test-ProgramCheck {
    <#
    .SYNOPSIS
    The programs of the services and the built parts of our own.
    #>
    param([AllowNull()][object] $Context)
    if (-not $Context) { return }
    $faults = @(
        foreach ($service in $Context.Services) { Get-ProgramFault -Service $service }
        foreach ($name in 'Host', 'Launch') {
            try { [void] (Get-ProgramPath -Root $Context.Root -Name $name) } catch { $_ }
        }
    )
    if (-not $faults) { return New-Check -Name Program -Status pass -Message (Get-Phrase 'Check.Program') }
    foreach ($fault in $faults) {
        $check = New-CheckFault -Name Program -Record $fault
        # A release has nothing to build from.
        if ($check.Code -eq 'ORC2014' -and (Test-Release -Root $Context.Root)) { $check.Fix = Get-Phrase 'Check.ReleaseFix' }
        $check
    }
}

function Test-RequiredCheck {
    <#
    .SYNOPSIS
    Files that a service requires: one that is missing leaves the service out, as its manifest says. Windows services
    only; elsewhere the status says it.
    #>
    param([AllowNull()][object] $Context)
    if (-not (Test-WindowsService -Context $Context)) { return }
    foreach ($service in $Context.Services | Where-Object { $_.mode -ne 'external' }) {
        $file = Get-MissingFile -Service $service
        if ($file) { Get-RequiredFinding -Service $service -File $file -Found (Find-ComfyFolder -Root @(Get-ComfySearchRoot) | Select-Object -First 1) }
    }
}

function Get-RequiredFinding {
    <#
    .SYNOPSIS
    What a missing file means; for ComfyUI with the command that names another place.
    .PARAMETER Found
    A portable ComfyUI that was found elsewhere.
    #>
    param([Parameter(Mandatory)][object] $Service, [Parameter(Mandatory)][string] $File, [AllowNull()][AllowEmptyString()][string] $Found)
    $record = New-OrchestratorError -Code ORC2003 -Data @{ service = $Service.displayName; file = $File } -Target $Service.id
    $check = New-CheckFault -Name Required -Status warn -Record $record
    if ($Service.id -eq 'comfyui') {
        $command = Get-InstallHint -Lacking comfyui -Comfy $Found -Folder ''
        $check.Fix = Get-Phrase 'Check.RequiredFix' @{ fix = $check.Fix; command = $command }
    }
    $check
}

function Get-ProgramFault {
    <#
    .SYNOPSIS
    What is missing of a service's program: its file, its folder, or a script among its arguments.
    #>
    param([object] $Service)
    if ($Service.mode -eq 'external' -or $null -eq $Service.command -or (Get-MissingFile -Service $Service)) { return }
    $file = $Service.command.file
    if ([IO.Path]::IsPathFullyQualified($file) -and -not [IO.File]::Exists($file)) {
        New-StartError -Service $Service -Detail (Get-Phrase 'Program.NoFile' @{ file = $file })
    }
    if (-not [IO.Directory]::Exists($Service.cwd)) {
        New-StartError -Service $Service -Detail (Get-Phrase 'Program.NoFolder' @{ file = $Service.cwd })
        return
    }
    foreach ($argument in $Service.command.args) {
        if ($argument -notmatch '^[^-].*\.[cm]?[jt]s$') { continue }
        if (-not [IO.File]::Exists([IO.Path]::GetFullPath($argument, $Service.cwd))) {
            New-OrchestratorError -Code ORC2014 -Data @{ part = $Service.id; file = $argument } -Target $Service.id
        }
    }
}

function Test-FolderCheck {
    <#
    .SYNOPSIS
    Whether the folders for state and logs can be written, without making them.
    #>
    param([AllowNull()][object] $Context)
    if (-not $Context) { return }
    $folders = @(
        $Context.Data
        $Context.Logs
        foreach ($log in $Context.Services.logs) {
            [IO.Path]::GetDirectoryName($log.stdout)
            [IO.Path]::GetDirectoryName($log.stderr)
        }
    ) | Select-Object -Unique
    $failed = $false
    foreach ($folder in $folders) {
        $fault = Get-FolderFault -Path $folder
        if (-not $fault) { continue }
        # The check of drives says more about one that is absent.
        if ((Test-WindowsService -Context $Context) -and $fault -eq (Get-Phrase 'Folder.NoVolume')) { continue }
        $failed = $true
        $record = New-OrchestratorError -Code ORC2009 -Data @{ path = $folder; detail = $fault } -Target $folder
        New-CheckFault -Name Folder -Record $record
    }
    if (-not $failed) {
        New-Check -Name Folder -Status pass -Message (Get-Phrase 'Check.Folder' @{ folders = ($folders -join ', ') })
    }
}

function Get-FolderFault {
    <#
    .SYNOPSIS
    Why a folder cannot be written; nothing when it can. Where it is not there yet, its nearest parent is tried.
    #>
    param([Parameter(Mandatory)][string] $Path)
    $at = $Path
    while ($at -and -not [IO.Directory]::Exists($at)) {
        if ([IO.File]::Exists($at)) { return Get-Phrase 'Folder.IsFile' @{ path = $at } }
        $at = [IO.Path]::GetDirectoryName($at)
    }
    if (-not $at) { return Get-Phrase 'Folder.NoVolume' }
    $trial = [IO.Path]::Combine($at, ".orchestrator-$([guid]::NewGuid().ToString('n'))")
    try {
        [IO.File]::WriteAllText($trial, '')
        [IO.File]::Delete($trial)
    } catch {
        $_.Exception.GetBaseException().Message
    }
}

function Test-PortCheck {
    <#
    .SYNOPSIS
    Who holds the ports of the services.
    #>
    param([AllowNull()][object] $Context)
    $services = @($Context.Services | Where-Object { $_.port -and $_.mode -ne 'external' })
    if (-not $services) { return }
    foreach ($owner in (Get-PortOwner -Context $Context -Service $services)) {
        $service = $services | Where-Object { $_.id -eq $owner.Id }
        if ($owner.Kind -in 'stranger', 'unknown') {
            New-StrangerCheck -Service $service -Owner $owner
            continue
        }
        $data = @{ port = $owner.Port; service = $service.displayName; owner = $owner.Label }
        New-Check -Name Port -Status pass -Message (Get-Phrase "Check.Port.$($owner.Kind)" $data)
    }
}

function New-StrangerCheck {
    <#
    .SYNOPSIS
    A failed check about a port; when a ComfyUI answers on ComfyUI's own port, with the way to use it.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Service, [object] $Owner)
    $check = New-CheckFault -Name Port -Record (New-PortError -Service $Service -Owner $Owner)
    if ($Service.id -eq 'comfyui' -and (Test-ComfyAnswer -Service $Service)) {
        $check.Message = "$($check.Message) $(Get-Phrase 'Check.LooksLikeComfy')"
        $check.Fix = Get-Phrase 'Check.LooksLikeComfyFix'
    }
    $check
}

function Test-ComfyAnswer {
    <#
    .SYNOPSIS
    Says whether a ComfyUI answers at the address of a service.
    #>
    param([object] $Service)
    $client = Get-HttpClient
    $cancel = [Threading.CancellationTokenSource]::new(3000)
    try {
        $call = $client.GetAsync("$(Get-ServiceAddress $Service)/system_stats", $cancel.Token)
        $text = $call.GetAwaiter().GetResult().Content.ReadAsStringAsync($cancel.Token).GetAwaiter().GetResult()
        $stats = ConvertFrom-Json -InputObject $text -AsHashtable -DateKind String
        $stats -is [Collections.IDictionary] -and $stats.Contains('system')
    } catch {
        $false
    } finally {
        $cancel.Dispose()
    }
}
