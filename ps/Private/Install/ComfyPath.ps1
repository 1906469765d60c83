function Set-ComfyPath {
    <#
    .SYNOPSIS
    Makes the manifest run a person's own ComfyUI, with the flags that its batch file has. Throws ORC2010 when none is
    there.
    .PARAMETER Path
    What leads to it: the folder with main.py, the portable folder with python_embeded, the folder above either, main.py
    itself, or the batch file that starts it.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][object] $Manifest, [Parameter(Mandatory)][string] $Path)
    $found = Find-Comfy -Path $Path
    $comfy = Get-ComfyEntry -Manifest $Manifest
    $comfy.mode = 'managed'
    $comfy.scheme = 'http'
    $comfy.requires = @($found.Python, $found.Main)
    Set-ComfyCommand -Service $comfy -Launch $found
    Set-RealComfyName -Service $comfy
}

function Find-Comfy {
    <#
    .SYNOPSIS
    Finds Python, main.py and the chosen flags of a ComfyUI.
    .OUTPUTS
    An object with Folder (to run in), Python, PythonOptions, Script (as Python gets it), Main (its full path), Flags and
    Environment.
    #>
    param([Parameter(Mandatory)][string] $Path)
    # A path from the caller means the caller's folder, which is not the process's in PowerShell.
    $full = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path).TrimEnd('\', '/')
    if ([IO.File]::Exists($full)) {
        if ($full -match '\.(bat|cmd)$') { return Read-ComfyBatch -Path $full }
        # main.py, or python.exe in python_embeded: what counts is where it lies.
        $full = [IO.Path]::GetDirectoryName($full)
    }
    if (-not [IO.Directory]::Exists($full)) {
        throw (New-ComfyPathError -Path $full -Detail (Get-Phrase 'Comfy.NoFolder'))
    }
    $portable = Find-PortableFolder -Path $full
    if ($portable) { return Get-PortableComfy -Folder $portable }
    foreach ($folder in $full, [IO.Path]::Combine($full, 'ComfyUI')) {
        $main = [IO.Path]::Combine($folder, 'main.py')
        if (-not [IO.File]::Exists($main)) { continue }
        $python = Find-Python -Folder $folder
        if (-not $python) { throw (New-ComfyPathError -Path $folder -Detail (Get-Phrase 'Comfy.NoPython')) }
        return [pscustomobject]@{
            Folder = $folder; Python = $python; PythonOptions = @(); Script = 'main.py'; Main = $main
            Flags = @(); Environment = [ordered]@{}
        }
    }
    throw (New-ComfyPathError -Path $full -Detail (Get-Phrase 'Comfy.NoMain'))
}

function Test-PortableFolder {
    <#
    .SYNOPSIS
    Says whether a folder is that of a portable ComfyUI.
    #>
    param([Parameter(Mandatory)][string] $Path)
    [IO.File]::Exists([IO.Path]::Combine($Path, 'python_embeded', 'python.exe')) -and
    [IO.File]::Exists([IO.Path]::Combine($Path, 'ComfyUI', 'main.py'))
}

function Find-PortableFolder {
    <#
    .SYNOPSIS
    The folder of the portable ComfyUI that a path leads to: the folder itself, the one that it lies in as ComfyUI or
    python_embeded, or one that lies in it. Null when there is none.
    #>
    param([Parameter(Mandatory)][string] $Path)
    if (Test-PortableFolder -Path $Path) { return $Path }
    $parent = [IO.Path]::GetDirectoryName($Path)
    if ($parent -and [IO.Path]::GetFileName($Path) -in 'ComfyUI', 'python_embeded' -and (Test-PortableFolder -Path $parent)) {
        return $parent
    }
    # The archive unpacks into a folder of its own name, which often lies in another of that name.
    $below = @(try { [IO.Directory]::GetDirectories($Path) } catch { Write-Debug "not readable: $Path" })
    foreach ($folder in @($below -match 'ComfyUI'; $below -notmatch 'ComfyUI')) {
        if (Test-PortableFolder -Path $folder) { return $folder }
    }
}

function Get-PortableComfy {
    <#
    .SYNOPSIS
    A portable ComfyUI as run_nvidia_gpu.bat starts it, where that is there; else as it is delivered.
    #>
    param([Parameter(Mandatory)][string] $Folder)
    $main = [IO.Path]::Combine($Folder, 'ComfyUI', 'main.py')
    $comfy = [pscustomobject]@{
        Folder = $Folder; Python = [IO.Path]::Combine($Folder, 'python_embeded', 'python.exe'); PythonOptions = @('-s')
        Script = [IO.Path]::Combine('ComfyUI', 'main.py'); Main = $main
        Flags = @('--windows-standalone-build'); Environment = [ordered]@{}
    }
    $batch = [IO.Path]::Combine($Folder, 'run_nvidia_gpu.bat')
    if (-not [IO.File]::Exists($batch)) { return $comfy }
    $launch = try { Read-BatchFile -Path $batch } catch { $null }
    if (-not $launch) { return $comfy }
    $comfy.Flags = $launch.Flags
    $comfy.Environment = $launch.Environment
    $comfy
}

function Read-ComfyBatch {
    <#
    .SYNOPSIS
    The ComfyUI that a batch file starts. Throws ORC2010 when it starts none that is there.
    #>
    param([Parameter(Mandatory)][string] $Path)
    $launch = Read-BatchFile -Path $Path
    if (-not $launch) { throw (New-ComfyPathError -Path $Path -Detail (Get-Phrase 'Comfy.BadBatch')) }
    if (-not $IsWindows) { $launch.Python = $launch.Python.Replace('\', '/'); $launch.Script = $launch.Script.Replace('\', '/') }
    $python = if ($launch.Python -match '[\\/]') { $launch.Python } else { Find-Python -Folder $launch.Folder }
    if (-not $python -or -not [IO.File]::Exists($python)) {
        throw (New-ComfyPathError -Path $Path -Detail (Get-Phrase 'Comfy.BatchNoFile' @{ file = $launch.Python }))
    }
    if (-not [IO.File]::Exists($launch.Script)) {
        throw (New-ComfyPathError -Path $Path -Detail (Get-Phrase 'Comfy.BatchNoFile' @{ file = $launch.Script }))
    }
    $launch.Python = $python
    Add-Member -InputObject $launch -NotePropertyName Main -NotePropertyValue $launch.Script
    $launch
}

function Find-Python {
    <#
    .SYNOPSIS
    The Python of a folder: its own virtual environment, one beside the folder, else the one on PATH.
    #>
    param([string] $Folder)
    $parts = if ($IsWindows) { 'Scripts', 'python.exe' } else { 'bin', 'python' }
    foreach ($root in $Folder, [IO.Path]::GetDirectoryName($Folder)) {
        if (-not $root) { continue }
        foreach ($name in 'venv', '.venv') {
            $python = [IO.Path]::Combine($root, $name, $parts[0], $parts[1])
            if ([IO.File]::Exists($python)) { return $python }
        }
    }
    if ($IsWindows) { Find-OnPath -Name 'python' } else { (Find-OnPath -Name 'python3') ?? (Find-OnPath -Name 'python') }
}

function New-ComfyPathError {
    <#
    .SYNOPSIS
    The error ORC2010 about a path.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Path, [string] $Detail)
    New-OrchestratorError -Code ORC2010 -Data @{ path = $Path; detail = $Detail } -Target $Path
}
