# Which service of the manifest one made by hand stands for. Pure: facts in, an answer out.

function Resolve-AdoptionId {
    <#
    .SYNOPSIS
    The id that the facts of a service speak for: comfyui, guardian or panel; null when they speak for none.
    .PARAMETER Launch
    What the service's batch file starts, where it has one that could be read.
    #>
    param([Parameter(Mandatory)][object] $Fact, [AllowNull()][object] $Launch)
    if (-not $Fact.Wrapper -or $Fact.Ours) { return $null }
    $words = "$($Fact.Program) $($Fact.Arguments)"
    if ($Launch -or $words -match '(?i)\bpy(thon)?w?(\.exe)?\b.*\bmain\.py\b') { return 'comfyui' }
    if ($Fact.Batch) {
        $batch = Get-WindowsLeaf $Fact.Batch
        if ($batch -match '(?i)^run_(nvidia|cpu|amd|intel)' -or $Fact.Name -match '(?i)comfy' -or $Fact.Folder -match '(?i)comfyui') { return 'comfyui' }
    }
    $node = $Fact.Npm -or (Get-WindowsLeaf $Fact.Program) -match '(?i)^node(\.exe)?$' -or $words -match '(?i)\bnode(\.exe)?["\s]'
    if (-not $node) { return $null }
    if ($Fact.Name -match '(?i)guardian' -or "$words $($Fact.Folder)" -match '(?i)guardian') { return 'guardian' }
    $place = "$words $($Fact.Folder)"
    if ($Fact.Name -match '(?i)orchestrator|panel') { return 'panel' }
    if ($place -match '(?i)[\\/]server[\\/]entry\.mjs|[\\/]dist[\\/]panel[\\/]|orchestrator[\\/]apps[\\/]admin') { return 'panel' }
}

function Find-OwnLaunch {
    <#
    .SYNOPSIS
    The call of Python that a service makes itself, without a batch file; null when it makes none.
    #>
    param([Parameter(Mandatory)][object] $Fact)
    if ((Get-WindowsLeaf $Fact.Program) -match '(?i)^cmd(\.exe)?$') {
        $inner = $Fact.Arguments -replace '^\s*(/[a-z]\s+)*', ''
        if ($inner -match '^"(.*)"\s*$') { $inner = $Matches[1] }
        return ConvertFrom-Batch -Text $inner -Folder $Fact.Folder
    }
    $call = Find-PythonCall -Argument @($Fact.Program; (ConvertFrom-CommandLine $Fact.Arguments)) -Folder $Fact.Folder
    if ($call) { Add-Member -InputObject $call -NotePropertyMembers @{ Environment = [ordered]@{}; Pauses = $false } }
    $call
}
