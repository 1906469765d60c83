function Get-OrchestratorManifest {
    <#
    .SYNOPSIS
    Reads the manifest that is in force.
    .DESCRIPTION
    Gives the manifest as an object with the keys of the file, all paths absolute, and Path: the file it was read from.
    That is the installed copy where there is one. A manifest with a fault is an error; Test-OrchestratorManifest lists
    all faults.
    .PARAMETER Manifest
    Path of the manifest. Give it to look at another one than the one in force.
    .OUTPUTS
    Orchestrator.Manifest. The keys of the file (version, backend, paths, services …) and Path.
    .EXAMPLE
    Get-OrchestratorManifest

    Shows the services that are installed.
    .EXAMPLE
    (Get-OrchestratorManifest ./deploy/local/orchestrator.json).services | Format-Table id, host, port

    Lists the addresses of another manifest.
    .LINK
    Test-OrchestratorManifest
    #>
    [CmdletBinding()]
    [OutputType('Orchestrator.Manifest')]
    param(
        [Parameter(Position = 0)]
        [Alias('Path')]
        [string] $Manifest
    )
    try {
        Use-ModulePart Manifest
        $file = Resolve-OrchestratorManifestPath -Manifest $Manifest
        $found = Import-OrchestratorManifestFile -Path $file
        $found.PSObject.TypeNames.Insert(0, 'Orchestrator.Manifest')
        $found
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
