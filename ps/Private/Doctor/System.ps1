# Checks of the machine and what is installed on it.

function Test-PowerShellCheck {
    <#
    .SYNOPSIS
    The version of PowerShell.
    #>
    param([AllowNull()][object] $Context)
    $null = $Context
    $data = @{ version = $PSVersionTable.PSVersion; path = Get-PwshPath }
    New-Check -Name PowerShell -Status pass -Message (Get-Phrase 'Check.PowerShell' $data)
}

function Test-AdministratorCheck {
    <#
    .SYNOPSIS
    Rights to change Windows services. Windows only.
    .PARAMETER Planned
    It is asked before an installation, which cannot do without.
    #>
    param([AllowNull()][object] $Context, [switch] $Planned)
    if (-not $IsWindows) {
        return New-Check -Name Administrator -Status skip -Message (Get-Phrase 'Check.WindowsOnly')
    }
    if ($Context -and $Context.Backend -ne 'Nssm') {
        return New-Check -Name Administrator -Status skip -Message (Get-Phrase 'Check.NoRightsNeeded')
    }
    $principal = [Security.Principal.WindowsPrincipal] [Security.Principal.WindowsIdentity]::GetCurrent()
    # The number of the group: its name is translated.
    $elevated = $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
    Get-ElevationFinding -Elevated $elevated -Planned:$Planned
}

function Get-ElevationFinding {
    <#
    .SYNOPSIS
    What the session's rights mean: only a change needs them, looking does not.
    #>
    param([bool] $Elevated, [switch] $Planned)
    if ($Elevated) { return New-Check -Name Administrator -Status pass -Message (Get-Phrase 'Check.Elevated') }
    $status = if ($Planned) { 'fail' } else { 'warn' }
    New-CheckFault -Name Administrator -Status $status -Record (New-OrchestratorError -Code ORC2050)
}

function Test-NodeCheck {
    <#
    .SYNOPSIS
    A Node.js that is new enough.
    #>
    param([AllowNull()][object] $Context)
    $null = $Context
    $node = Find-Node -Root $script:ProjectRoot
    if ($node.Path) {
        $data = @{ version = $node.Version; path = $node.Path }
        return New-Check -Name Node -Status pass -Message (Get-Phrase 'Check.Node' $data)
    }
    $check = New-CheckFault -Name Node -Record (New-OrchestratorError -Code ORC2015 -Data @{ detail = $node.Detail })
    if (Test-Release -Root $script:ProjectRoot) { $check.Fix = Get-Phrase 'Check.ReleaseFix' }
    $check
}

function Test-BackendCheck {
    <#
    .SYNOPSIS
    Whether the backend of the manifest works on this machine.
    #>
    param([AllowNull()][object] $Context)
    if (-not $Context) { return }
    try {
        Assert-Backend -Name $Context.Backend
        New-Check -Name Backend -Status pass -Message (Get-Phrase 'Check.Backend' @{ backend = $Context.Backend })
    } catch {
        New-CheckFault -Name Backend -Record $_
    }
}

function Test-DiskCheck {
    <#
    .SYNOPSIS
    Free space of every volume that a path of the manifest lies on.
    #>
    param([AllowNull()][object] $Context)
    if (-not $Context) { return }
    $limit = [double] $Context.Manifest.thresholds.diskFreeGb
    foreach ($disk in Get-ManifestDisk -Context $Context) {
        $data = @{ path = $disk.Root; free = (Format-Size $disk.Free); total = (Format-Size $disk.Total); limit = $limit }
        if ($disk.Free -lt 1GB) {
            New-CheckFault -Name Disk -Record (New-OrchestratorError -Code ORC2025 -Data $data)
        } elseif ($disk.Free -lt $limit * 1GB) {
            New-Check -Name Disk -Status warn -Message (Get-Phrase 'Check.DiskLow' $data) -Fix (Get-Phrase 'Check.DiskFix')
        } else {
            New-Check -Name Disk -Status pass -Message (Get-Phrase 'Check.Disk' $data)
        }
    }
}

function Get-ManifestDisk {
    <#
    .SYNOPSIS
    The volumes on which the paths of a manifest lie, each once.
    .OUTPUTS
    Objects with Root, Free and Total in bytes.
    #>
    param([object] $Context)
    $paths = @($Context.Data; $Context.Logs; $Context.Services.cwd; $Context.Services.logs.stdout)
    $drives = [IO.DriveInfo]::GetDrives() | Sort-Object -Property { $_.RootDirectory.FullName.Length } -Descending
    $seen = [Collections.Generic.HashSet[string]]::new()
    foreach ($path in $paths) {
        $full = [IO.Path]::GetFullPath($path)
        $drive = $drives | Where-Object { Test-Below -Path $full -Folder $_.RootDirectory.FullName } | Select-Object -First 1
        if (-not $drive -or -not $drive.IsReady -or -not $seen.Add($drive.RootDirectory.FullName)) { continue }
        [pscustomobject]@{
            Root = $drive.RootDirectory.FullName; Free = $drive.AvailableFreeSpace; Total = $drive.TotalSize
        }
    }
}

function Test-Below {
    <#
    .SYNOPSIS
    Says whether a path lies in a folder, at any depth.
    #>
    param([string] $Path, [string] $Folder)
    $kind = if ($IsWindows) { [StringComparison]::OrdinalIgnoreCase } else { [StringComparison]::Ordinal }
    $plain = $Folder.TrimEnd('/', '\')
    $Path.Equals($plain, $kind) -or $Path.StartsWith($plain + [IO.Path]::DirectorySeparatorChar, $kind)
}

function Test-MemoryCheck {
    <#
    .SYNOPSIS
    Used memory of the machine against the threshold of the manifest.
    #>
    param([AllowNull()][object] $Context)
    if (-not $Context) { return }
    $memory = Get-MemoryUse
    $limit = [double] $Context.Manifest.thresholds.memoryPercent
    $data = @{ used = [math]::Round($memory.UsedPercent); total = (Format-Size $memory.Total); limit = $limit }
    if ($memory.UsedPercent -gt $limit) {
        return New-Check -Name Memory -Status warn -Message (Get-Phrase 'Check.MemoryHigh' $data) -Fix (Get-Phrase 'Check.MemoryFix')
    }
    New-Check -Name Memory -Status pass -Message (Get-Phrase 'Check.Memory' $data)
}

function Get-MemoryUse {
    <#
    .SYNOPSIS
    Total memory of the machine in bytes and the percentage in use.
    #>
    if ($IsLinux) {
        $facts = @{}
        foreach ($line in [IO.File]::ReadAllLines('/proc/meminfo')) {
            if ($line -match '^(MemTotal|MemAvailable):\s+(\d+) kB') { $facts[$Matches[1]] = 1KB * [double] $Matches[2] }
        }
        $total = $facts['MemTotal']
        return [pscustomobject]@{ Total = $total; UsedPercent = 100 * (1 - $facts['MemAvailable'] / $total) }
    }
    # The runtime learns of the machine's load at a collection.
    [GC]::Collect(0)
    $info = [GC]::GetGCMemoryInfo()
    $total = [double] $info.TotalAvailableMemoryBytes
    [pscustomobject]@{ Total = $total; UsedPercent = 100 * $info.MemoryLoadBytes / [math]::Max(1.0, $total) }
}

function Test-SecretCheck {
    <#
    .SYNOPSIS
    Whether others may read .env.local.
    #>
    param([AllowNull()][object] $Context)
    $null = $Context
    $path = [IO.Path]::Combine($script:ProjectRoot, '.env.local')
    if (-not [IO.File]::Exists($path)) {
        return New-Check -Name Secret -Status pass -Message (Get-Phrase 'Check.SecretNone')
    }
    $readers = Get-ForeignReader -Path $path
    if (-not $readers) { return New-Check -Name Secret -Status pass -Message (Get-Phrase 'Check.Secret') }
    $fix = if ($IsWindows) {
        "icacls `"$path`" /inheritance:r /grant:r `"$([Environment]::UserName):F`" SYSTEM:R"
    } else {
        "chmod 600 '$path'"
    }
    $message = Get-Phrase 'Check.SecretOpen' @{ readers = ($readers -join ', ') }
    New-Check -Name Secret -Status fail -Message $message -Fix $fix
}

function Get-ForeignReader {
    <#
    .SYNOPSIS
    Who may read a file besides its owner and the system: group and others, or Windows' groups of everybody.
    #>
    param([string] $Path)
    if (-not $IsWindows) {
        $mode = [IO.File]::GetUnixFileMode($Path)
        if ($mode -band [IO.UnixFileMode]'GroupRead, GroupWrite') { 'group' }
        if ($mode -band [IO.UnixFileMode]'OtherRead, OtherWrite') { 'others' }
        return
    }
    $rules = [IO.FileSystemAclExtensions]::GetAccessControl([IO.FileInfo]::new($Path)).GetAccessRules(
        $true, $true, [Security.Principal.SecurityIdentifier])
    # Everyone, Authenticated Users, Users.
    $everybody = 'S-1-1-0', 'S-1-5-11', 'S-1-5-32-545'
    foreach ($rule in $rules) {
        if ($rule.AccessControlType -eq 'Allow' -and $rule.IdentityReference.Value -in $everybody) {
            $rule.IdentityReference.Value
        }
    }
}
