# Which nssm.exe works for us. It is never run to be asked: a wrong word can open a window that nobody sees or closes.

$script:NssmPath = $null
$script:NssmFound = @{}

function Get-NssmData {
    <#
    .SYNOPSIS
    What is known of nssm.exe files: data/nssm.psd1.
    #>
    $path = [IO.Path]::Combine($script:ModuleRoot, 'data', 'nssm.psd1')
    Import-PowerShellDataFile -LiteralPath $path
}

function Set-NssmPath {
    <#
    .SYNOPSIS
    Makes this session use one nssm.exe: the one that a person gave.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([AllowNull()][AllowEmptyString()][string] $Path)
    $full = if ($Path) { $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path) }
    $script:NssmPath = if ($full -and [IO.Directory]::Exists($full)) { [IO.Path]::Combine($full, 'nssm.exe') } else { $full }
}

function Find-Nssm {
    <#
    .SYNOPSIS
    Finds the nssm.exe to install services with.
    .DESCRIPTION
    The one that was given, else of the usual places the first whose hash is known, else the first that is there. The
    usual places: ORCHESTRATOR_NSSM, the project's own below .runtime, Program Files, Chocolatey's tools, PATH.
    .PARAMETER Path
    The file, or the folder that holds it.
    .OUTPUTS
    An object with Path (null when there is none), Sha256, Build (null when unknown), Known and Detail (a sentence).
    #>
    param([AllowNull()][AllowEmptyString()][string] $Path)
    if ($Path) { Set-NssmPath -Path $Path }
    if ($script:NssmPath) { return Get-NssmBinary -Path $script:NssmPath }
    $found = @(foreach ($candidate in (Get-NssmCandidate)) { Get-NssmBinary -Path $candidate })
    $known = $found | Where-Object Known | Select-Object -First 1
    if ($known) { return $known }
    if ($found) { return $found[0] }
    [pscustomobject]@{ Path = $null; Sha256 = $null; Build = $null; Known = $false; Detail = Get-Phrase 'Nssm.None' }
}

function Get-NssmCandidate {
    <#
    .SYNOPSIS
    The nssm.exe files in the usual places, the best first.
    #>
    $bits = [Environment]::Is64BitOperatingSystem ? 'win64' : 'win32'
    $own = [IO.Path]::Combine($script:ProjectRoot, '.runtime', 'nssm', 'nssm.exe')
    $paths = @($env:ORCHESTRATOR_NSSM; $own)
    foreach ($base in $env:ProgramFiles, ${env:ProgramFiles(x86)}) {
        if (-not $base) { continue }
        foreach ($folder in [IO.Directory]::GetDirectories($base, 'nssm*')) {
            $paths += [IO.Path]::Combine($folder, $bits, 'nssm.exe'), [IO.Path]::Combine($folder, 'nssm.exe')
        }
    }
    if ($env:ProgramData) {
        # Chocolatey's bin holds a launcher that it may replace at any time; the program itself lies in tools.
        $tools = [IO.Path]::Combine($env:ProgramData, 'chocolatey', 'lib', 'NSSM', 'tools')
        if ([IO.Directory]::Exists($tools)) { $paths += [IO.Directory]::GetFiles($tools, 'nssm.exe', 'AllDirectories') }
    }
    $paths += 'C:\nssm\nssm.exe', "C:\nssm\$bits\nssm.exe"
    $paths += (Get-Command -Name 'nssm.exe' -CommandType Application -All -ErrorAction Ignore).Source |
        Where-Object { $_ -and $_ -notmatch '\\chocolatey\\bin\\' }
    $paths | Where-Object { $_ -and [IO.File]::Exists($_) } | Select-Object -Unique
}

function Get-NssmBinary {
    <#
    .SYNOPSIS
    Judges one nssm.exe by its hash.
    #>
    param([Parameter(Mandatory)][string] $Path)
    if (-not [IO.File]::Exists($Path)) {
        $detail = Get-Phrase 'Nssm.NoFile' @{ path = $Path }
        return [pscustomobject]@{ Path = $null; Sha256 = $null; Build = $null; Known = $false; Detail = $detail }
    }
    $stamp = "$Path $([IO.File]::GetLastWriteTimeUtc($Path).Ticks)"
    if ($script:NssmFound.ContainsKey($stamp)) { return $script:NssmFound[$stamp] }
    $hash = (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash.ToLowerInvariant()
    $entry = (Get-NssmData).Binaries | Where-Object { $_.Sha256 -eq $hash } | Select-Object -First 1
    $script:NssmFound[$stamp] = [pscustomobject]@{
        Path   = $Path
        Sha256 = $hash
        Build  = if ($entry) { $entry.Build }
        Known  = $null -ne $entry
        Detail = if ($entry) { Get-Phrase 'Nssm.Known' @{ build = $entry.Build; path = $Path } } else {
            Get-Phrase 'Nssm.Unknown' @{ path = $Path; hash = $hash }
        }
    }
    $script:NssmFound[$stamp]
}

function Get-UsableNssm {
    <#
    .SYNOPSIS
    The nssm.exe to install with, or the error ORC2028.
    #>
    $found = Find-Nssm
    if (-not $found.Path) { throw (New-OrchestratorError -Code ORC2028 -Data @{ detail = $found.Detail }) }
    $found
}

function Test-NssmFeature {
    <#
    .SYNOPSIS
    Says whether a build has a parameter. Of an unknown build nothing is assumed: it counts as having only what all have.
    #>
    param([AllowNull()][string] $Build, [Parameter(Mandatory)][string] $Parameter)
    $data = Get-NssmData
    $lacking = if (-not $Build) { $data.Lacks.Values | ForEach-Object { $_ } } else { $data.Lacks[$Build] }
    $Parameter -notin $lacking
}

function Invoke-Nssm {
    <#
    .SYNOPSIS
    Runs nssm.exe with each argument as it is. Its text is never read: it is UTF-16 or UTF-8 by build, and translated.
    .PARAMETER Target
    The id of the service that it is about.
    #>
    param(
        [Parameter(Mandatory)][string] $Path,
        [Parameter(Mandatory)][string[]] $Arguments,
        [Parameter(Mandatory)][string] $Target,
        [int] $TimeoutMs = 30000
    )
    # The values stay out of the words: an environment may hold what is nobody's business.
    $shown = @($Arguments | Select-Object -First 3) -join ' '
    try {
        $run = Invoke-Program -File $Path -Arguments $Arguments -TimeoutMs $TimeoutMs
    } catch {
        $data = @{ command = $shown; detail = $_.Exception.GetBaseException().Message }
        throw (New-OrchestratorError -Code ORC2029 -Data $data -Target $Target)
    }
    if ($run.ExitCode -ne 0) {
        $data = @{ command = $shown; detail = Get-Phrase 'Nssm.Exit' @{ code = $run.ExitCode } }
        throw (New-OrchestratorError -Code ORC2029 -Data $data -Target $Target)
    }
}
