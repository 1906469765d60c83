# The state of a service before it was taken over: one file for each, below <data>/adopted. The way back.

function Get-AdoptedPath {
    <#
    .SYNOPSIS
    Where the record of a service lies; without a name, the folder of all.
    #>
    param([Parameter(Mandatory)][string] $Data, [AllowEmptyString()][string] $Name)
    $folder = [IO.Path]::Combine($Data, 'adopted')
    if ($Name) { [IO.Path]::Combine($folder, "$Name.json") } else { $folder }
}

function Write-AdoptedRecord {
    <#
    .SYNOPSIS
    Keeps the state of a service. One that is there already is older, and so the one to go back to.
    #>
    param([Parameter(Mandatory)][string] $Data, [Parameter(Mandatory)][object] $Dump, [Parameter(Mandatory)][string] $Id, [string] $Manifest)
    $path = Get-AdoptedPath -Data $Data -Name $Dump.Name
    if ([IO.File]::Exists($path)) { return }
    $record = [ordered]@{
        version = 1; service = $Dump.Name; id = $Id; adoptedAt = ConvertTo-StateTime; manifest = $Manifest; tree = $Dump.Tree
    }
    Write-StateFile -Path $path -Text ((ConvertTo-Json -InputObject $record -Depth 12) + "`n")
    # An environment may hold keys.
    Protect-File -File $path
}

function Save-HandMadeState {
    <#
    .SYNOPSIS
    Keeps the state of services that were made by hand and that an installation is about to set anew.
    .PARAMETER Known
    Names of services that are installed already: these are no longer made by hand, whatever somebody edited in them.
    #>
    param([Parameter(Mandatory)][object] $Context, [AllowNull()][string[]] $Known)
    foreach ($service in $Context.Services | Where-Object { $_.mode -ne 'external' -and $_.serviceName -notin $Known }) {
        $dump = Read-ServiceDump -Name $service.serviceName
        if (-not $dump) { continue }
        $fact = ConvertTo-ServiceFact -Dump $dump
        if ($fact.Wrapper -and -not $fact.Ours) { Write-AdoptedRecord -Data $Context.Data -Dump $dump -Id $service.id }
    }
}

function Read-AdoptedRecord {
    <#
    .SYNOPSIS
    The records below a data folder, of all services or of some. Throws ORC2056 for one that cannot be read.
    .OUTPUTS
    Objects with Name, Id, Manifest, Path and Tree.
    #>
    param([Parameter(Mandatory)][string] $Data, [AllowNull()][string[]] $Name)
    $folder = Get-AdoptedPath -Data $Data
    if (-not [IO.Directory]::Exists($folder)) { return }
    foreach ($path in [IO.Directory]::GetFiles($folder, '*.json') | Sort-Object) {
        $service = [IO.Path]::GetFileNameWithoutExtension($path)
        if ($Name -and -not ($Name | Where-Object { $service -like $_ })) { continue }
        $record = try { ConvertFrom-Json -InputObject (Read-SharedText -Path $path) -AsHashtable -DateKind String -Depth 12 } catch { $null }
        if ($record -isnot [Collections.IDictionary] -or $record['version'] -ne 1 -or $record['tree'] -isnot [Collections.IDictionary]) {
            $words = @{ name = $service; detail = Get-Phrase 'Adopt.BadRecord' @{ path = $path } }
            throw (New-OrchestratorError -Code ORC2056 -Data $words -Target $service)
        }
        [pscustomobject]@{
            Name = $record['service']; Id = $record['id']; Manifest = $record['manifest']; Path = $path; Tree = $record['tree']
        }
    }
}

function Compare-ServiceDump {
    <#
    .SYNOPSIS
    What must be written to make a service's keys be as a record has them.
    .OUTPUTS
    Objects with Key, Name, Kind and Data; Kind is null where a value must go, Name is null where a whole key must go.
    #>
    param([Parameter(Mandatory)][Collections.IDictionary] $From, [Parameter(Mandatory)][Collections.IDictionary] $To)
    foreach ($key in $To.Keys) {
        $has = @{}
        foreach ($value in $From[$key]) { $has[$value.Name] = $value }
        $wanted = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
        foreach ($value in $To[$key]) {
            [void] $wanted.Add($value.Name)
            $now = $has[$value.Name]
            if ($now -and $now.Kind -eq $value.Kind -and (Format-DumpData $now.Data) -ceq (Format-DumpData $value.Data)) { continue }
            [pscustomobject]@{ Key = $key; Name = $value.Name; Kind = $value.Kind; Data = $value.Data }
        }
        foreach ($name in $has.Keys) {
            if (-not $wanted.Contains($name)) { [pscustomobject]@{ Key = $key; Name = $name; Kind = $null; Data = $null } }
        }
    }
    foreach ($key in $From.Keys) {
        if (-not $To.Contains($key)) { [pscustomobject]@{ Key = $key; Name = $null; Kind = $null; Data = $null } }
    }
}

function Format-DumpData {
    <#
    .SYNOPSIS
    The data of a value as text to compare: a list of one text is not that text.
    #>
    param([AllowNull()][object] $Data)
    if ($Data -is [array]) { return "[$($Data.Count)]" + ($Data -join "`0") }
    [string] $Data
}
