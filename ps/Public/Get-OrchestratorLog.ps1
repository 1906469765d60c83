function Get-OrchestratorLog {
    <#
    .SYNOPSIS
    Shows the last lines of the services' logs, or follows them.
    .DESCRIPTION
    Reads from the end, on into rotated files when needed, so a log of any size is as quick as a small one. Lines that
    are JSON are shown by their message, with level and time; the level of plain lines is guessed from their beginning,
    never from the stream: ComfyUI writes everything to stderr. Lines of several logs are put in order by time where they
    have one.
    .PARAMETER Name
    Which services: ids, service names, aliases or wildcards, also from the pipeline. Leave it out to see all.
    .PARAMETER Stream
    Only stdout or only stderr. Leave it out to see both.
    .PARAMETER Tail
    How many lines of each log, 50 when left out.
    .PARAMETER Follow
    Go on with new lines until Ctrl+C, also when a log is rotated. Use it to watch.
    .PARAMETER Pattern
    Only lines that match this regular expression; upper and lower case are the same.
    .PARAMETER Level
    Only lines of this level or worse.
    .PARAMETER Since
    Only lines that are not older. Lines without a time are taken as recent.
    .PARAMETER Manifest
    Path of the manifest. Give it when several installations are on one machine.
    .INPUTS
    System.String. Names, or objects with a property Name or Id.
    .OUTPUTS
    Orchestrator.LogLine. One for each line, oldest first.
    .EXAMPLE
    Get-OrchestratorLog comfyui -Tail 200

    Shows the last 200 lines of ComfyUI.
    .EXAMPLE
    Get-OrchestratorLog -Level error -Since (Get-Date).AddHours(-1)

    Shows what went wrong in the last hour, anywhere.
    .EXAMPLE
    Get-OrchestratorLog panel, guardian -Follow

    Watches two logs at once.
    .LINK
    Clear-OrchestratorLog
    #>
    [CmdletBinding()]
    [OutputType('Orchestrator.LogLine')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('Id')]
        [ArgumentCompleter({ & (Get-Module Orchestrator) { Use-ModulePart Core; Complete-ServiceName @args } @args })]
        [ValidateNotNullOrEmpty()]
        [string[]] $Name,

        [ValidateSet('stdout', 'stderr')]
        [string] $Stream,

        [ValidateRange(1, 100000)]
        [int] $Tail = 50,

        [switch] $Follow,

        [ValidateLength(1, 1024)]
        [string] $Pattern,

        [ValidateSet('trace', 'debug', 'info', 'warn', 'error', 'fatal')]
        [string] $Level,

        [Nullable[datetime]] $Since,

        [string] $Manifest
    )
    begin {
        Use-ModulePart Log
        $names = [Collections.Generic.List[string]]::new()
    }
    process { foreach ($one in $Name) { $names.Add($one) } }
    end {
        if ($MyInvocation.ExpectingInput -and $names.Count -eq 0) { return }
        $followers = @()
        try {
            $context = Get-OrchestratorContext -Manifest $Manifest
            $filter = New-LogFilter -Pattern $Pattern -Level $Level -Since $Since
            $services = @(Find-Service -Cmdlet $PSCmdlet -Context $context -Name $names | Where-Object { $_.mode -ne 'external' })
            $sources = @(Get-LogSource -Service $services -Stream $Stream)
            # Opened before the last lines are read, so that nothing written in between is missed.
            if ($Follow) { $followers = @($sources | ForEach-Object { New-LogFollower -Source $_ }) }
            $groups = @(foreach ($source in $sources) { , @(Read-LogTail -Source $source -Count $Tail -Filter $filter) })
            Merge-LogLine -Group $groups
            while ($followers) {
                [Threading.Thread]::Sleep(100)
                foreach ($follower in $followers) {
                    if ($filter.Plain) { Read-LogFollower -Follower $follower; continue }
                    Read-LogFollower -Follower $follower | Where-Object { Test-LogLine -Line $_ -Filter $filter }
                }
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        } finally {
            foreach ($follower in $followers) { if ($follower.Stream) { $follower.Stream.Dispose() } }
        }
    }
}
