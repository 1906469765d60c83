Set-StrictMode -Version Latest

. (Join-Path $PSScriptRoot '..' '..' '..' 'ps' 'Private' 'Bridge.ps1')

# Only code of the module itself can reach this variable; no request and no environment variable can.
$script:BridgeSchemaPath = Join-Path $PSScriptRoot 'schema'

enum FakeColor {
    Red = 1
    Green = 2
}

function Get-FakeEcho {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param([string[]] $Name, $Value, [switch] $Force)

    if (-not $PSCmdlet.ShouldProcess('fake')) { throw 'WhatIf was on.' }
    [pscustomobject]@{ Name = $Name; Value = $Value; Force = $Force; Bound = @($PSBoundParameters.Keys | Sort-Object) }
}

function Start-FakeSleep {
    [CmdletBinding()]
    param([double] $Seconds, [string] $ProcessIdPath)

    if ($ProcessIdPath) {
        $child = Start-Process -FilePath 'sh' -ArgumentList '-c', '"sleep 300 & wait"' -PassThru
        Set-Content -LiteralPath $ProcessIdPath -Value $child.Id
    }
    Start-Sleep -Milliseconds ([int] ($Seconds * 1000))
    'slept'
}

function Set-FakeMark {
    [CmdletBinding()]
    param([string] $Path, [double] $Seconds)

    Start-Sleep -Milliseconds ([int] ($Seconds * 1000))
    # Under another name first, so that a reader sees all of it or nothing.
    Set-Content -LiteralPath "$Path.part" -Value $PID
    Move-Item -LiteralPath "$Path.part" -Destination $Path
}

function Start-FakeChild {
    [CmdletBinding()]
    param()

    $child = Start-Process -FilePath 'sleep' -ArgumentList '300' -PassThru
    $child.Id
}

function Write-FakeStream {
    [CmdletBinding()]
    param()

    $VerbosePreference = 'Continue'
    $DebugPreference = 'Continue'
    'one'
    Write-Error -Message 'item 2 is missing' -ErrorId 'ORC2001' -TargetObject 'item2'
    Write-Error -Message 'without a code'
    Write-Warning 'a warning'
    Write-Warning 'ORC5001: a warning with a code'
    Write-Information 'an information'
    Write-Host 'from the host'
    Write-Verbose 'a verbose line'
    Write-Debug 'a debug line'
    Write-Progress -Activity 'never seen' -PercentComplete 50
    'two'
}

function Invoke-FakeError {
    [CmdletBinding()]
    param([string] $Kind, [ValidateRange(1, 5)] [int] $Number = 1)

    switch ($Kind) {
        'registered' {
            Write-Warning 'before the end'
            $exception = [System.Management.Automation.ItemNotFoundException]::new('ORC2001: Службы "x" нет. “Why”. Fix.')
            $category = [System.Management.Automation.ErrorCategory]::ObjectNotFound
            $PSCmdlet.ThrowTerminatingError([System.Management.Automation.ErrorRecord]::new($exception, 'ORC2001', $category, 'x'))
        }
        'unknownCode' {
            $exception = [InvalidOperationException]::new('a code of a newer module')
            $category = [System.Management.Automation.ErrorCategory]::InvalidOperation
            $PSCmdlet.ThrowTerminatingError([System.Management.Automation.ErrorRecord]::new($exception, 'ORC9999', $category, $null))
        }
        'thrown' { throw 'ORC2001 is only the start of this text' }
        'dotnet' { [int]::Parse('not a number') }
        'inner' { Get-Item -LiteralPath '/nowhere' -NoSuchParameter 1 }
        'break' { 'before'; break }
        'mandatory' { Get-FakeMandatory }
        # The contract of the tests says a text.
        'number' { 42 }
        'long' { throw 'x' * 100000 }
        'moved' { Set-Location /; throw 'elsewhere' }
        'exit' { exit $Number }
        'exit0' { exit 0 }
        'crash' { Stop-Process -Id $PID -Force }
        default { "no error: $Kind $Number" }
    }
}

function Set-FakeSession {
    [CmdletBinding()]
    param()

    $leak = 'local'
    $global:FakeLeak = $leak
    $global:ErrorActionPreference = 'Stop'
    $global:OFS = '-'
    $global:PSDefaultParameterValues['Get-FakeEcho:Force'] = $true
    $env:FAKE_LEAK = 'leaked'
    Set-Location Env:
    [Environment]::CurrentDirectory = '/'
    [cultureinfo]::CurrentCulture = 'ru-RU'
    [cultureinfo]::CurrentUICulture = 'ru-RU'
    Write-Error 'left in $Error'
}

function Get-FakeSession {
    [CmdletBinding()]
    param()

    [pscustomobject]@{
        Leaked        = @(Get-Variable -Name '*leak*' | ForEach-Object Name)
        Variable      = Test-Path Variable:global:FakeLeak
        ErrorAction   = "$global:ErrorActionPreference"
        Ofs           = Test-Path Variable:global:OFS
        Defaults      = $global:PSDefaultParameterValues.Count
        Environment   = Test-Path Env:FAKE_LEAK
        Location      = (Get-Location).Path
        Folder        = [Environment]::CurrentDirectory
        Culture       = [cultureinfo]::CurrentCulture.Name
        UICulture     = [cultureinfo]::CurrentUICulture.Name
        Errors        = $global:Error.Count
        History       = @(Get-History).Count
        ProcessId     = $PID
        Term          = $env:TERM
        NoColor       = $env:NO_COLOR
        CommandLine   = [Environment]::CommandLine
        PowerShell    = [Environment]::ProcessPath
    }
}

function Write-FakeNoise {
    [CmdletBinding()]
    param()

    # Straight to the process's own stdout and stderr, past every stream of PowerShell.
    $start = [System.Diagnostics.ProcessStartInfo]::new('sh')
    $start.ArgumentList.Add('-c')
    $start.ArgumentList.Add('printf "no end of line {\"id\":\"x\",\"ok\":true}"; printf "\033[31mred\n\001\377" >&2; printf "Привет"')
    $start.UseShellExecute = $false
    $process = [System.Diagnostics.Process]::Start($start)
    $process.WaitForExit()
    [Console]::Out.Write('{"id":"')
    [Console]::Error.WriteLine('to stderr')
    sh -c 'echo captured; echo captured too >&2'
}

function Get-FakeLarge {
    [CmdletBinding()]
    param([int] $Megabytes, [switch] $Raw)

    $line = [string]::new('x', 1MB - 1)
    foreach ($number in 1..$Megabytes) {
        if ($Raw) { [Console]::Out.WriteLine($line) } else { $line }
    }
}

function Get-FakeShape {
    [CmdletBinding()]
    param()

    [pscustomobject]@{
        At         = [datetime]::new(2025, 1, 2, 3, 4, 5, [System.DateTimeKind]::Utc)
        Offset     = [datetimeoffset]::new(2025, 1, 2, 6, 4, 5, [timespan]::FromHours(3))
        Color      = [FakeColor]::Green
        DayOfWeek  = [System.DayOfWeek]::Friday
        Nested     = [pscustomobject]@{ InnerName = [pscustomobject]@{ URL = 1 } }
        Dictionary = [ordered]@{ Key = 1; Other = [pscustomobject]@{ Deep = $true } }
        List       = @([pscustomobject]@{ A = 1 }, $null, @(), @(@(1)))
        Single     = , 'one'
        Version    = [version] '1.2.3'
        Guid       = [guid]::Empty
        Char       = [char] 'c'
        NaN        = [double]::NaN
        Half       = 0.5
        Long       = [long] 9007199254740991
        Switch     = [switch] $true
        Line       = Get-Content -LiteralPath $PSCommandPath -TotalCount 1
        File       = Get-Item -LiteralPath $PSCommandPath
    }
    $deep = 'end'
    foreach ($level in 1..30) { $deep = [pscustomobject]@{ Down = $deep } }
    $deep
}

function Get-FakeHidden {
    [CmdletBinding()]
    param()

    'exported, but not on the list'
}

# On the list, but exported by nobody: the list alone does not make a command.
function Get-FakeInternal {
    [CmdletBinding()]
    param()

    'not exported'
}

Export-ModuleMember -Function @(
    'Get-FakeEcho', 'Start-FakeSleep', 'Set-FakeMark', 'Start-FakeChild', 'Write-FakeStream', 'Invoke-FakeError', 'Set-FakeSession',
    'Get-FakeSession', 'Write-FakeNoise', 'Get-FakeLarge', 'Get-FakeShape', 'Get-FakeHidden'
)
