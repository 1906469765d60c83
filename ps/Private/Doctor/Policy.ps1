# Whether Windows lets the module's scripts run.

function Test-ExecutionPolicyCheck {
    <#
    .SYNOPSIS
    Whether scripts may run. Windows only: elsewhere there is no such policy.
    .PARAMETER Planned
    It is asked before an installation, which for the Embedded backend needs no more than the running session.
    #>
    param([AllowNull()][object] $Context, [switch] $Planned)
    if (-not $IsWindows) {
        return New-Check -Name ExecutionPolicy -Status skip -Message (Get-Phrase 'Check.WindowsOnly')
    }
    $forServices = Test-WindowsService -Context $Context
    if ($Planned -and -not $forServices) { return }
    Get-PolicyFinding -Fact (Get-PolicyFact) -ForService:$forServices
}

function Get-PolicyFact {
    <#
    .SYNOPSIS
    The policy of each scope, the one in force, and our files that carry the mark of a download.
    #>
    $scopes = [ordered]@{}
    foreach ($one in (Get-ExecutionPolicy -List)) { $scopes["$($one.Scope)"] = "$($one.ExecutionPolicy)" }
    $files = @([IO.Directory]::GetFiles($script:ModuleRoot, '*.ps*', 'AllDirectories') | Where-Object { $_ -match '\.(ps1|psm1|psd1|ps1xml)$' })
    [pscustomobject]@{
        Scopes    = $scopes
        Effective = "$(Get-ExecutionPolicy)"
        Root      = $script:ProjectRoot
        Marked    = @($files | Where-Object { (Get-ZoneOf -Path $_) -ge 3 })
    }
}

function Get-ZoneOf {
    <#
    .SYNOPSIS
    The zone that a file came from: 3 is the internet; 0 when it carries no mark.
    #>
    param([Parameter(Mandatory)][string] $Path)
    try {
        # A stream of the file, opened by its name. The file system of the volume may have none.
        $text = [IO.File]::ReadAllText("${Path}:Zone.Identifier")
        if ($text -match '(?m)^ZoneId=(\d)') { return [int] $Matches[1] }
    } catch {
        Write-Debug "no mark: $Path"
    }
    0
}

function Get-PolicyFinding {
    <#
    .SYNOPSIS
    What the facts about the execution policy mean.
    .PARAMETER ForService
    The guardian will start PowerShell too, from a service.
    #>
    param([Parameter(Mandatory)][object] $Fact, [switch] $ForService)
    foreach ($scope in 'MachinePolicy', 'UserPolicy') {
        $policy = $Fact.Scopes[$scope]
        if ($policy -notin 'Restricted', 'AllSigned') { continue }
        $message = Get-Phrase 'Policy.Group' @{ policy = $policy; scope = $scope }
        return New-Check -Name ExecutionPolicy -Status fail -Message $message -Fix (Get-Phrase 'Policy.GroupFix')
    }
    $message = Get-Phrase 'Check.Policy' @{ policy = $Fact.Effective }
    if ($Fact.Effective -in 'Restricted', 'AllSigned') {
        $scope = if ($ForService) { 'LocalMachine' } else { 'CurrentUser' }
        $fix = Get-Phrase 'Policy.Fix' @{ scope = $scope }
        return New-Check -Name ExecutionPolicy -Status fail -Message $message -Fix $fix
    }
    $group = @($Fact.Scopes['MachinePolicy'], $Fact.Scopes['UserPolicy'])
    if ($Fact.Marked.Count -gt 0 -and ($Fact.Effective -eq 'RemoteSigned' -or 'RemoteSigned' -in $group)) {
        $message = Get-Phrase 'Policy.Marked' @{ count = $Fact.Marked.Count; file = $Fact.Marked[0] }
        $fix = "Get-ChildItem -LiteralPath '$($Fact.Root.Replace("'", "''"))' -Recurse -File | Unblock-File"
        return New-Check -Name ExecutionPolicy -Status fail -Message $message -Fix $fix
    }
    New-Check -Name ExecutionPolicy -Status pass -Message $message
}
