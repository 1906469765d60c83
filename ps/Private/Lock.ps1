function Enter-FileLock {
    <#
    .SYNOPSIS
    Takes a lock that only one process on this machine can hold, or gives up with ORC2006.
    .DESCRIPTION
    The lock is an open file that nobody else may open. The system frees it when the process ends, so a killed session
    leaves no lock behind. The file itself stays: removing it would give two holders.
    .OUTPUTS
    The open file. Dispose it to free the lock.
    #>
    param(
        [Parameter(Mandatory)][string] $Path,
        [Parameter(Mandatory)][string] $Name,
        [int] $TimeoutMs = 60000
    )
    [void] [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($Path))
    $deadline = [Environment]::TickCount64 + $TimeoutMs
    while ($true) {
        try {
            return [IO.FileStream]::new($Path, [IO.FileMode]::OpenOrCreate, [IO.FileAccess]::ReadWrite, [IO.FileShare]::None)
        } catch [IO.IOException] {
            if ($_.Exception.GetBaseException() -is [IO.DirectoryNotFoundException]) { throw }
            if ([Environment]::TickCount64 -gt $deadline) {
                $data = @{ service = $Name; seconds = [math]::Round($TimeoutMs / 1000, 1) }
                throw (New-OrchestratorError -Code ORC2006 -Data $data -Target $Name)
            }
        }
        # Uneven, so that two waiting sessions do not stay in step.
        [Threading.Thread]::Sleep([Random]::Shared.Next(5, 25))
    }
}

function Enter-ServiceLock {
    <#
    .SYNOPSIS
    Takes the lock of one service. Waits as long as another session may need to stop the service, and a little.
    #>
    param(
        [Parameter(Mandatory)][object] $Context,
        [Parameter(Mandatory)][object] $Service
    )
    $lock = @{
        Path      = Get-StatePath -Data $Context.Data -Kind Lock -Id $Service.id
        Name      = $Service.displayName
        TimeoutMs = [int] $Service.stop.timeoutMs + 30000
    }
    Enter-FileLock @lock
}
