# The drives on which the paths of the manifest lie. Windows services only: they run without a logon, and so without the
# drives that a logon brings.

function Test-DriveCheck {
    <#
    .SYNOPSIS
    Whether each drive of the manifest's paths is there for services too.
    #>
    param([AllowNull()][object] $Context)
    if (Test-WindowsService -Context $Context) { Get-DriveFinding -Fact (Get-DriveFact -Context $Context) }
}

function Get-DriveFact {
    <#
    .SYNOPSIS
    The drives of a manifest with what lies on each, and what could be used instead.
    .OUTPUTS
    An object with Drives (Root, Type, Uses, Needed), Comfy (a ComfyUI found elsewhere, only looked for when its drive is
    absent) and Folder (a place for data and logs).
    #>
    param([object] $Context)
    $drives = @(
        foreach ($group in (Get-DriveUse -Context $Context | Group-Object -Property Root)) {
            [pscustomobject]@{
                Root   = $group.Name
                Type   = Get-DriveKind -Root $group.Name
                Uses   = @($group.Group.Use | Select-Object -Unique)
                Needed = $true -in $group.Group.Needed
            }
        }
    )
    $lost = @($drives | Where-Object { $_.Type -eq 'NoRootDirectory' -and 'comfyui' -in $_.Uses })
    [pscustomobject]@{
        Drives = $drives
        Comfy  = if ($lost) { Find-ComfyFolder -Root @(Get-ComfySearchRoot) | Select-Object -First 1 }
        Folder = [IO.Path]::Combine([Environment]::GetFolderPath('CommonApplicationData'), 'Orchestrator')
    }
}

function Get-DriveUse {
    <#
    .SYNOPSIS
    Each path of a manifest as its drive, what it is for, and whether an installation can do without it.
    #>
    param([object] $Context)
    $paths = @(
        , @($Context.Data, 'data', $true)
        , @($Context.Logs, 'logs', $true)
        foreach ($service in $Context.Services | Where-Object { $_.mode -ne 'external' }) {
            # One whose required file is missing is left out, not failed.
            $needed = -not (Get-MissingFile -Service $service)
            , @($service.logs.stdout, 'logs', $true)
            , @($service.logs.stderr, 'logs', $true)
            foreach ($path in @($service.cwd; $service.command.file; $service.requires)) { , @($path, $service.id, $needed) }
        }
    )
    foreach ($one in $paths) {
        $root = Get-DriveRoot -Path $one[0]
        if ($root) { [pscustomobject]@{ Root = $root; Use = $one[1]; Needed = $one[2] } }
    }
}

function Get-DriveRoot {
    <#
    .SYNOPSIS
    The drive of a Windows path (F:), or its share (\\server\share).
    #>
    param([AllowNull()][AllowEmptyString()][string] $Path)
    if ($Path -match '^([A-Za-z]:)') { return $Matches[1].ToUpperInvariant() }
    if ($Path -match '^(\\\\[^\\?.][^\\]*\\[^\\]+)') { return $Matches[1] }
}

function Get-DriveKind {
    <#
    .SYNOPSIS
    The kind of a drive as Windows names it; Share for a network path.
    #>
    param([Parameter(Mandatory)][string] $Root)
    if ($Root.StartsWith('\\')) { return 'Share' }
    [string] [IO.DriveInfo]::new($Root).DriveType
}

function Get-DriveFinding {
    <#
    .SYNOPSIS
    What the facts about drives mean.
    #>
    param([Parameter(Mandatory)][object] $Fact)
    foreach ($drive in $Fact.Drives) {
        $data = @{ drive = $drive.Root; uses = ($drive.Uses -join ', ') }
        switch ($drive.Type) {
            'NoRootDirectory' {
                $hint = @{ Lacking = $drive.Uses; Comfy = $Fact.Comfy; Folder = $Fact.Folder }
                $fix = Get-Phrase 'Drive.AbsentFix' @{ command = (Get-InstallHint @hint); drive = $drive.Root }
                $check = @{ Name = 'Drive'; Message = (Get-Phrase 'Drive.Absent' $data); Fix = $fix }
                if ($drive.Needed) { New-Check @check -Status fail -Code ORC2052 } else { New-Check @check -Status warn }
            }
            'Network' {
                New-Check -Name Drive -Status fail -Message (Get-Phrase 'Drive.Network' $data) -Fix (Get-Phrase 'Drive.NetworkFix') -Code ORC2052
            }
            'Share' {
                New-Check -Name Drive -Status warn -Message (Get-Phrase 'Drive.Share' $data) -Fix (Get-Phrase 'Drive.ShareFix')
            }
            'CDRom' {
                New-Check -Name Drive -Status fail -Message (Get-Phrase 'Drive.CDRom' $data) -Fix (Get-Phrase 'Drive.OtherFix') -Code ORC2052
            }
            'Removable' {
                New-Check -Name Drive -Status warn -Message (Get-Phrase 'Drive.Removable' $data) -Fix (Get-Phrase 'Drive.RemovableFix')
            }
            'Ram' {
                New-Check -Name Drive -Status warn -Message (Get-Phrase 'Drive.Ram' $data) -Fix (Get-Phrase 'Drive.OtherFix')
            }
            default { New-Check -Name Drive -Status pass -Message (Get-Phrase 'Drive.Fixed' $data) }
        }
    }
}
