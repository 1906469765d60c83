BeforeAll {
    $script:Root = [IO.Path]::GetFullPath("$PSScriptRoot/../../..")
    # By object and not by name: the real module has the same one and may be loaded beside it.
    $script:Fake = Import-Module "$script:Root/tests/fakes/bridge/Orchestrator.psd1" -Force -PassThru

    function ConvertTo-Request {
        param([string] $Json)
        [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($Json))
    }

    # The line as it would go out.
    function Invoke-Line {
        param([string] $Base64)
        & $script:Fake { param($Request) Invoke-BridgeRequest -Request $Request } $Base64
    }

    function Invoke-Json {
        param([string] $Json)
        Invoke-Line (ConvertTo-Request $Json) | ConvertFrom-Json
    }

    function Invoke-Cmdlet {
        param([string] $Cmdlet, [hashtable] $Parameters = @{})
        $body = @{ id = 'a-1'; cmdlet = $Cmdlet; params = $Parameters }
        Invoke-Json (ConvertTo-Json $body -Compress -Depth 20)
    }
}

AfterAll {
    Remove-Module -ModuleInfo $script:Fake -Force
}

Describe 'A request of the bridge' {
    It 'that is <Name> is answered with ORC3003 and does not throw' -ForEach @(
        @{ Name = 'empty'; Base64 = '' }
        @{ Name = 'not base64'; Base64 = "'; exit 1; '" }
        @{ Name = 'not UTF-8'; Base64 = [Convert]::ToBase64String([byte[]] (0x22, 0xff, 0x22)) }
        @{ Name = 'base64 of something else'; Base64 = 'QUJD' }
    ) {
        $answer = Invoke-Line $Base64 | ConvertFrom-Json
        $answer.ok | Should -BeFalse
        $answer.id | Should -BeExactly ''
        $answer.error.code | Should -BeExactly 'ORC3003'
    }

    It 'of the wrong shape is answered with ORC3003: <Json>' -ForEach @(
        @{ Json = '[]' }
        @{ Json = '"text"' }
        @{ Json = 'null' }
        @{ Json = '{}' }
        @{ Json = '{"cmdlet":"Get-FakeEcho","params":{}}' }
        @{ Json = '{"id":1,"cmdlet":"Get-FakeEcho","params":{}}' }
        @{ Json = '{"id":"","cmdlet":"Get-FakeEcho","params":{}}' }
        @{ Json = '{"id":"a\n","cmdlet":"Get-FakeEcho","params":{}}' }
        @{ Json = '{"id":"a\"b","cmdlet":"Get-FakeEcho","params":{}}' }
        @{ Json = '{"id":"a","cmdlet":["Get-FakeEcho"],"params":{}}' }
        @{ Json = '{"id":"a","cmdlet":"Get-FakeEcho"}' }
        @{ Json = '{"id":"a","cmdlet":"Get-FakeEcho","params":[]}' }
        @{ Json = '{"id":"a","cmdlet":"Get-FakeEcho","params":"-Force"}' }
        @{ Json = '{"id":"a","cmdlet":"Get-FakeEcho","params":{},"Count":3}' }
    ) {
        $answer = Invoke-Json $Json
        $answer.ok | Should -BeFalse
        $answer.data | Should -HaveCount 0
        $answer.error.code | Should -BeExactly 'ORC3003'
    }

    It 'for <Name> is answered with ORC3002' -ForEach @(
        @{ Name = 'Get-ChildItem' }
        @{ Name = 'get-fakeecho' }
        @{ Name = 'Get-FakeHidden' }
        @{ Name = 'Get-FakeInternal' }
        @{ Name = 'Orchestrator\Get-FakeEcho' }
        @{ Name = '../schema/Get-FakeEcho' }
        @{ Name = 'Get-FakeEcho; exit' }
        @{ Name = '*' }
        @{ Name = '' }
    ) {
        $answer = Invoke-Cmdlet $Name
        $answer.id | Should -BeExactly 'a-1'
        $answer.error.code | Should -BeExactly 'ORC3002'
    }

    It 'with the parameter <Name> is answered with ORC3003' -ForEach @(
        @{ Name = 'ErrorAction' }, @{ Name = 'OutVariable' }, @{ Name = 'WhatIf' }, @{ Name = 'name' },
        @{ Name = '' }, @{ Name = 'Keys' }, @{ Name = 'Count' }, @{ Name = '*' }, @{ Name = 'Name ' }
    ) {
        $answer = Invoke-Cmdlet 'Get-FakeEcho' @{ $Name = 'x' }
        $answer.error.code | Should -BeExactly 'ORC3003'
        $answer.error.target | Should -BeExactly $Name
    }

    It 'runs the module''s own command although the session has another of its name' {
        function global:Get-FakeEcho { 'not this one' }
        try {
            (Invoke-Cmdlet 'Get-FakeEcho' @{ Value = 1 }).data[0].value | Should -Be 1
        } finally {
            Remove-Item Function:\Get-FakeEcho
        }
    }
}

Describe 'An answer of the bridge' {
    It 'is one line of ASCII' {
        $line = Invoke-Line (ConvertTo-Request '{"id":"a","cmdlet":"Get-FakeEcho","params":{"Value":"Привет\n\r\u2028\u0000😀"}}')
        $line | Should -HaveCount 1
        $line | Should -Match '\A[\x20-\x7e]+\z'
        $line | Should -BeLike '{"id":"a","ok":true,"data":[[]{*'
        ($line | ConvertFrom-Json).data[0].value | Should -BeExactly "Привет`n`r$([char] 0x2028)$([char] 0)😀"
    }

    It 'keeps texts that look like dates as they are' {
        foreach ($text in '2025-01-02T03:04:05Z', '/Date(1735787045000)/', '2025-01-02') {
            $line = Invoke-Line (ConvertTo-Request "{`"id`":`"a`",`"cmdlet`":`"Get-FakeEcho`",`"params`":{`"Name`":[`"$text`"]}}")
            ($line | ConvertFrom-Json -DateKind String).data[0].name | Should -BeExactly $text
        }
    }

    It 'that is too long becomes ORC3006' {
        $limit = & $script:Fake { $script:BridgeMaximumAnswer }
        & $script:Fake { $script:BridgeMaximumAnswer = 1000 }
        try {
            $answer = Invoke-Cmdlet 'Get-FakeEcho' @{ Value = 'x' * 2000 }
            $answer.id | Should -BeExactly 'a-1'
            $answer.ok | Should -BeFalse
            $answer.data | Should -HaveCount 0
            $answer.error.code | Should -BeExactly 'ORC3006'
        } finally {
            & $script:Fake { param($Limit) $script:BridgeMaximumAnswer = $Limit } $limit
        }
    }

    It 'cuts endless texts of errors' {
        $answer = Invoke-Cmdlet 'Invoke-FakeError' @{ Kind = 'long' }
        $answer.error.message.Length | Should -Be 16000
    }
}

Describe 'The session after a call' {
    It 'is what it was before' {
        $null = Invoke-Cmdlet 'Get-FakeSession'
        $location = (Get-Location).Path
        $culture = [cultureinfo]::CurrentCulture.Name
        $preference = $global:ErrorActionPreference
        $null = Invoke-Cmdlet 'Set-FakeSession'
        (Get-Location).Path | Should -BeExactly $location
        [cultureinfo]::CurrentCulture.Name | Should -BeExactly $culture
        $global:ErrorActionPreference | Should -BeExactly $preference
        Test-Path Variable:global:FakeLeak | Should -BeFalse
        Test-Path Env:FAKE_LEAK | Should -BeFalse
        $global:PSDefaultParameterValues.Count | Should -Be 0
    }

    It 'is put back also when the cmdlet fails' {
        $null = Invoke-Cmdlet 'Get-FakeSession'
        $location = (Get-Location).Path
        $answer = Invoke-Cmdlet 'Invoke-FakeError' @{ Kind = 'moved' }
        $answer.error.code | Should -BeExactly 'ORC3001'
        (Get-Location).Path | Should -BeExactly $location
    }
}

Describe 'The list of what may be called' {
    It 'is that of the contract, and the module exports all of it' {
        $schemas = Get-ChildItem "$script:Root/ps/schema/cmdlets" -Filter '*.params.schema.json'
        $names = $schemas.Name -replace '\.params\.schema\.json$'
        $real = Import-Module "$script:Root/ps/Orchestrator.psd1" -PassThru
        $names.Count | Should -BeGreaterThan 0
        foreach ($name in $names) {
            $command = & $real { param($Name) Get-BridgeCommand -Name $Name } $name
            $command.Name | Should -BeExactly $name
            $allowed = & $real { param($Name) Get-BridgeParameterName -Name $Name } $name
            foreach ($parameter in $allowed) {
                $command.Parameters.Keys | Should -Contain $parameter -Because "$name has it in the contract"
                [Management.Automation.Cmdlet]::CommonParameters | Should -Not -Contain $parameter
            }
        }
    }
}
