# The two ways of Import-OrchestratorService, from the question to the end.

function Invoke-Adoption {
    <#
    .SYNOPSIS
    Finds, shows, asks, takes over.
    #>
    param(
        [Management.Automation.PSCmdlet] $Cmdlet, [AllowNull()][string[]] $Name, [string] $Manifest, [string] $As,
        [string] $OutFile, [switch] $Restart, [switch] $Force
    )
    if ($As -and (@($Name).Count -ne 1 -or [WildcardPattern]::ContainsWildcardCharacters($Name[0]))) {
        throw (New-AdoptError -Name "$Name" -Detail (Get-Phrase 'Adopt.AsOne'))
    }
    $found = @(Find-AdoptableService -Name $Name -As $As)
    $adoption = New-AdoptionPlan -Base (Resolve-AdoptionBase -Manifest $Manifest) -OutFile $OutFile -Candidate $found
    $context = $adoption.Plan.Context
    $whole = $context.Services
    # Of the others nothing is touched, so nothing about them stands in the way.
    $context.Services = @($whole | Where-Object { $_.id -in $found.Id })
    try { Assert-InstallPlan -Plan $adoption.Plan -Check $script:AdoptChecks -Force:$Force } finally { $context.Services = $whole }
    foreach ($text in $adoption.Left) { Write-Warning $text }
    Get-AdoptionChange -Adoption $adoption
    $target = @($found.Fact.Name) -join ', '
    if (-not $Cmdlet.ShouldProcess($target, (Get-Phrase 'Action.Adopt'))) { return }
    $running = @(Set-Adoption -Adoption $adoption)
    if ($running -and $Restart) {
        Restart-AdoptedService -Cmdlet $Cmdlet -Context $context -Id $running
    } elseif ($running) {
        Write-Warning (Get-Phrase 'Adopt.RestartLater' @{ ids = ($running -join ', ') })
    }
}

function Resolve-AdoptionBase {
    <#
    .SYNOPSIS
    The manifest to merge with: the one that was given, else the source of what is installed, else the project's own.
    Where services were taken over before, the one that has them, so that they are not lost.
    #>
    param([AllowEmptyString()][string] $Manifest)
    $source = Resolve-SourceManifest -Path $Manifest -Backend Nssm
    $content = Import-SourceManifest -Path $source
    foreach ($record in (Read-AdoptedRecord -Data $content.paths.data)) {
        if ($record.Manifest -and [IO.File]::Exists($record.Manifest)) { return $record.Manifest }
    }
    $source
}

function Restart-AdoptedService {
    <#
    .SYNOPSIS
    Restarts services and says what their processes are now.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Management.Automation.PSCmdlet] $Cmdlet, [object] $Context, [string[]] $Id)
    $services = @($Context.Services | Where-Object { $_.id -in $Id })
    $before = @{}
    foreach ($one in $services) { $before[$one.id] = (Get-BackendService -Context $Context -Id $one.id).ProcessId }
    $set = @{ Cmdlet = $Cmdlet; Context = $Context; Service = $services; By = 'operator'; Wait = $true; Restart = $Id }
    [void] (Start-ServiceSet @set)
    foreach ($one in $services) {
        $now = (Get-BackendService -Context $Context -Id $one.id).ProcessId
        $from = Get-Phrase 'Install.Process' @{ processId = $before[$one.id] }
        $to = Get-Phrase 'Install.Process' @{ processId = $now }
        New-InstallChange -Target $one.id -Property 'process' -From $from -To $to -Action change
    }
}

function Invoke-AdoptionUndo {
    <#
    .SYNOPSIS
    Reads the records, shows, asks, puts back.
    #>
    param([Management.Automation.PSCmdlet] $Cmdlet, [AllowNull()][string[]] $Name, [string] $Manifest, [switch] $Restart)
    $context = Get-OrchestratorContext -Manifest $Manifest
    $records = @(Read-AdoptedRecord -Data $context.Data -Name $Name)
    if (-not $records) {
        $shown = if ($Name) { $Name -join ', ' } else { '*' }
        $detail = Get-Phrase 'Adopt.NoRecord' @{ folder = Get-AdoptedPath -Data $context.Data }
        throw (New-OrchestratorError -Code ORC2056 -Data @{ name = $shown; detail = $detail } -Target $shown)
    }
    $right = Invoke-Check -Name Administrator -Context ([pscustomobject]@{ Backend = 'Nssm' }) -Planned
    if ($right.Status -eq 'fail') { throw (New-OrchestratorError -Code ORC2050) }
    foreach ($record in $records) { Get-UndoChange -Record $record }
    if (-not $Cmdlet.ShouldProcess((@($records.Name) -join ', '), (Get-Phrase 'Action.Undo'))) { return }
    Undo-Adoption -Cmdlet $Cmdlet -Context $context -Record $records
    foreach ($record in $records) {
        $service = Get-Service -Name $record.Name -ErrorAction Ignore
        if ("$($service.Status)" -in '', 'Stopped') { continue }
        if ($Restart) {
            Restart-Service -Name $record.Name
        } else {
            Write-Warning (Get-Phrase 'Adopt.RestartHand' @{ service = $record.Name })
        }
    }
}
