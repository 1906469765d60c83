$script:OrchestratorStrings = @{}

function Get-OrchestratorLanguage {
  <#
  .SYNOPSIS
  The language of messages: en or ru.
  .DESCRIPTION
  ORCHESTRATOR_LANG decides, then the culture of the user interface; anything that is not Russian is English.
  #>
  [OutputType([string])]
  param()
  $wanted = if ($env:ORCHESTRATOR_LANG) { $env:ORCHESTRATOR_LANG } else { [cultureinfo]::CurrentUICulture.Name }
  if ($wanted -match '^ru($|[-_.])') { 'ru' } else { 'en' }
}

function Get-StringTable {
  <#
  .SYNOPSIS
  A generated string table in a language, read at first use.
  .PARAMETER Name
  strings (errors by code) or details (sentences that explain a value).
  #>
  param([Parameter(Mandatory)][ValidateSet('strings', 'details')][string] $Name, [string] $Language)
  if (-not $Language) { $Language = Get-OrchestratorLanguage }
  $culture = if ($Language -eq 'ru') { 'ru-RU' } else { 'en-US' }
  $path = [IO.Path]::Combine([IO.Path]::GetDirectoryName($PSScriptRoot), $culture, "Orchestrator.$Name.psd1")
  if (-not $script:OrchestratorStrings.ContainsKey($path)) {
    $script:OrchestratorStrings[$path] = Import-PowerShellDataFile -LiteralPath $path -SkipLimitCheck
  }
  $script:OrchestratorStrings[$path]
}

function Format-OrchestratorString {
  <#
  .SYNOPSIS
  Fills the {placeholders} of a text in one pass, so that a value which holds braces is not filled again.
  #>
  param([Parameter(Mandatory)][AllowEmptyString()][string] $Text, [Collections.IDictionary] $Data = @{})
  [regex]::Replace($Text, '\{(\w+)\}', { param($match) [string] $Data[$match.Groups[1].Value] })
}

function Get-OrchestratorText {
  <#
  .SYNOPSIS
  The words of an error: what happened, why, and what to do.
  .PARAMETER Code
  A code of the registry. An unknown one gives the text of ORC3001 about it, never an error of its own.
  .PARAMETER Data
  Values for the placeholders; a missing one becomes empty.
  .OUTPUTS
  An object with Code, What, Why, Fix.
  #>
  param(
    [Parameter(Mandatory, Position = 0)][string] $Code,
    [Parameter(Position = 1)][AllowNull()][Collections.IDictionary] $Data,
    [ValidateSet('', 'en', 'ru')][string] $Language
  )
  $table = Get-StringTable -Name strings -Language $Language
  $entry = $table[$Code]
  if (-not $entry) {
    $entry = $table['ORC3001']
    $Data = @{ cmdlet = $Code; detail = ($Data ? ($Data.Values -join ' ') : '') }
  }
  if ($null -eq $Data) { $Data = @{} }
  [pscustomobject]@{
    Code = $Code
    What = Format-OrchestratorString -Text $entry.what -Data $Data
    Why  = Format-OrchestratorString -Text $entry.why -Data $Data
    Fix  = Format-OrchestratorString -Text $entry.fix -Data $Data
  }
}

function Get-OrchestratorErrorText {
  <#
  .SYNOPSIS
  The words of an error as one line, for a warning or a log.
  #>
  [OutputType([string])]
  param(
    [Parameter(Mandatory, Position = 0)][string] $Code,
    [Parameter(Position = 1)][AllowNull()][Collections.IDictionary] $Data
  )
  $text = Get-OrchestratorText -Code $Code -Data $Data
  "${Code}: $(@($text.What, $text.Why, $text.Fix).Where({ $_ }) -join ' ')"
}

function New-OrchestratorError {
  <#
  .SYNOPSIS
  Makes the ErrorRecord of a code; throw it, or hand it to WriteError.
  .PARAMETER Code
  A code of the registry; it becomes the ErrorId.
  .PARAMETER Data
  Values for the placeholders of its text; kept in the exception's Data too.
  .PARAMETER Category
  PowerShell's category; by default the one that fits the code's area.
  .PARAMETER Target
  What the error is about.
  .PARAMETER Exception
  The cause, kept as the inner exception.
  .OUTPUTS
  System.Management.Automation.ErrorRecord
  #>
  [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '')]
  [OutputType([Management.Automation.ErrorRecord])]
  param(
    [Parameter(Mandatory, Position = 0)][string] $Code,
    [Parameter(Position = 1)][AllowNull()][Collections.IDictionary] $Data,
    [Nullable[Management.Automation.ErrorCategory]] $Category,
    [AllowNull()][object] $Target,
    [AllowNull()][Exception] $Exception
  )
  $text = Get-OrchestratorText -Code $Code -Data $Data
  $message = "${Code}: $(@($text.What, $text.Why, $text.Fix).Where({ $_ }) -join "`n")"
  $fault = [InvalidOperationException]::new($message, $Exception)
  $fault.Data['Code'] = $Code
  if ($Data) {
    foreach ($key in $Data.Keys) { $fault.Data["$key"] = [string] $Data[$key] }
  }
  if ($null -eq $Category) { $Category = Get-ErrorCategory -Code $Code }
  [Management.Automation.ErrorRecord]::new($fault, $Code, $Category, $Target)
}

function Get-ErrorCategory {
  <#
  .SYNOPSIS
  The category of a code whose maker named none.
  #>
  param([string] $Code)
  switch -Regex ($Code) {
    '^ORC1001$|^ORC2001$' { return 'ObjectNotFound' }
    '^ORC1' { return 'InvalidData' }
    '^ORC2002$|^ORC2006$' { return 'ResourceBusy' }
    '^ORC3003$' { return 'InvalidArgument' }
    '^ORC2005$|^ORC3004$' { return 'OperationTimeout' }
    default { return 'InvalidOperation' }
  }
}
