function Test-ManifestRule {
  <#
  .SYNOPSIS
  The rules that a schema cannot say. core/manifest/rules.ts is the twin and holds the reasons.
  .OUTPUTS
  Faults.
  #>
  param([Parameter(Mandatory)][object] $Root)
  $list = Get-JsonMember $Root 'services'
  if (${list}?.Kind -ne 'array') { return }
  $services = $list.Items
  Find-RepeatedName -Service $services
  Find-LaterDependency -Service $services
  Find-RepeatedPort -Service $services
  foreach ($service in $services) {
    Find-ModeFault -Service $service
    Find-EnvFault -Service $service
  }
}

function Get-JsonMember {
  <#
  .SYNOPSIS
  The value of a key, or nothing.
  #>
  param($Node, $Key)
  if ($Node -and $Node.Kind -eq 'object') { $Node.Members[$Key] }
}

function Get-JsonText {
  <#
  .SYNOPSIS
  The text of a value that is one, or null.
  #>
  param($Node)
  if ($Node -and $Node.Kind -eq 'string') { $Node.Value }
}

function Get-JsonTextItem {
  <#
  .SYNOPSIS
  The entries of a list that are texts.
  #>
  param($Node)
  if ($Node -and $Node.Kind -eq 'array') { $Node.Items.Where({ $_.Kind -eq 'string' }) }
}

function Find-RepeatedName {
  <#
  .SYNOPSIS
  ORC1007: ids, service names and aliases that stand twice.
  #>
  param([object[]] $Service)
  $seen = [Collections.Generic.HashSet[string]]::new([StringComparer]::Ordinal)
  foreach ($one in $Service) {
    $id = Get-JsonMember $one 'id'
    $name = Get-JsonMember $one 'serviceName'
    # A service called alike in both ways is still one service.
    $alike = [string]::Equals((Get-JsonText $id), (Get-JsonText $name), 'OrdinalIgnoreCase')
    $nodes = @($id; if (-not $alike) { $name }; Get-JsonTextItem (Get-JsonMember $one 'aliases'))
    foreach ($node in $nodes) {
      if (${node}?.Kind -ne 'string') { continue }
      if (-not $seen.Add((ConvertTo-FoldedText $node.Value))) {
        $place = @{ Pointer = $node.Pointer; Offset = $node.Offset }
        New-ManifestFault -Code ORC1007 @place -Data @{ value = $node.Value }
      }
    }
  }
}

function Find-LaterDependency {
  <#
  .SYNOPSIS
  ORC1008: dependencies on something that is not an earlier entry.
  #>
  param([object[]] $Service)
  $earlier = [Collections.Generic.HashSet[string]]::new([StringComparer]::Ordinal)
  foreach ($one in $Service) {
    foreach ($node in Get-JsonTextItem (Get-JsonMember $one 'dependsOn')) {
      if (-not $earlier.Contains($node.Value)) {
        $place = @{ Pointer = $node.Pointer; Offset = $node.Offset }
        New-ManifestFault -Code ORC1008 @place -Data @{ value = $node.Value }
      }
    }
    $id = Get-JsonText (Get-JsonMember $one 'id')
    if ($null -ne $id) { [void] $earlier.Add($id) }
  }
}

function Find-RepeatedPort {
  <#
  .SYNOPSIS
  ORC1009: ports that two services would listen on.
  #>
  param([object[]] $Service)
  $taken = [Collections.Generic.List[object]]::new()
  foreach ($one in $Service) {
    $port = Get-JsonMember $one 'port'
    $name = Get-JsonText (Get-JsonMember $one 'host')
    if (${port}?.Kind -ne 'number' -or $null -eq $name) { continue }
    $endpoint = [pscustomobject]@{
      Host     = ConvertTo-FoldedText ($name -replace '^\[(.*)\]\z', '$1')
      Port     = $port.Value
      External = (Get-JsonText (Get-JsonMember $one 'mode')) -ceq 'external'
    }
    $clash = $taken.Where({ $_.Port -eq $endpoint.Port -and (Test-SameHost $_ $endpoint) }, 'First')
    $taken.Add($endpoint)
    if ($clash) {
      $place = @{ Pointer = $port.Pointer; Offset = $port.Offset }
      New-ManifestFault -Code ORC1009 @place -Data @{ value = $port.Value }
    }
  }
}

function Test-SameHost {
  <#
  .SYNOPSIS
  Says whether two endpoints with one port would meet: `localhost` means both loopback addresses, and a wildcard means
  every address of this machine.
  #>
  [OutputType([bool])]
  param($A, $B)
  $loopback = '127.0.0.1', '::1'
  $wildcards = '0.0.0.0', '::'
  $ofA = @($A.Host -ceq 'localhost' ? $loopback : $A.Host)
  $ofB = @($B.Host -ceq 'localhost' ? $loopback : $B.Host)
  if ($ofA.Where({ $ofB -ccontains $_ })) { return $true }
  $local = $loopback + $wildcards
  if ($wildcards -ccontains $A.Host -and (-not $B.External -or $ofB.Where({ $local -ccontains $_ }))) { return $true }
  $wildcards -ccontains $B.Host -and (-not $A.External -or [bool] $ofA.Where({ $local -ccontains $_ }))
}

function Find-ModeFault {
  <#
  .SYNOPSIS
  ORC1005: what a service of its mode cannot do without.
  #>
  param([object] $Service)
  $mode = Get-JsonMember $Service 'mode'
  $external = (Get-JsonText $mode) -ceq 'external'
  $kind = Get-JsonMember (Get-JsonMember $Service 'health') 'kind'
  $command = Get-JsonMember $Service 'command'
  $port = Get-JsonMember $Service 'port'
  if (-not $external -and ${mode}?.Kind -eq 'string' -and ${command}?.Kind -eq 'null') {
    New-ValueFault -Node $command -Detail commandNull
  }
  if (${port}?.Kind -eq 'null' -and $external) {
    New-ValueFault -Node $port -Detail externalPort
  } elseif (${port}?.Kind -eq 'null' -and (Get-JsonText $kind) -ceq 'http') {
    New-ValueFault -Node $port -Detail httpPort
  }
  if ($external -and ${kind}?.Kind -eq 'string' -and $kind.Value -cne 'http') {
    New-ValueFault -Node $kind -Detail externalHealth
  }
}

function Find-EnvFault {
  <#
  .SYNOPSIS
  ORC1006: variables whose names differ in case only, which Windows takes for one.
  #>
  param([object] $Service)
  $env = Get-JsonMember $Service 'env'
  if (${env}?.Kind -ne 'object') { return }
  $seen = [Collections.Generic.HashSet[string]]::new([StringComparer]::Ordinal)
  foreach ($key in $env.Members.Keys) {
    if (-not $seen.Add((ConvertTo-FoldedText $key))) {
      $node = $env.Members[$key]
      New-ManifestFault -Code ORC1006 -Pointer $node.Pointer -Offset $node.KeyOffset
    }
  }
}
