function Read-Desired {
    <#
    .SYNOPSIS
    Reads desired.json: what should be. Never throws.
    .OUTPUTS
    An object with Services (id to entry) and Warning.
    #>
    param([object] $Context, [switch] $Fresh)
    $path = [IO.Path]::Combine($Context.Data, 'desired.json')
    $read = Read-StateFile -Path $path -Require version, services -Fresh:$Fresh
    $services = @{}
    if ($read.Value -and $read.Value['services'] -is [Collections.IDictionary]) {
        foreach ($id in $read.Value['services'].Keys) {
            $entry = $read.Value['services'][$id]
            if ($entry -is [Collections.IDictionary] -and $entry['state'] -in 'running', 'stopped') {
                $services[$id] = [pscustomobject]@{
                    State      = [string] $entry['state']
                    Generation = [int] $entry['generation']
                    At         = [string] $entry['at']
                    By         = [string] $entry['by']
                }
            }
        }
    }
    [pscustomobject]@{ Services = $services; Warning = $read.Warning }
}

function Get-DesiredState {
    <#
    .SYNOPSIS
    What a service should be. Where desired.json says nothing, what is counts as wanted.
    #>
    param([object] $Desired, [string] $Id, [bool] $Observed)
    $entry = $Desired.Services[$Id]
    if ($entry) { return $entry.State }
    if ($Observed) { 'running' } else { 'stopped' }
}

function Set-Desired {
    <#
    .SYNOPSIS
    Writes what should be for some services, each with a new generation, under the lock of desired.json.
    .NOTES
    A generation never goes back, also when desired.json was lost: the guardian's view remembers the last one.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)][object] $Context,
        [Parameter(Mandatory)][string[]] $Id,
        [Parameter(Mandatory)][ValidateSet('running', 'stopped')][string] $State,
        [Parameter(Mandatory)][string] $By
    )
    Update-Desired -Context $Context -Change {
        param($services)
        foreach ($one in $Id) {
            $old = $services[$one]
            $last = if ($old) { $old.Generation } else { Get-LastGeneration -Context $Context -Id $one }
            $services[$one] = [pscustomobject]@{
                State      = $State
                Generation = $last + 1
                At         = ConvertTo-StateTime
                By         = $By
            }
        }
    }
}

function Remove-Desired {
    <#
    .SYNOPSIS
    Forgets what should be for services that are no longer in the manifest.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)][object] $Context, [Parameter(Mandatory)][string[]] $Id)
    Update-Desired -Context $Context -Change {
        param($services)
        foreach ($one in $Id) { $services.Remove($one) }
    }
}

function Update-Desired {
    <#
    .SYNOPSIS
    Reads, changes and writes desired.json under its lock.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param([object] $Context, [scriptblock] $Change)
    $path = Get-StatePath -Data $Context.Data -Kind Desired
    $lock = Enter-FileLock -Path (Get-StatePath -Data $Context.Data -Kind Lock -Id desired) -Name 'desired.json'
    try {
        $services = (Read-Desired -Context $Context -Fresh).Services
        & $Change $services
        $entries = [ordered]@{}
        foreach ($id in ($services.Keys | Sort-Object)) {
            $entry = $services[$id]
            $entries[$id] = [ordered]@{
                state = $entry.State; generation = $entry.Generation; at = $entry.At; by = $entry.By
            }
        }
        $text = ConvertTo-Json -InputObject ([ordered]@{ version = 1; services = $entries }) -Depth 8
        Write-StateFile -Path $path -Text "$text`n"
    } finally {
        $lock.Dispose()
    }
}

function Get-LastGeneration {
    <#
    .SYNOPSIS
    The last generation that the guardian has seen of a service, 0 when it has seen none.
    #>
    param([object] $Context, [string] $Id)
    $view = (Read-StateFile -Path (Get-StatePath -Data $Context.Data -Kind Guardian)).Value
    if ($view -and $view['services'] -is [Collections.IDictionary] -and $view['services'][$Id]) {
        return [int] $view['services'][$Id]['generation']
    }
    return 0
}
