# The rules of the house, as far as a program can hold them.
BeforeDiscovery {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    $root = Get-RigRoot
    $public = @(Get-ChildItem "$root/ps/Public" -Filter *.ps1 | ForEach-Object { @{ Name = $_.BaseName; Path = $_.FullName } })
    $sources = @(Get-ChildItem "$root/ps" -Recurse -Include *.ps1, *.psm1 | ForEach-Object {
            @{ Path = $_.FullName; Short = [IO.Path]::GetRelativePath($root, $_.FullName).Replace('\', '/') }
        })
    $contract = @(Get-ChildItem "$root/ps/schema/cmdlets" -Filter *.params.schema.json | ForEach-Object {
            @{ Name = $_.Name.Replace('.params.schema.json', ''); Path = $_.FullName }
        })
}

BeforeAll {
    Import-Module "$PSScriptRoot/../Rig.psm1" -Force
    $root = Get-RigRoot
    Import-Module "$root/ps/Orchestrator.psd1" -Force
    $module = Get-Module Orchestrator
    $data = Import-PowerShellDataFile "$root/ps/Orchestrator.psd1"

    function Get-Ast { param([string] $Path) [Management.Automation.Language.Parser]::ParseFile($Path, [ref] $null, [ref] $null) }
    function Find-Node { param($Ast, [type] $Type) $Ast.FindAll({ param($node) $node -is $Type }.GetNewClosure(), $true) }
}

Describe 'what the module exports' {
    It 'is exactly the files in Public, by name and not by wildcard' {
        $files = @(Get-ChildItem "$root/ps/Public" -Filter *.ps1).BaseName | Sort-Object
        $data.FunctionsToExport | Sort-Object | Should -Be $files
        $module.ExportedFunctions.Keys | Sort-Object | Should -Be $files
        $data.AliasesToExport.Count + $data.CmdletsToExport.Count + $data.VariablesToExport.Count | Should -Be 0
    }

    It 'every cmdlet of the contract, with its parameters: <Name>' -ForEach $contract {
        $command = $module.ExportedFunctions[$Name]
        $command | Should -Not -BeNullOrEmpty
        $properties = (Get-Content $Path -Raw | ConvertFrom-Json).properties
        foreach ($parameter in $properties.PSObject.Properties.Name) {
            $command.Parameters.Keys | Should -Contain $parameter
        }
    }

    It 'importing it changes nothing in the session' {
        $line = '$before = @(Get-Variable).Name; $location = "$PWD"; $errors = $Error.Count; Import-Module (Get-Module Orchestrator).Path -Force; ' +
        'Compare-Object $before @(Get-Variable).Name | Where-Object InputObject -notin before, location, errors | Out-String; ("$PWD" -eq $location); $Error.Count - $errors'
        $result = Wait-RigPwsh (Start-RigPwsh -Script $line)
        $result.Errors | Should -BeNullOrEmpty
        ($result.Output -replace '\s+', ' ').Trim() | Should -Be 'True 0'
    }

    It 'Windows PowerShell gets one sentence and the way out, in a language it can parse' {
        $text = Get-Content "$root/ps/Orchestrator.psm1" -Raw
        $text | Should -Match '(?s)^#[^\n]*\nif \(\$PSVersionTable\.PSVersion -lt \[version\] ''7\.5''\) \{\s*throw "[^"]*7\.5[^"]*winget'
        # What 5.1 has not: ??, ?., ternary, && and ||.
        $tokens = $null
        [void] [Management.Automation.Language.Parser]::ParseInput($text, [ref] $tokens, [ref] $null)
        $tokens.Kind | Should -Not -Contain 'QuestionQuestion'
        $tokens.Kind | Should -Not -Contain 'QuestionMark'
        $tokens.Kind | Should -Not -Contain 'QuestionDot'
        $tokens.Kind | Should -Not -Contain 'AndAnd'
        $tokens.Kind | Should -Not -Contain 'OrOr'
        $text | Should -Not -Match '[^\x00-\x7f]'
        $data.PowerShellVersion | Should -Be '5.1'
    }
}

Describe 'help of <Name>' -ForEach $public {
    BeforeAll {
        $help = Get-Help $Name -Full
        $command = $module.ExportedFunctions[$Name]
    }

    It 'has a synopsis, a description, outputs and two examples that name it' {
        $help.Synopsis | Should -Match '^[A-Z].+\.$'
        $help.Description.Text -join ' ' | Should -Match '.{60,}'
        $help.returnValues.returnValue.type.name -join '' | Should -Not -BeNullOrEmpty
        @($help.Examples.Example).Count | Should -BeGreaterOrEqual 2
        foreach ($example in $help.Examples.Example) {
            ($example.code + ($example.remarks.text -join '')) | Should -Match 'Orchestrator'
            $example.remarks.text -join '' | Should -Match '\w'
        }
    }

    It 'explains each parameter, and nothing that is none' {
        $common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
        foreach ($parameter in $command.Parameters.Keys | Where-Object { $_ -notin $common }) {
            $text = ($help.parameters.parameter | Where-Object name -eq $parameter).description.text -join ' '
            $text | Should -Match '\w{3,}.*\.$' -Because "-$parameter must be explained"
        }
        $written = [regex]::Matches((Get-Content $Path -Raw), '(?m)^\s*\.PARAMETER (\w+)') | ForEach-Object { $_.Groups[1].Value }
        foreach ($parameter in $written) { $command.Parameters.Keys | Should -Contain $parameter }
    }

    It 'is written like its neighbours' {
        $function = @(Find-Node (Get-Ast $Path) ([Management.Automation.Language.FunctionDefinitionAst]))
        $function[0].Name | Should -Be $Name
        $function.Count | Should -Be 1
        $command.CmdletBinding | Should -BeTrue
        $command.OutputType | Should -Not -BeNullOrEmpty
        if (($Name -split '-')[0] -notin 'Get', 'Test') { $command.Parameters.Keys | Should -Contain 'WhatIf' }
        Get-Content $Path -Raw | Should -Match 'Use-ModulePart' -Because 'its parts are read at its first call'
        foreach ($parameter in $command.Parameters.Values | Where-Object Name -eq 'Name') {
            $parameter.Attributes.Where({ $_ -is [ArgumentCompleter] }) | Should -Not -BeNullOrEmpty
        }
    }
}

Describe 'the source <Short>' -ForEach $sources {
    BeforeAll {
        $errors = $tokens = $null
        $ast = [Management.Automation.Language.Parser]::ParseFile($Path, [ref] $tokens, [ref] $errors)
        $commands = @(Find-Node $ast ([Management.Automation.Language.CommandAst]) | ForEach-Object { $_.GetCommandName() } | Where-Object { $_ })
        $functions = @(Find-Node $ast ([Management.Automation.Language.FunctionDefinitionAst]))
    }

    It 'parses' { $errors | Should -BeNullOrEmpty }

    It 'names functions with an approved verb and one thing, and says what each does' {
        $approved = (Get-Verb).Verb
        foreach ($function in $functions) {
            $verb, $noun = $function.Name -split '-', 2
            $verb | Should -BeIn $approved -Because $function.Name
            $noun | Should -Not -Match '(?<!(Statu|Addres|Proces|Alia|Acces|Canva|Bu|Progres|Clas))s$' -Because $function.Name
            # The two that run once per value are written as `function f($x)`, with a word above the first of them.
            if ($function.Parameters) { continue }
            "$($function.GetHelpContent().Synopsis)" | Should -Match '\w' -Because "$($function.Name) must say what it does"
        }
    }

    It 'uses no alias, no Invoke-Expression, no Write-Host, no line that ends in a backtick' {
        $aliases = (Get-Alias).Name
        foreach ($name in $commands) { $name | Should -Not -BeIn $aliases }
        $commands | Should -Not -Contain 'Invoke-Expression'
        $commands | Should -Not -Contain 'Write-Host'
        $tokens.Where({ $_.Kind -eq 'LineContinuation' }) | Should -BeNullOrEmpty
    }

    It 'keeps functions short' {
        foreach ($function in $functions) {
            $help = @($tokens.Where({ $_.Kind -eq 'Comment' -and $_.Text.StartsWith('<#') -and $_.Extent.StartOffset -gt $function.Extent.StartOffset -and $_.Extent.EndOffset -lt $function.Extent.EndOffset }))
            $lines = $function.Extent.EndLineNumber - $function.Extent.StartLineNumber + 1
            foreach ($comment in $help) { $lines -= $comment.Extent.EndLineNumber - $comment.Extent.StartLineNumber + 1 }
                $lines | Should -BeLessOrEqual 80 -Because "$($function.Name) does too much"
        }
    }
}

Describe 'the texts' {
    BeforeAll {
        $english = Import-PowerShellDataFile "$root/ps/en-US/Orchestrator.texts.psd1" -SkipLimitCheck
        $russian = Import-PowerShellDataFile "$root/ps/ru-RU/Orchestrator.texts.psd1" -SkipLimitCheck
        $code = (Get-ChildItem "$root/ps/Private", "$root/ps/Public" -Recurse -Filter *.ps1 | Get-Content -Raw) -join "`n"
        # A key that is put together, as in "Fault.$fault", stands for all that begin like it.
        $used = @([regex]::Matches($code, 'Get-Phrase\s+[''"]([\w.]+)(\$?)') | ForEach-Object { $_.Groups[1].Value + ($_.Groups[2].Value ? '*' : '') })
        $used += [regex]::Matches($code, '\?\s*''((?:Reason)\.\w+)''\s*:\s*''((?:Reason)\.\w+)''') | ForEach-Object { $_.Groups[1].Value; $_.Groups[2].Value }
    }

    It 'have the same keys and the same words to fill in, in both languages' {
        $russian.Keys | Sort-Object | Should -Be ($english.Keys | Sort-Object)
        foreach ($key in $english.Keys) {
            $fill = { param($text) [regex]::Matches($text, '\{\w+\}').Value | Sort-Object -Unique }
            & $fill $russian[$key] | Should -Be (& $fill $english[$key]) -Because $key
        }
    }

    It 'that the code names are there' {
        foreach ($key in $used | Where-Object { $_ -notlike '*`*' }) { $english.Keys | Should -Contain $key }
    }

    It 'that are there are used' {
        foreach ($key in $english.Keys) {
            @($used | Where-Object { $key -like $_ }).Count | Should -BeGreaterThan 0 -Because "$key is used nowhere"
        }
    }

    It 'are shown in the language that is asked for' {
        $result = Wait-RigPwsh (Start-RigPwsh -Script 'Get-OrchestratorStatus nobody' -Environment @{ ORCHESTRATOR_LANG = 'ru' })
        $result.Errors | Should -Match 'Службы "nobody" нет'
    }

    It 'about_Orchestrator fits 80 columns in <_>' -ForEach 'en-US', 'ru-RU' {
        $lines = Get-Content "$root/ps/$_/about_Orchestrator.help.txt"
        $lines.Count | Should -BeGreaterThan 50
        ($lines | Measure-Object -Property Length -Maximum).Maximum | Should -BeLessOrEqual 80
    }

    It 'error codes that the code names are in the registry, and warnings too' {
        $known = (Import-PowerShellDataFile "$root/ps/en-US/Orchestrator.strings.psd1" -SkipLimitCheck).Keys
        [regex]::Matches($code, '\bORC\d{4}\b').Value | Sort-Object -Unique | ForEach-Object { $known | Should -Contain $_ }
    }
}
