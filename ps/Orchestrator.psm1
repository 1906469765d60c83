# Windows PowerShell 5.1 cannot parse the rest of the module, so this comes first and is written in its language.
if ($PSVersionTable.PSVersion -lt [version] '7.5') {
    throw "Orchestrator needs PowerShell 7.5 or later; this is $($PSVersionTable.PSVersion). Install it with: winget install Microsoft.PowerShell - then run pwsh."
}

$script:ModuleRoot = $PSScriptRoot
$script:ProjectRoot = [IO.Path]::GetDirectoryName($PSScriptRoot)

# Reading all files takes longer than an import may, so a cmdlet names the parts it needs and they are read at its
# first call. A part is a folder of Private; Core is what lies in Private itself. Its value: what it builds on.
$script:Parts = @{
    Core     = @()
    Manifest = @('Core')
    Log      = @('Core')
    Nssm     = @('Core')
    Batch    = @('Core', 'Nssm')
    Doctor   = @('Core', 'Manifest', 'Log', 'Nssm', 'Batch')
    Secret   = @('Core', 'Manifest')
    Install  = @('Core', 'Manifest', 'Doctor', 'Log', 'Batch')
    Adopt    = @('Install', 'Nssm', 'Secret')
}
$script:PartFiles = @{ Core = '*.ps1', 'Backends/*.ps1', 'Manifest/Path.ps1' }
$script:LoadedParts = @{}

function Use-ModulePart {
    <#
    .SYNOPSIS
    Reads parts of the module that were not read yet.
    #>
    param([string[]] $Name)
    foreach ($part in $Name) {
        if ($script:LoadedParts.ContainsKey($part)) { continue }
        $script:LoadedParts[$part] = $true
        Use-ModulePart $script:Parts[$part]
        $patterns = if ($script:PartFiles.ContainsKey($part)) { $script:PartFiles[$part] } else { "$part/*.ps1" }
        foreach ($pattern in $patterns) {
            $folder = [IO.Path]::GetDirectoryName("$script:ModuleRoot/Private/$pattern")
            foreach ($file in [IO.Directory]::GetFiles($folder, [IO.Path]::GetFileName($pattern))) {
                # A function that is defined inside a function lives as long as that one, unless it is said to be the module's.
                $text = [IO.File]::ReadAllText($file).TrimStart([char] 0xFEFF) -replace '(?m)^function (?=\w)', 'function script:'
                $ast = [Management.Automation.Language.Parser]::ParseInput($text, $file, [ref] $null, [ref] $null)
                . $ast.GetScriptBlock()
            }
        }
    }
}

# The bridge is called from outside the module, by name.
. ([IO.Path]::Combine($PSScriptRoot, 'Private', 'Bridge.ps1'))
foreach ($file in [IO.Directory]::GetFiles([IO.Path]::Combine($PSScriptRoot, 'Public'), '*.ps1')) { . $file }
if ($env:ORCHESTRATOR_LOAD -eq 'all') { Use-ModulePart Install, Secret, Nssm, Adopt }
