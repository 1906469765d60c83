# The registry's keys of services.

function Open-ServiceKey {
    <#
    .SYNOPSIS
    Opens the key of a service; without a name the one above all of them. Null when there is none.
    .OUTPUTS
    Microsoft.Win32.RegistryKey. Dispose it.
    #>
    param([AllowEmptyString()][string] $Name, [switch] $Writable)
    $path = @('SYSTEM\CurrentControlSet\Services', $Name | Where-Object { $_ }) -join '\'
    $root = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    try { $root.OpenSubKey($path, $Writable) } finally { $root.Dispose() }
}

function ConvertFrom-ImagePath {
    <#
    .SYNOPSIS
    The program of a service's ImagePath. Without quotes a blank may belong to the path, as Windows reads it too.
    #>
    param([AllowEmptyString()][string] $Text)
    if ($Text -match '^\s*"([^"]+)"') { return $Matches[1] }
    if ($Text -match '^\s*(.+?\.exe)(\s|$)') { return $Matches[1] }
    $Text
}
