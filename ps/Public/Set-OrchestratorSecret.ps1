function Set-OrchestratorSecret {
    <#
    .SYNOPSIS
    Stores a secret in .env.local, or removes it.
    .DESCRIPTION
    Writes one NAME=value line and leaves every other line as it is. Only the owner may read the file afterwards (on
    Windows the owner and SYSTEM). The value is never shown. Panel and guardian read it at their next start.
    .PARAMETER Name
    The secret: a name of the manifest's "secrets", ALLOW_GENERATION or SENTRY_DSN.
    .PARAMETER Value
    The value. Leave it out to be asked for it; give it from a secret store in scripts.
    .PARAMETER Remove
    Take the secret out of the file. Use it when a key was withdrawn.
    .PARAMETER Manifest
    Path of the manifest that names the secrets. Give it when several installations are on one machine.
    .INPUTS
    System.Security.SecureString. The value.
    .OUTPUTS
    None.
    .EXAMPLE
    Set-OrchestratorSecret HF_TOKEN

    Asks for the token without showing it.
    .EXAMPLE
    Get-Secret OrchestratorToken | Set-OrchestratorSecret ORCHESTRATOR_TOKEN

    Takes the value from a secret store.
    .EXAMPLE
    Set-OrchestratorSecret BFL_API_KEY -Remove

    Takes the key out of the file.
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Set')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0)]
        [ArgumentCompleter({ & (Get-Module Orchestrator) { Use-ModulePart Secret; Complete-SecretName @args } @args })]
        [string] $Name,

        [Parameter(Position = 1, ValueFromPipeline, ParameterSetName = 'Set')]
        [securestring] $Value,

        [Parameter(Mandatory, ParameterSetName = 'Remove')]
        [switch] $Remove,

        [string] $Manifest
    )
    process {
        try {
            Use-ModulePart Secret
            Assert-SecretName -Name $Name -Manifest $Manifest
            $file = [IO.Path]::Combine($script:ProjectRoot, '.env.local')
            if (-not $PSCmdlet.ShouldProcess($file, ($Remove ? "Remove $Name" : "Set $Name"))) { return }
            $text = $null
            if (-not $Remove) {
                if (-not $Value) { $Value = Read-Host -Prompt $Name -AsSecureString }
                if ($Value.Length -eq 0) { throw (New-OrchestratorError -Code ORC2027 -Data @{ name = $Name } -Target $Name) }
                $text = ConvertFrom-SecureString -SecureString $Value -AsPlainText
            }
            Set-SecretLine -File $file -Name $Name -Value $text
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
