# Checks of services as Windows and NSSM hold them.

function Test-ServiceCheck {
    <#
    .SYNOPSIS
    What is wrong with the manifest's services in Windows' own list, and with those that were made by hand.
    .PARAMETER Planned
    It is asked before an installation: only what stands in its way counts.
    #>
    param([AllowNull()][object] $Context, [switch] $Planned)
    if (-not (Test-WindowsService -Context $Context)) { return }
    $names = @($Context.Services | Where-Object { $_.mode -ne 'external' }).serviceName
    $facts = @(Get-RegisteredService -Name $names)
    $installed = if ($Planned) { Read-Installation -Context $Context } elseif ($Context.Installed) { $Context }
    # One that is installed is not made by hand, whatever somebody edited in it: the status shows that as drift.
    foreach ($fact in $facts) { if ($fact.Name -in $installed.Services.serviceName) { $fact.Ours = $true } }
    $findings = @(
        Get-ServiceFinding -Fact $facts -Name $names -Planned:$Planned
        foreach ($service in $Context.Services) { Get-BatchFinding -Service $service }
    )
    if ($findings -or $Planned) { return $findings }
    New-Check -Name Service -Status pass -Message (Get-Phrase 'Service.Good')
}

function Get-ServiceFinding {
    <#
    .SYNOPSIS
    What the facts about registered services mean.
    .PARAMETER Name
    The service names of the manifest.
    #>
    param([AllowEmptyCollection()][object[]] $Fact, [string[]] $Name, [switch] $Planned)
    foreach ($one in $Fact) {
        $ours = $one.Name -in $Name
        $data = @{ service = $one.Name; wrapper = $one.Wrapper; batch = ($one.BatchPath ?? $one.Batch); program = $one.Program }
        if ($one.Deleted -and $ours) {
            New-CheckFault -Name Service -Record (New-OrchestratorError -Code ORC2030 -Data $data -Target $one.Name)
            continue
        }
        if (-not $one.Wrapper) {
            $fix = Get-Phrase 'Service.ForeignFix' $data
            New-Check -Name Service -Status fail -Message (Get-Phrase 'Service.Foreign' $data) -Fix $fix
            continue
        }
        if ($ours) { Get-WrapperFinding -Fact $one -Data $data }
        if (-not $Planned) { Get-StateFinding -Fact $one -Data $data -Ours:$ours }
        Get-HandMadeFinding -Fact $one -Data $data -Ours:$ours
    }
}

function Get-BatchFinding {
    <#
    .SYNOPSIS
    A service whose manifest names a batch file as its program, by itself or behind cmd.
    #>
    param([Parameter(Mandatory)][object] $Service)
    if ($Service.mode -eq 'external' -or $null -eq $Service.command) { return }
    $words = @($Service.command.file) + @($Service.command.args)
    $batch = $words | Where-Object { $_ -match '(?i)\.(bat|cmd)$' } | Select-Object -First 1
    if (-not $batch) { return }
    $data = @{ service = $Service.id; batch = $batch }
    $message = "$(Get-Phrase 'Service.Batch' $data) $(Get-Phrase 'Service.BatchWhy')"
    $fix = if ($Service.id -eq 'comfyui') { Get-Phrase 'Service.BatchComfyFix' $data } else { Get-Phrase 'Service.BatchOtherFix' $data }
    New-Check -Name Service -Status warn -Message $message -Fix $fix
}

function Get-WrapperFinding {
    <#
    .SYNOPSIS
    Where a service's nssm.exe lies: Windows starts that file at each boot.
    #>
    param([object] $Fact, [Collections.IDictionary] $Data)
    if (-not $Fact.WrapperThere) {
        New-Check -Name Service -Status fail -Message (Get-Phrase 'Service.NoWrapper' $Data) -Fix (Get-Phrase 'Service.NoWrapperFix' $Data)
    } elseif (Test-TemporaryPath -Path $Fact.Wrapper) {
        New-Check -Name Service -Status warn -Message (Get-Phrase 'Service.Temporary' $Data) -Fix (Get-Phrase 'Service.TemporaryFix' $Data)
    }
}

function Get-StateFinding {
    <#
    .SYNOPSIS
    Paused is NSSM's word for a program that keeps ending right after its start.
    #>
    param([object] $Fact, [Collections.IDictionary] $Data, [switch] $Ours)
    if ($Ours -and $Fact.State -eq 'Paused') {
        New-Check -Name Service -Status fail -Message (Get-Phrase 'Service.Paused' $Data) -Fix (Get-Phrase 'Service.PausedFix' $Data)
    }
}

function Get-HandMadeFinding {
    <#
    .SYNOPSIS
    Services of the manifest's names, or running ComfyUI's batch files, that were made by hand.
    #>
    param([object] $Fact, [Collections.IDictionary] $Data, [switch] $Ours)
    if ($Fact.Ours) { return }
    if ($Fact.Batch -and ($Ours -or (Get-WindowsLeaf $Fact.Batch.Trim('"', "'")) -match '^run_(nvidia|cpu|amd|intel).*\.bat$')) {
        $what = if ($Fact.BatchThere) { Get-Phrase 'Service.Batch' $Data } else { Get-Phrase 'Service.NoBatch' $Data }
        $status = if ($Fact.BatchThere) { 'warn' } else { 'fail' }
        $message = "$what $(Get-Phrase 'Service.BatchWhy')"
        return New-Check -Name Service -Status $status -Message $message -Fix (Get-Phrase 'Service.BatchFix' $Data)
    }
    if ($Ours) {
        New-Check -Name Service -Status warn -Message (Get-Phrase 'Service.HandMade' $Data) -Fix (Get-Phrase 'Service.HandMadeFix' $Data)
    }
}

function Test-TemporaryPath {
    <#
    .SYNOPSIS
    Says whether a Windows path lies where files do not stay.
    #>
    param([AllowEmptyString()][string] $Path)
    $Path -match '(?i)[\\/](temp|tmp|downloads|inetcache|\$recycle\.bin)[\\/]'
}

function Test-NssmCheck {
    <#
    .SYNOPSIS
    The nssm.exe to install with, and whether it is one that is known.
    .PARAMETER Planned
    It is asked before an installation, which stops at an unknown one.
    #>
    param([AllowNull()][object] $Context, [switch] $Planned)
    if (-not (Test-WindowsService -Context $Context)) { return }
    Get-NssmFinding -Fact (Find-Nssm) -Planned:$Planned
}

function Get-NssmFinding {
    <#
    .SYNOPSIS
    What was found of nssm.exe, as a check.
    #>
    param([Parameter(Mandatory)][object] $Fact, [switch] $Planned)
    if (-not $Fact.Path) {
        return New-CheckFault -Name Nssm -Record (New-OrchestratorError -Code ORC2028 -Data @{ detail = $Fact.Detail })
    }
    $data = @{ path = $Fact.Path; hash = $Fact.Sha256 }
    if (-not $Fact.Known) {
        $status = if ($Planned) { 'fail' } else { 'warn' }
        $fault = New-OrchestratorError -Code ORC2051 -Data $data -Target $Fact.Path
        return New-CheckFault -Name Nssm -Status $status -Record $fault
    }
    if (Test-TemporaryPath -Path $Fact.Path) {
        $message = Get-Phrase 'Nssm.Temporary' $data
        return New-Check -Name Nssm -Status warn -Message $message -Fix (Get-Phrase 'Nssm.TemporaryFix')
    }
    New-Check -Name Nssm -Status pass -Message $Fact.Detail
}
