# Runs the jobs that a test lays into a folder, one after another, until the folder goes away. `<n>.ps1` is a job, and
# it appears whole. `<n>.out` gets its text while it runs, `<n>.json` its end: {exitCode, error, data}.
param([string] $Folder, [switch] $Once)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$PSStyle.OutputRendering = 'PlainText'
$PSNativeCommandUseErrorActionPreference = $false

function Invoke-Job {
    param([string] $Job)
    $box = @{ Result = $null }
    $fault = $null
    $global:LASTEXITCODE = 0
    $writer = [IO.StreamWriter]::new("$Job.out", $false, [Text.UTF8Encoding]::new($false))
    $writer.AutoFlush = $true
    try {
        Set-Location -LiteralPath 'F:\'
        & "$Job.ps1" $box *>&1 | Out-String -Stream -Width 200 | ForEach-Object { $writer.WriteLine($_.TrimEnd()) }
    } catch {
        $fault = $_
        $writer.WriteLine("$($_.Exception.Message)`n$($_.ScriptStackTrace)")
    } finally {
        $writer.Dispose()
    }
    $end = [ordered]@{
        exitCode = $fault ? 1 : $global:LASTEXITCODE
        error    = $fault ? [ordered]@{ message = $fault.Exception.Message; id = $fault.FullyQualifiedErrorId } : $null
        data     = $box.Result
    }
    [IO.File]::WriteAllText("$Job.part", (ConvertTo-Json -InputObject $end -Depth 10 -EnumsAsStrings -WarningAction Ignore))
    [IO.File]::Move("$Job.part", "$Job.json")
}

$number = 1
while ([IO.Directory]::Exists($Folder)) {
    $job = "$Folder\$number"
    if ([IO.File]::Exists("$job.ps1")) {
        Invoke-Job -Job $job
        if ($Once) { exit 0 }
        $number++
    } else {
        [Threading.Thread]::Sleep(15)
    }
}
