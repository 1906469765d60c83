# The services of this machine that can be taken over.

function Find-AdoptableService {
    <#
    .SYNOPSIS
    Services made by hand that stand for one of the manifest's. Throws ORC2054 when there is none, and ORC2055 for one that
    cannot be taken over.
    .PARAMETER Name
    Service names or wildcards; all of NSSM's services when left out.
    .PARAMETER As
    What the service is, where a person says it.
    .OUTPUTS
    Objects with Id, Dump, Fact and Launch.
    #>
    param([AllowNull()][string[]] $Name, [AllowEmptyString()][string] $As)
    $plain = @($Name | Where-Object { $_ -and -not [WildcardPattern]::ContainsWildcardCharacters($_) })
    $found = @(
        foreach ($fact in (Get-RegisteredService -Name $plain)) {
            if ($Name -and -not ($Name | Where-Object { $fact.Name -like $_ })) { continue }
            Select-Adoptable -Fact $fact -As $As -Named:($fact.Name -in $plain)
        }
    )
    foreach ($one in $plain) {
        if ($one -in $found.Fact.Name) { continue }
        $detail = if (Read-ServiceDump -Name $one) { Get-Phrase 'Adopt.Unknown' } else { Get-Phrase 'Adopt.NoService' }
        throw (New-OrchestratorError -Code ORC2054 -Data @{ name = $one; detail = $detail } -Target $one)
    }
    if (-not $found) {
        $shown = if ($Name) { $Name -join ', ' } else { '*' }
        throw (New-OrchestratorError -Code ORC2054 -Data @{ name = $shown; detail = Get-Phrase 'Adopt.None' } -Target $shown)
    }
    foreach ($group in ($found | Group-Object -Property Id | Where-Object Count -gt 1)) {
        $names = $group.Group.Fact.Name -join ', '
        $data = @{ name = $names; detail = Get-Phrase 'Adopt.Twice' @{ id = $group.Name } }
        throw (New-OrchestratorError -Code ORC2055 -Data $data -Target $names)
    }
    $found
}

function Select-Adoptable {
    <#
    .SYNOPSIS
    One service as a candidate; nothing when it stands for none and nobody named it.
    #>
    param([object] $Fact, [string] $As, [switch] $Named)
    if ($Fact.Ours -and $Named) { throw (New-AdoptError -Name $Fact.Name -Detail (Get-Phrase 'Adopt.Ours')) }
    if (-not $Fact.Wrapper -and $Named) { throw (New-AdoptError -Name $Fact.Name -Detail (Get-Phrase 'Adopt.NotNssm')) }
    if (-not $Fact.Wrapper -or $Fact.Ours) { return }
    $launch = if ($Fact.Batch -and $Fact.BatchThere) { Read-BatchFile -Path $Fact.BatchPath } else { Find-OwnLaunch -Fact $Fact }
    $id = if ($As) { $As } else { Resolve-AdoptionId -Fact $Fact -Launch $launch }
    if (-not $id) { return }
    if ($Fact.Deleted) { throw (New-OrchestratorError -Code ORC2030 -Data @{ service = $Fact.Name } -Target $Fact.Name) }
    if ($id -eq 'comfyui') { $launch = Get-RealLaunch -Fact $Fact -Launch $launch }
    [pscustomobject]@{ Id = $id; Dump = Read-ServiceDump -Name $Fact.Name; Fact = $Fact; Launch = $launch }
}

function Get-RealLaunch {
    <#
    .SYNOPSIS
    How ComfyUI is started, with files that are there; ORC2055 where that cannot be found out.
    #>
    param([object] $Fact, [AllowNull()][object] $Launch)
    if (-not $Launch) {
        $key = @{ batch = ($Fact.BatchPath ?? $Fact.Program) }
        $detail = if ($Fact.Batch -and -not $Fact.BatchThere) { Get-Phrase 'Adopt.NoBatch' $key } else { Get-Phrase 'Adopt.NoLaunch' $key }
        throw (New-AdoptError -Name $Fact.Name -Detail $detail)
    }
    if ($Launch.Python -notmatch '[\\/]') { $Launch.Python = Find-Python -Folder (Get-WindowsParent $Launch.Script) }
    foreach ($file in $Launch.Python, $Launch.Script) {
        if (-not $file -or -not [IO.File]::Exists($file)) {
            throw (New-AdoptError -Name $Fact.Name -Detail (Get-Phrase 'Adopt.NoFile' @{ file = $file }))
        }
    }
    $Launch
}

function New-AdoptError {
    <#
    .SYNOPSIS
    The error ORC2055 about a service.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Name, [string] $Detail)
    New-OrchestratorError -Code ORC2055 -Data @{ name = $Name; detail = $Detail } -Target $Name
}

function Complete-HandMadeService {
    <#
    .SYNOPSIS
    Names of NSSM's services that are not Orchestrator's yet, for tab completion; never fails.
    #>
    param([string] $Word)
    try {
        if (-not $IsWindows) { return }
        (Get-RegisteredService | Where-Object { $_.Wrapper -and -not $_.Ours -and $_.Name -like "$($Word.Trim("'", '"'))*" }).Name
    } catch {
        Write-Debug 'the list of services cannot be read'
    }
}
