function Test-OrchestratorManifest {
    <#
    .SYNOPSIS
    Judges a manifest and lists every fault.
    .DESCRIPTION
    Names each fault with its code, its place (JSON pointer and line) and, for an unknown key, the nearest known one.
    Nothing is changed.
    .PARAMETER Path
    Path of the manifest. Leave it out to judge the one in force.
    .PARAMETER Quiet
    Give only True or False. Use it in scripts.
    .OUTPUTS
    Orchestrator.ManifestReport: Path, Valid, Findings (Code, Path, Line, Message, Suggestion). With -Quiet a Boolean.
    .EXAMPLE
    Test-OrchestratorManifest ./deploy/local/orchestrator.json

    Says whether the file is sound.
    .EXAMPLE
    (Test-OrchestratorManifest ./mine.json).Findings | Format-List

    Shows each fault whole.
    .LINK
    Get-OrchestratorManifest
    #>
    [CmdletBinding()]
    [OutputType('Orchestrator.ManifestReport', [bool])]
    param(
        [Parameter(Position = 0)]
        [Alias('Manifest')]
        [string] $Path,

        [switch] $Quiet
    )
    try {
        Use-ModulePart Manifest
        $file = Resolve-OrchestratorManifestPath -Manifest $Path
        $findings = @(Test-ManifestText -Text (Read-ManifestText -Path $file) -Path $file)
        if ($Quiet) { return $findings.Count -eq 0 }
        [pscustomobject]@{
            PSTypeName = 'Orchestrator.ManifestReport'
            Path       = $file
            Valid      = $findings.Count -eq 0
            Findings   = $findings
        }
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}
