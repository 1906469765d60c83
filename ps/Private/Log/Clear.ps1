function Clear-ServiceLog {
    <#
    .SYNOPSIS
    Removes the rotated logs of one service and counts what that freed.
    #>
    param([Management.Automation.PSCmdlet] $Cmdlet, [object] $Service, [switch] $IncludeCurrent)
    $cleared = [pscustomobject]@{
        PSTypeName = 'Orchestrator.ClearedLog'; Id = $Service.id; Removed = 0; FreedBytes = [long] 0
    }
    foreach ($source in (Get-LogSource -Service $Service)) {
        foreach ($file in (Get-RotatedLog -Path $source.Path)) {
            Clear-LogFile -Cmdlet $Cmdlet -File $file -Cleared $cleared
        }
        $live = [IO.FileInfo]::new($source.Path)
        if ($IncludeCurrent -and $live.Exists) { Clear-LogFile -Cmdlet $Cmdlet -File $live -Cleared $cleared -Empty }
    }
    $cleared
}

function Clear-LogFile {
    <#
    .SYNOPSIS
    Removes one log file, or empties it where its writer has it open.
    #>
    param([Management.Automation.PSCmdlet] $Cmdlet, [IO.FileInfo] $File, [object] $Cleared, [switch] $Empty)
    $size = $File.Length
    if (-not $Cmdlet.ShouldProcess("$($File.FullName) ($(Format-Size $size))", (Get-Phrase 'Action.Clear'))) { return }
    try {
        if ($Empty) {
            $share = [IO.FileShare]::ReadWrite -bor [IO.FileShare]::Delete
            [IO.FileStream]::new($File.FullName, [IO.FileMode]::Truncate, [IO.FileAccess]::Write, $share).Dispose()
        } else {
            $File.Delete()
            $Cleared.Removed++
        }
        $Cleared.FreedBytes += $size
    } catch {
        $data = @{ path = $File.FullName; detail = $_.Exception.GetBaseException().Message }
        $Cmdlet.WriteError((New-OrchestratorError -Code ORC2009 -Data $data -Target $File.FullName))
    }
}
