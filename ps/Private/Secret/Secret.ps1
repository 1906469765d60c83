function Get-SecretName {
    <#
    .SYNOPSIS
    The names that .env.local may hold.
    #>
    [OutputType([string])]
    param([AllowEmptyString()][AllowNull()][string] $Manifest)
    $found = Import-OrchestratorManifestFile -Path (Resolve-OrchestratorManifestPath -Manifest $Manifest)
    @($found.secrets) + 'ALLOW_GENERATION' + 'SENTRY_DSN' | Select-Object -Unique
}

function Assert-SecretName {
    <#
    .SYNOPSIS
    Throws ORC2026 for a name that no program would read.
    #>
    param([Parameter(Mandatory)][string] $Name, [AllowEmptyString()][AllowNull()][string] $Manifest)
    $known = @(Get-SecretName -Manifest $Manifest)
    if ($Name -cin $known) { return }
    $nearest = Get-NearestText -Text $Name -Candidate $known
    throw (New-OrchestratorError -Code ORC2026 -Data @{ name = $Name; nearest = "$nearest" } -Target $Name)
}

function ConvertTo-SecretLine {
    <#
    .SYNOPSIS
    One NAME=value line that core/secrets.ts reads back as the same value.
    #>
    [OutputType([string])]
    param([Parameter(Mandatory)][string] $Name, [Parameter(Mandatory)][AllowEmptyString()][string] $Value)
    if ($Value -cmatch '^[A-Za-z0-9_.:/@+-]*$') { return "$Name=$Value" }
    $escaped = $Value.Replace('\', '\\').Replace('"', '\"').Replace("`n", '\n').Replace("`r", '\r').Replace("`t", '\t')
    "$Name=`"$escaped`""
}

function Set-SecretLine {
    <#
    .SYNOPSIS
    Puts a value into the file in place of the old one, or takes it out (Value null); all other lines stay.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)][string] $File,
        [Parameter(Mandatory)][string] $Name,
        [AllowNull()][object] $Value
    )
    $lines = [Collections.Generic.List[string]]::new()
    $text = [IO.File]::Exists($File) ? [IO.File]::ReadAllText($File) : ''
    if ($text) { $lines.AddRange([string[]] ($text.TrimEnd("`r", "`n") -split '\r?\n')) }
    # The old name would otherwise go on giving its value.
    $names = $Name -ceq 'SENTRY_DSN' ? '(NEXT_PUBLIC_)?SENTRY_DSN' : [regex]::Escape($Name)
    $pattern = '^\uFEFF?[ \t]*(export[ \t]+)?' + $names + '[ \t]*='
    $place = $lines.FindIndex({ param($line) $line -cmatch $pattern })
    $null = $lines.RemoveAll({ param($line) $line -cmatch $pattern })
    if ($null -ne $Value) {
        if ($place -lt 0) { $place = $lines.Count }
        $lines.Insert($place, (ConvertTo-SecretLine -Name $Name -Value $Value))
    }
    $end = $text.Contains("`r`n") ? "`r`n" : "`n"
    Write-PrivateFile -File $File -Text ($lines.Count -eq 0 ? '' : ($lines -join $end) + $end)
}

function Write-PrivateFile {
    <#
    .SYNOPSIS
    Writes a file that its owner alone may read, so that a reader sees the old or the new content whole.
    #>
    param([Parameter(Mandatory)][string] $File, [Parameter(Mandatory)][AllowEmptyString()][string] $Text)
    $folder = [IO.Path]::GetDirectoryName($File)
    $temporary = [IO.Path]::Combine($folder, ".env.local.$PID.tmp")
    try {
        # Closed to others before a secret is in it.
        [IO.File]::WriteAllText($temporary, '')
        Protect-File -File $temporary
        [IO.File]::WriteAllText($temporary, $Text)
        [IO.File]::Move($temporary, $File, $true)
    } catch [UnauthorizedAccessException], [IO.IOException] {
        [IO.File]::Delete($temporary)
        throw (New-OrchestratorError -Code ORC2009 -Data @{ path = $folder; detail = $_.Exception.Message } -Target $folder)
    }
}

function Protect-File {
    <#
    .SYNOPSIS
    Takes every right on a file from all but its owner and, on Windows, SYSTEM.
    #>
    param([Parameter(Mandatory)][string] $File)
    if (-not $IsWindows) {
        [IO.File]::SetUnixFileMode($File, [IO.UnixFileMode]::UserRead -bor [IO.UnixFileMode]::UserWrite)
        return
    }
    $rules = [Security.AccessControl.FileSecurity]::new()
    $rules.SetAccessRuleProtection($true, $false)
    $owner = [Security.Principal.WindowsIdentity]::GetCurrent().User
    $system = [Security.Principal.SecurityIdentifier]::new('S-1-5-18')
    foreach ($who in $owner, $system) {
        $rules.AddAccessRule([Security.AccessControl.FileSystemAccessRule]::new($who, 'FullControl', 'Allow'))
    }
    [IO.FileSystemAclExtensions]::SetAccessControl([IO.FileInfo]::new($File), $rules)
}

function Complete-SecretName {
    <#
    .SYNOPSIS
    Names that begin as typed, for tab completion.
    #>
    param($CommandName, $ParameterName, $WordToComplete, $CommandAst, $BoundParameters)
    try {
        @(Get-SecretName -Manifest $BoundParameters['Manifest']).Where({ $_ -like "$WordToComplete*" })
    } catch {
        # A broken manifest must not disturb typing.
        @()
    }
}
