function Get-NearestText {
  <#
  .SYNOPSIS
  The candidate nearest to a text, letters of ASCII compared without case; of equals the first.
  #>
  [OutputType([string])]
  param([Parameter(Mandatory)][AllowEmptyString()][string] $Text, [AllowEmptyCollection()][string[]] $Candidate)
  $best = $null
  $least = [int]::MaxValue
  $wanted = ConvertTo-FoldedText ($Text.Length -gt 100 ? $Text.Substring(0, 100) : $Text)
  foreach ($one in $Candidate) {
    $distance = Get-EditDistance -From $wanted -To (ConvertTo-FoldedText $one)
    if ($distance -lt $least) {
      $least = $distance
      $best = $one
    }
  }
  $best
}

function ConvertTo-FoldedText {
  <#
  .SYNOPSIS
  A text with the letters of ASCII in lower case and all others as they are, as the TypeScript side does it.
  #>
  [OutputType([string])]
  param($Text)
  if ($Text -cnotmatch '[A-Z]') { return $Text }
  [regex]::Replace($Text, '[A-Z]', { param($letter) $letter.Value.ToLowerInvariant() })
}

function Get-EditDistance {
  <#
  .SYNOPSIS
  Least number of inserted, removed or replaced UTF-16 units that turn one text into the other.
  #>
  [OutputType([int])]
  param([AllowEmptyString()][string] $From, [AllowEmptyString()][string] $To)
  $row = [int[]] (0..$To.Length)
  for ($i = 1; $i -le $From.Length; $i++) {
    $next = [int[]]::new($To.Length + 1)
    $next[0] = $i
    for ($j = 1; $j -le $To.Length; $j++) {
      $replace = $row[$j - 1] + ($From[$i - 1] -ceq $To[$j - 1] ? 0 : 1)
      $next[$j] = [math]::Min($replace, [math]::Min($row[$j], $next[$j - 1]) + 1)
    }
    $row = $next
  }
  $row[$To.Length]
}
