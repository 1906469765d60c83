function Complete-ServiceName {
    <#
    .SYNOPSIS
    Offers ids and service names for -Name, and never fails.
    #>
    param([string] $Command, [string] $Parameter, [string] $Word, [object] $Ast, [Collections.IDictionary] $Bound)
    try {
        $path = if ($Bound -and $Bound.Contains('Manifest')) { [string] $Bound['Manifest'] } else { '' }
        $services = (Get-OrchestratorContext -Manifest $path).Services
    } catch {
        return
    }
    $start = [WildcardPattern]::Escape($Word.Trim("'", '"'))
    foreach ($one in $services) {
        foreach ($known in $one.id, $one.serviceName) {
            if ($known -like "$start*") {
                [Management.Automation.CompletionResult]::new($known, $known, 'ParameterValue', $one.displayName)
            }
        }
    }
}
