function Get-ProgramPath {
    <#
    .SYNOPSIS
    Where one of our own programs lies: the bundle in dist, else its source, which Node runs directly.
    #>
    param(
        [Parameter(Mandatory)][string] $Root,
        [Parameter(Mandatory)][ValidateSet('Host', 'Launch')][string] $Name
    )
    $parts = switch ($Name) {
        'Host' { 'dist/host/main.js', 'guardian/host/main.ts' }
        'Launch' { 'dist/host/launch.js', 'guardian/host/launch.ts' }
    }
    foreach ($part in $parts) {
        $path = [IO.Path]::GetFullPath([IO.Path]::Combine($Root, $part))
        if ([IO.File]::Exists($path)) { return $path }
    }
    throw (New-OrchestratorError -Code ORC2014 -Data @{ part = 'host'; file = $parts[0] } -Target $parts[0])
}

function Start-Detached {
    <#
    .SYNOPSIS
    Starts a program that outlives this session, its terminal and its bridge, and returns its process id.
    .DESCRIPTION
    A small launcher does it: whatever PowerShell starts itself keeps the terminal, gets its hang-up signal, and writes
    into its output.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)][string] $Root,
        [Parameter(Mandatory)][string] $File,
        [Parameter(Mandatory)][string[]] $Arguments,
        [Parameter(Mandatory)][string] $WorkingDirectory
    )
    $node = Get-UsableNode -Root $Root
    $order = ConvertTo-Base64Json ([ordered]@{
            file = $File
            args = $Arguments
            cwd  = $WorkingDirectory
            env  = @{}
        })
    $call = @{
        File      = $node
        Arguments = '--disable-warning=ExperimentalWarning', (Get-ProgramPath -Root $Root -Name Launch), $order
        TimeoutMs = 20000
    }
    $run = Invoke-Program @call
    $id = 0
    if ($run.ExitCode -ne 0 -or -not [int]::TryParse($run.Output.Trim(), [ref] $id)) {
        $last = @($run.ErrorOutput -split "`r?`n" | Where-Object { $_ })
        throw [InvalidOperationException]::new("launch: exit code $($run.ExitCode). $($last | Select-Object -Last 1)")
    }
    $id
}

function Get-UsableNode {
    <#
    .SYNOPSIS
    The Node.js for hosts, or the error ORC2015.
    #>
    param([Parameter(Mandatory)][string] $Root)
    $node = Find-Node -Root $Root
    if (-not $node.Path) { throw (New-OrchestratorError -Code ORC2015 -Data @{ detail = $node.Detail }) }
    $node.Path
}

function ConvertTo-Base64Json {
    <#
    .SYNOPSIS
    Data as one argument that no shell, code page or quoting rule can change.
    #>
    param([Parameter(Mandatory)][object] $Value)
    $json = ConvertTo-Json -InputObject $Value -Depth 8 -Compress
    [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($json))
}
