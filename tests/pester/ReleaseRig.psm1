# Small releases of the real module and the real host, with a fake for the panel: enough to install, update and return.
Import-Module "$PSScriptRoot/Rig.psm1"
$script:Repository = [IO.Path]::GetFullPath("$PSScriptRoot/../..")

# A folder for releases and for an installation, which is what Remove-Rig cleans up.
function New-ReleaseRig {
    $folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), "orc-обновление-$([guid]::NewGuid().ToString('n').Substring(0, 8))")
    $root = [IO.Path]::Combine($folder, 'my orchestrator')
    [void] [IO.Directory]::CreateDirectory($root)
    [pscustomobject]@{
        Folder = $folder; Root = $root; Port = Get-FreePort; Second = Get-FreePort
        Manifest = "$root/deploy/local/orchestrator.json"; Data = "$root/.orchestrator"
    }
}

# A release as a folder. $Change gets its folder before the list of files is made.
function New-FakeRelease {
    param([object] $Rig, [string] $Version, [string] $Platform = 'linux-x64', [scriptblock] $Change)
    $folder = "$($Rig.Folder)/releases/$Version-$([guid]::NewGuid().ToString('n').Substring(0, 4))"
    foreach ($part in 'dist/panel', 'deploy/local') { [void] [IO.Directory]::CreateDirectory("$folder/$part") }
    Copy-Item -LiteralPath "$script:Repository/ps" -Destination "$folder/ps" -Recurse
    Copy-Item -LiteralPath "$script:Repository/dist/host" -Destination "$folder/dist/host" -Recurse
    Copy-Item -LiteralPath "$script:Repository/tests/fakes/service/web.mjs" -Destination "$folder/dist/panel/main.js"
    Set-Content -LiteralPath "$folder/package.json" -Value "{ `"type`": `"module`", `"version`": `"$Version`" }"
    Set-Content -LiteralPath "$folder/README.md" -Value "version $Version"
    ConvertTo-Json (New-ReleaseManifest -Rig $Rig -Version $Version) -Depth 32 | Set-Content -LiteralPath "$folder/deploy/local/orchestrator.json"
    if ($Change) { & $Change $folder }
    Save-ReleaseList -Folder $folder -Version $Version -Platform $Platform
    $folder
}

function New-ReleaseManifest {
    param([object] $Rig, [string] $Version)
    $local = Get-Content -LiteralPath "$script:Repository/deploy/local/orchestrator.json" -Raw | ConvertFrom-Json -DateKind String
    $local.PSObject.Properties.Remove('$schema')
    $panel = New-RigService -Id panel -Folder '../..'
    $second = New-RigService -Id beta -Folder '../..'
    $guardian = New-RigGuardian -Folder '../..'
    $panel.port = $Rig.Port
    $second.port = $Rig.Second
    $guardian.command.args = 'dist/panel/main.js', '--beat', '.orchestrator/guardian.json'
    foreach ($one in $panel, $second) { $one.command.args = 'dist/panel/main.js', '--port', "$($one.port)" }
    $panel.env = [pscustomobject]@{ TEST_VERSION = $Version }
    foreach ($one in $panel, $second, $guardian) {
        # Both cores may be busy with other tests; only a release that is broken on purpose must fail here.
        $one.health.startupGraceMs = 60000
        $one.command.file = 'node'
        foreach ($stream in 'stdout', 'stderr') { $one.logs.$stream = "../../.orchestrator/logs/$($one.id)-$stream.log" }
    }
    $local.services = @($panel, $second, $guardian)
    $local
}

function Save-ReleaseList {
    param([string] $Folder, [string] $Version, [string] $Platform = 'linux-x64')
    $files = @(Get-ChildItem -LiteralPath $Folder -Recurse -File -Force | Where-Object Name -ne 'release.json' | ForEach-Object {
            [ordered]@{
                path = [IO.Path]::GetRelativePath($Folder, $_.FullName).Replace('\', '/'); size = $_.Length
                sha256 = (Get-FileHash -LiteralPath $_.FullName).Hash.ToLowerInvariant()
            }
        })
    $list = [ordered]@{ format = 1; name = 'orchestrator'; version = $Version; platform = $Platform; node = '24.21.0'; files = $files }
    ConvertTo-Json $list -Depth 6 | Set-Content -LiteralPath "$Folder/release.json"
}

# The release as a zip. $Change gets the open archive, to do to it what a stranger might.
function Compress-FakeRelease {
    param([string] $Folder, [scriptblock] $Change)
    $zip = "$Folder.zip"
    [IO.Compression.ZipFile]::CreateFromDirectory($Folder, $zip)
    if ($Change) {
        $archive = [IO.Compression.ZipFile]::Open($zip, 'Update')
        try { & $Change $archive } finally { $archive.Dispose() }
    }
    $zip
}

# Puts a release where the installation is, as a person does who unpacks it.
function Install-FakeRelease {
    param([object] $Rig, [string] $Folder)
    Get-ChildItem -LiteralPath $Folder -Force | Copy-Item -Destination $Rig.Root -Recurse -Force
}

# A session of the installation: the cmdlets that a person has there.
function Invoke-ReleaseRig {
    param([object] $Rig, [string] $Script, [hashtable] $Environment = @{})
    Wait-RigPwsh (Start-RigPwsh -Root $Rig.Root -Script $Script -Environment $Environment) -TimeoutMs 120000
}

# The version that answers on the panel's port; nothing when none does.
function Get-RunningVersion {
    param([object] $Rig)
    try { (Invoke-RestMethod "http://127.0.0.1:$($Rig.Port)/" -TimeoutSec 3).env.TEST_VERSION } catch { $null }
}

function Get-InstalledVersion {
    param([object] $Rig)
    (Get-Content -LiteralPath "$($Rig.Root)/release.json" -Raw | ConvertFrom-Json).version
}
