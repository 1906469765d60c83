function Set-ComfyPath {
    <#
    .SYNOPSIS
    Makes the manifest run a person's own ComfyUI. Throws ORC2010 when none is there.
    .PARAMETER Path
    The folder with ComfyUI's main.py, or the portable folder that holds python_embeded and ComfyUI.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][object] $Manifest, [Parameter(Mandatory)][string] $Path)
    $found = Find-Comfy -Path $Path
    $comfy = Get-ComfyEntry -Manifest $Manifest
    $comfy.mode = 'managed'
    $comfy.scheme = 'http'
    $comfy.cwd = $found.Folder
    $comfy.requires = @($found.Python, $found.Main)
    $options = @('-u', '-X', 'utf8') + $found.Options
    $comfy.command = [pscustomobject]@{
        file = $found.Python
        args = $options + @('--disable-auto-launch', '--listen', $comfy.host, '--port', "$($comfy.port)")
    }
    Set-RealComfyName -Service $comfy
}

function Find-Comfy {
    <#
    .SYNOPSIS
    Finds Python and main.py of a ComfyUI.
    .OUTPUTS
    An object with Folder (to run in), Python, Main, and Options (Python's own and the script, before ComfyUI's options).
    #>
    param([Parameter(Mandatory)][string] $Path)
    # A path from the caller means the caller's folder, which is not the process's in PowerShell.
    $full = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
    if (-not [IO.Directory]::Exists($full)) {
        throw (New-ComfyPathError -Path $full -Detail (Get-Phrase 'Comfy.NoFolder'))
    }
    foreach ($root in $full, [IO.Path]::GetDirectoryName($full)) {
        $python = [IO.Path]::Combine($root, 'python_embeded', 'python.exe')
        $main = [IO.Path]::Combine($root, 'ComfyUI', 'main.py')
        $inside = $root -eq $full -or $full -eq [IO.Path]::Combine($root, 'ComfyUI')
        if ($inside -and [IO.File]::Exists($python) -and [IO.File]::Exists($main)) {
            $script = [IO.Path]::Combine('ComfyUI', 'main.py')
            return [pscustomobject]@{
                Folder = $root; Python = $python; Main = $main; Options = @('-s', $script, '--windows-standalone-build')
            }
        }
    }
    $main = [IO.Path]::Combine($full, 'main.py')
    if (-not [IO.File]::Exists($main)) { throw (New-ComfyPathError -Path $full -Detail (Get-Phrase 'Comfy.NoMain')) }
    $python = Find-Python -Folder $full
    if (-not $python) { throw (New-ComfyPathError -Path $full -Detail (Get-Phrase 'Comfy.NoPython')) }
    [pscustomobject]@{ Folder = $full; Python = $python; Main = $main; Options = @('main.py') }
}

function Find-Python {
    <#
    .SYNOPSIS
    The Python of a folder: its own virtual environment, else the one on PATH.
    #>
    param([string] $Folder)
    $parts = if ($IsWindows) { 'Scripts', 'python.exe' } else { 'bin', 'python' }
    foreach ($name in 'venv', '.venv') {
        $python = [IO.Path]::Combine($Folder, $name, $parts[0], $parts[1])
        if ([IO.File]::Exists($python)) { return $python }
    }
    if ($IsWindows) { Find-OnPath -Name 'python' } else { (Find-OnPath -Name 'python3') ?? (Find-OnPath -Name 'python') }
}

function New-ComfyPathError {
    <#
    .SYNOPSIS
    The error ORC2010 about a folder.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Path, [string] $Detail)
    New-OrchestratorError -Code ORC2010 -Data @{ path = $Path; detail = $Detail } -Target $Path
}
