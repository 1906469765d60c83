# The module in a folder of PSModulePath, so that every new session has the cmdlets: a link to ps/, which an update never
# makes stale. Where links cannot be made, a folder with one manifest that names the files of ps/.

function Get-ModulePlace {
    <#
    .SYNOPSIS
    Where the module is put for new sessions: for all users on Windows, for this one elsewhere.
    #>
    $base = if ($IsWindows) {
        [IO.Path]::Combine($env:ProgramFiles, 'PowerShell', 'Modules')
    } else {
        [IO.Path]::Combine([Environment]::GetFolderPath('LocalApplicationData', 'DoNotVerify'), 'powershell', 'Modules')
    }
    [IO.Path]::Combine($base, 'Orchestrator')
}

function Read-ModulePlace {
    <#
    .SYNOPSIS
    What is there now.
    .OUTPUTS
    An object with Kind (none, link, forward, foreign) and Target: the ps folder that it leads to.
    #>
    param([Parameter(Mandatory)][string] $Path)
    $place = [pscustomobject]@{ Kind = 'none'; Target = $null }
    $folder = [IO.DirectoryInfo]::new($Path)
    if ($folder.LinkTarget) {
        $place.Target = [IO.Path]::TrimEndingDirectorySeparator([IO.Path]::GetFullPath($folder.LinkTarget, $folder.Parent.FullName))
        # A link to something else that is there belongs to somebody else.
        $ours = [IO.File]::Exists([IO.Path]::Combine($place.Target, 'Orchestrator.psm1'))
        $place.Kind = if ($ours -or -not [IO.Path]::Exists($place.Target)) { 'link' } else { 'foreign' }
    } elseif ([IO.Path]::Exists($Path)) {
        $place.Target = Read-ForwardTarget -Path $Path
        $place.Kind = if ($place.Target) { 'forward' } else { 'foreign' }
    }
    $place
}

function Read-ForwardTarget {
    <#
    .SYNOPSIS
    The ps folder that a folder with nothing but our forwarding manifest leads to; nothing for any other folder.
    #>
    param([string] $Path)
    if (-not [IO.Directory]::Exists($Path)) { return }
    $files = @([IO.Directory]::EnumerateFileSystemEntries($Path))
    if ($files.Count -ne 1 -or [IO.Path]::GetFileName($files[0]) -ne 'Orchestrator.psd1') { return }
    try {
        (Import-PowerShellDataFile -LiteralPath $files[0]).PrivateData.ForwardsTo
    } catch {
        Write-Debug "not a manifest: $($files[0])"
    }
}

function New-ForwardText {
    <#
    .SYNOPSIS
    A manifest that makes the module of another folder known: its functions by name, so that a call loads it.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][string] $Target)
    $own = Import-PowerShellDataFile -LiteralPath ([IO.Path]::Combine($Target, 'Orchestrator.psd1'))
    $quoted = { param($text) "'" + $text.Replace("'", "''") + "'" }
    $formats = foreach ($file in $own.FormatsToProcess) { & $quoted ([IO.Path]::Combine($Target, $file)) }
    $names = foreach ($name in $own.FunctionsToExport) { & $quoted $name }
    @(
        '# Install-Orchestrator wrote this and Uninstall-Orchestrator removes it. The module itself lies elsewhere.'
        '@{'
        "    RootModule        = $(& $quoted ([IO.Path]::Combine($Target, 'Orchestrator.psm1')))"
        "    ModuleVersion     = $(& $quoted $own.ModuleVersion)"
        "    GUID              = $(& $quoted $own.GUID)"
        "    Author            = $(& $quoted $own.Author)"
        "    Description       = $(& $quoted $own.Description)"
        "    PowerShellVersion = $(& $quoted $own.PowerShellVersion)"
        "    FormatsToProcess  = @($($formats -join ', '))"
        "    FunctionsToExport = @($($names -join ', '))"
        '    CmdletsToExport   = @()'
        '    VariablesToExport = @()'
        '    AliasesToExport   = @()'
        "    PrivateData       = @{ ForwardsTo = $(& $quoted $Target) }"
        '}'
        ''
    ) -join "`n"
}

function Assert-ModulePlace {
    <#
    .SYNOPSIS
    Throws ORC2081 when something that is not ours has the place, or ORC2009 when it cannot be written.
    #>
    $path = Get-ModulePlace
    if ((Read-ModulePlace -Path $path).Kind -eq 'foreign') {
        throw (New-OrchestratorError -Code ORC2081 -Data @{ path = $path } -Target $path)
    }
    $folder = [IO.Path]::GetDirectoryName($path)
    $fault = Get-FolderFault -Path $folder
    if ($fault) { throw (New-OrchestratorError -Code ORC2009 -Data @{ path = $folder; detail = $fault } -Target $folder) }
}

function Compare-ModulePlace {
    <#
    .SYNOPSIS
    The change that makes the place lead to this module; nothing when it does already.
    #>
    $path = Get-ModulePlace
    $now = Read-ModulePlace -Path $path
    $same = $now.Target -and (Test-SamePath $now.Target $script:ModuleRoot)
    if ($same -and $now.Kind -eq 'forward') {
        $file = [IO.Path]::Combine($path, 'Orchestrator.psd1')
        $same = (Read-SharedText -Path $file) -ceq (New-ForwardText -Target $script:ModuleRoot)
    }
    if ($same) { return }
    $action = if ($now.Kind -eq 'none') { 'create' } else { 'change' }
    $to = "$path -> $script:ModuleRoot"
    New-InstallChange -Target 'orchestrator' -Property 'module' -From $now.Target -To $to -Action $action
}

function Test-SamePath {
    <#
    .SYNOPSIS
    Says whether two absolute paths are the same one to this system.
    #>
    param([string] $One, [string] $Other)
    $kind = if ($IsWindows) { [StringComparison]::OrdinalIgnoreCase } else { [StringComparison]::Ordinal }
    [string]::Equals($One, $Other, $kind)
}

function Set-ModulePlace {
    <#
    .SYNOPSIS
    Makes the place lead to this module.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param()
    Assert-ModulePlace
    if (-not (Compare-ModulePlace)) { return }
    $path = Get-ModulePlace
    Remove-ModulePlace -Path $path
    [void] [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))
    try {
        # Unlike a symbolic link, a junction needs no right of its own on Windows.
        $kind = if ($IsWindows) { 'Junction' } else { 'SymbolicLink' }
        [void] (New-Item -ItemType $kind -Path $path -Target $script:ModuleRoot -ErrorAction Stop)
    } catch {
        Write-Verbose (Get-Phrase 'Module.NoLink' @{ detail = $_.Exception.GetBaseException().Message })
    }
    if ([IO.File]::Exists([IO.Path]::Combine($path, 'Orchestrator.psd1'))) { return }
    Write-StateFile -Path ([IO.Path]::Combine($path, 'Orchestrator.psd1')) -Text (New-ForwardText -Target $script:ModuleRoot)
}

function Remove-ModulePlace {
    <#
    .SYNOPSIS
    Removes a link or a forwarding manifest of ours; never what a link leads to, never anything else.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][string] $Path)
    switch ((Read-ModulePlace -Path $Path).Kind) {
        'link' {
            # Off Windows a link that leads nowhere is no folder.
            if ($IsWindows -or [IO.Directory]::Exists($Path)) { [IO.Directory]::Delete($Path, $false) } else { [IO.File]::Delete($Path) }
        }
        'forward' {
            [IO.File]::Delete([IO.Path]::Combine($Path, 'Orchestrator.psd1'))
            [IO.Directory]::Delete($Path, $false)
        }
    }
}

function Remove-OwnModulePlace {
    <#
    .SYNOPSIS
    Removes the place when it leads to this module, and says so. One that leads to another installation stays.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param()
    $path = Get-ModulePlace
    $now = Read-ModulePlace -Path $path
    if ($now.Kind -notin 'link', 'forward' -or -not (Test-SamePath $now.Target $script:ModuleRoot)) { return }
    Remove-ModulePlace -Path $path
    New-InstallChange -Target 'orchestrator' -Property 'module' -From $path -Action remove
}
