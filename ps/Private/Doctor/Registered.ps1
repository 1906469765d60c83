# Services as the registry holds them. The dump of a key is data; everything else here judges dumps, so it can be tried
# on any system.

function Read-ServiceDump {
    <#
    .SYNOPSIS
    Everything that the registry holds of a service, value by value, unexpanded; null when there is no such service.
    .OUTPUTS
    An object with Name and Tree: path below the service's key ('' is the key itself) to a list of Name, Kind and Data.
    Bytes are base64, lists are arrays.
    #>
    param([Parameter(Mandatory)][string] $Name)
    $key = Open-ServiceKey -Name $Name
    if (-not $key) { return $null }
    $keys = [ordered]@{}
    try { Add-KeyDump -Key $key -Path '' -Into $keys } finally { $key.Dispose() }
    [pscustomobject]@{ Name = $Name; Tree = $keys }
}

function Add-KeyDump {
    <#
    .SYNOPSIS
    Adds the values of a key and of all keys below it.
    #>
    param([Microsoft.Win32.RegistryKey] $Key, [string] $Path, [Collections.IDictionary] $Into)
    $Into[$Path] = @(
        foreach ($name in $Key.GetValueNames() | Sort-Object) {
            $kind = [string] $Key.GetValueKind($name)
            $data = $Key.GetValue($name, $null, 'DoNotExpandEnvironmentNames')
            if ($data -is [byte[]]) { $data = [Convert]::ToBase64String($data) }
            [pscustomobject]@{ Name = $name; Kind = $kind; Data = $data }
        }
    )
    foreach ($name in $Key.GetSubKeyNames() | Sort-Object) {
        # Who may do what with the service. Only the system may read it, and nothing here changes it.
        if (-not $Path -and $name -eq 'Security') { continue }
        $below = try { $Key.OpenSubKey($name) } catch { $null }
        if (-not $below) { continue }
        try { Add-KeyDump -Key $below -Path ($Path ? "$Path\$name" : $name) -Into $Into } finally { $below.Dispose() }
    }
}

function Get-DumpValue {
    <#
    .SYNOPSIS
    One value of a dump; null when it is not there.
    #>
    param([AllowNull()][object] $Dump, [AllowEmptyString()][string] $Key, [AllowEmptyString()][string] $Name)
    foreach ($value in $Dump.Tree[$Key]) {
        if ($value.Name -eq $Name) { return $value.Data }
    }
}

function ConvertTo-ServiceFact {
    <#
    .SYNOPSIS
    What a dump says about a service, in plain words.
    .OUTPUTS
    An object with Name, Wrapper (path of nssm.exe; null when NSSM does not run it), Program, Arguments (one text),
    Folder, Environment (NAME=value, ...), Ours (Orchestrator's mark is in it), Deleted (marked for deletion), Batch (the
    batch file it runs, else null) and Npm (it runs through npm, npx, pnpm or yarn).
    #>
    param([Parameter(Mandatory)][object] $Dump, [Collections.IDictionary] $Variable = [Environment]::GetEnvironmentVariables())
    $image = "$(Get-DumpValue -Dump $Dump -Key '' -Name ImagePath)"
    $command = @(ConvertFrom-ImagePath -Text $image)
    $expand = { param($text) Expand-WindowsVariable -Text "$text" -Variable $Variable }
    $environment = @(Get-DumpValue -Dump $Dump -Key Parameters -Name AppEnvironmentExtra | Where-Object { $_ } | ForEach-Object { & $expand $_ })
    $program = & $expand (Get-DumpValue -Dump $Dump -Key Parameters -Name Application)
    $arguments = & $expand (Get-DumpValue -Dump $Dump -Key Parameters -Name AppParameters)
    $folder = & $expand (Get-DumpValue -Dump $Dump -Key Parameters -Name AppDirectory)
    # cmd /c "cd /d FOLDER && ..." changes the folder by itself.
    if ($arguments -match '(?:^|[\s"&])cd\s+/d\s+"?([^"&]+?)"?\s*&') { $folder = $Matches[1] }
    if (-not $folder) { $folder = Get-WindowsParent $program }
    $words = @($program; (ConvertFrom-CommandLine $arguments))
    # cmd takes all that follows as one command, whose quotes are its own.
    if ($arguments -match '^\s*/[ck]\s+"(.*)"\s*$') { $words = @($program; '/c'; (ConvertFrom-CommandLine $Matches[1])) }
    [pscustomobject]@{
        Name        = $Dump.Name
        Wrapper     = if ((Get-WindowsLeaf $command[0]) -match '^nssm\w*\.exe$') { $command[0] }
        Program     = $program
        Arguments   = $arguments
        Folder      = $folder
        Environment = $environment
        Ours        = @($environment -match '^ORCHESTRATOR_SERVICE_ID=').Count -gt 0
        Deleted     = (Get-DumpValue -Dump $Dump -Key '' -Name DeleteFlag) -eq 1
        Batch       = $words | Where-Object { $_ -match '\.(bat|cmd)["'']?$' -and (Get-WindowsLeaf $_) -notmatch '^(npm|npx|pnpm|yarn)\.cmd$' } | Select-Object -First 1
        Npm         = @($words | Where-Object { (Get-WindowsLeaf $_) -match '^(npm|npx|pnpm|yarn)(\.cmd)?$' }).Count -gt 0
    }
}

function Expand-WindowsVariable {
    <#
    .SYNOPSIS
    A text with %NAME% filled in, as NSSM fills it in at a start; an unknown one stays as it is.
    #>
    param([AllowEmptyString()][string] $Text, [Parameter(Mandatory)][Collections.IDictionary] $Variable)
    [regex]::Replace($Text, '%([^%=]+)%', {
            param($match)
            foreach ($name in $Variable.Keys) {
                if ($name -eq $match.Groups[1].Value) { return [string] $Variable[$name] }
            }
            $match.Value
        })
}

function Get-RegisteredService {
    <#
    .SYNOPSIS
    The facts of all services that NSSM runs, and of those with given names whatever runs them, with what is true of them
    now: State, WrapperThere, BatchThere.
    #>
    param([AllowEmptyCollection()][string[]] $Name = @())
    $services = Open-ServiceKey
    try {
        foreach ($one in $services.GetSubKeyNames()) {
            $key = try { $services.OpenSubKey($one) } catch { $null }
            if (-not $key) { continue }
            $image = "$($key.GetValue('ImagePath', '', 'DoNotExpandEnvironmentNames'))"
            $key.Dispose()
            if ($image -notmatch 'nssm\w*\.exe' -and $one -notin $Name) { continue }
            Add-PresentFact -Fact (ConvertTo-ServiceFact -Dump (Read-ServiceDump -Name $one))
        }
    } finally {
        $services.Dispose()
    }
}

function Add-PresentFact {
    <#
    .SYNOPSIS
    Adds what only the running system knows to the facts of a service.
    #>
    param([Parameter(Mandatory)][object] $Fact)
    $wrapper = if ($Fact.Wrapper) { [Environment]::ExpandEnvironmentVariables($Fact.Wrapper) }
    $batch = if ($Fact.Batch) {
        Join-WindowsPath -Folder $Fact.Folder -Path $Fact.Batch.Trim('"', "'")
    }
    $service = Get-Service -Name $Fact.Name -ErrorAction Ignore
    Add-Member -InputObject $Fact -NotePropertyMembers @{
        State        = "$($service.Status)"
        WrapperThere = -not $wrapper -or [IO.File]::Exists($wrapper)
        BatchThere   = -not $batch -or [IO.File]::Exists($batch)
        BatchPath    = $batch
    }
    $Fact
}
