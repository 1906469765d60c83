# The command that a person would run next, written out so that it can be copied.

function Find-ComfyFolder {
    <#
    .SYNOPSIS
    Portable ComfyUI folders at the obvious places below some roots.
    .PARAMETER Root
    Folders to look in: the roots of fixed drives and a person's own folders.
    #>
    param([AllowEmptyCollection()][string[]] $Root)
    foreach ($one in $Root) {
        foreach ($name in 'ComfyUI_windows_portable', 'ComfyUI', 'AI\ComfyUI_windows_portable', 'AI\ComfyUI', 'ComfyUI_windows_portable\ComfyUI_windows_portable') {
            $folder = [IO.Path]::Combine($one, $name.Replace('\', [IO.Path]::DirectorySeparatorChar))
            $python = [IO.Path]::Combine($folder, 'python_embeded', 'python.exe')
            if ([IO.File]::Exists($python) -and [IO.File]::Exists([IO.Path]::Combine($folder, 'ComfyUI', 'main.py'))) { $folder }
        }
    }
}

function Get-ComfySearchRoot {
    <#
    .SYNOPSIS
    Where Find-ComfyFolder looks on this machine: fixed drives, which services see too, and the person's own folders.
    #>
    foreach ($drive in [IO.DriveInfo]::GetDrives()) {
        if ($drive.DriveType -eq 'Fixed' -and $drive.IsReady) { $drive.RootDirectory.FullName }
    }
    if (-not $IsWindows) { return }
    foreach ($folder in '', 'Desktop', 'Documents', 'Downloads') {
        $path = [IO.Path]::Combine([Environment]::GetFolderPath('UserProfile'), $folder)
        if ([IO.Directory]::Exists($path)) { $path }
    }
}

function Get-InstallHint {
    <#
    .SYNOPSIS
    The Install-Orchestrator command for a machine that lacks a path of the manifest.
    .PARAMETER Lacking
    Which paths are of no use here: data, logs, comfyui.
    .PARAMETER Comfy
    A ComfyUI folder that was found; without one the command names a place to fill in.
    .PARAMETER Folder
    A folder on a fixed drive for data and logs.
    #>
    param([string[]] $Lacking, [AllowNull()][AllowEmptyString()][string] $Comfy, [string] $Folder)
    $words = @('Install-Orchestrator')
    if ('data' -in $Lacking) { $words += "-DataPath '$Folder'" }
    if ('logs' -in $Lacking) { $words += "-LogPath '$Folder\Logs'" }
    if ('comfyui' -in $Lacking) {
        $place = if ($Comfy) { $Comfy } else { Get-Phrase 'Hint.ComfyPlace' }
        $words += "-ComfyUIPath '$($place.Replace("'", "''"))'"
    }
    $words -join ' '
}

function Test-WindowsService {
    <#
    .SYNOPSIS
    Says whether a context's services are Windows services on this machine; the checks of those have nothing to say
    elsewhere.
    #>
    param([AllowNull()][object] $Context)
    $IsWindows -and $Context -and $Context.Backend -eq 'Nssm'
}

function Test-Release {
    <#
    .SYNOPSIS
    Says whether the project is a release, which has no sources to build from.
    #>
    param([Parameter(Mandatory)][string] $Root)
    -not [IO.File]::Exists([IO.Path]::Combine($Root, 'tools', 'build.ts'))
}
