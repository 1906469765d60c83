import { type BridgeRequest, type Envelope, envelopeSchema } from '../contract/envelope.ts';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/** The line that runs one request. Only base64 varies in it, so nothing of a request is ever read as PowerShell. */
export function requestLine(request: BridgeRequest): string {
  return `[Console]::Out.WriteLine((& (Get-Module Orchestrator) { param($r) Invoke-BridgeRequest $r } '${base64(JSON.stringify(request))}'))`;
}

/**
 * The first line of a shell: imports the module and answers `<id> <major>.<minor> <base64 of an error, or nothing>;`.
 * It must also parse in Windows PowerShell 5.1, so that an old version is named and not guessed.
 */
export function bootLine({ id, modulePath }: { id: string; modulePath: string }): string {
  return [
    "$global:ProgressPreference = 'SilentlyContinue'",
    // Each line sent would be kept otherwise, base64 and all.
    '$global:MaximumHistoryCount = 1',
    '& { param($id, $path) $fault = ""',
    'try { $name = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($path))',
    'Import-Module -Name ([WildcardPattern]::Escape($name)) -Global -ErrorAction Stop -WarningAction SilentlyContinue',
    'if (-not (Get-Module Orchestrator)) { throw "The module is not called Orchestrator." } } catch { $fault = $_.Exception.Message }',
    '$version = $PSVersionTable.PSVersion',
    `[Console]::Out.WriteLine("$id $($version.Major).$($version.Minor) " + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($fault)) + ";") } '${id}' '${base64(modulePath)}'`,
  ].join('; ');
}

export interface BootAnswer {
  readonly major: number;
  readonly minor: number;
  /** Why the module could not be imported; empty when it was. */
  readonly fault: string;
}

/** Null when the answer is not there. */
export function readBootAnswer(output: Buffer, id: string): BootAnswer | null {
  const match = new RegExp(`${id} (\\d+)\\.(\\d+) ([A-Za-z0-9+/=]*);`).exec(output.toString('latin1'));
  if (!match) return null;
  return {
    major: Number(match[1]),
    minor: Number(match[2]),
    fault: Buffer.from(match[3] ?? '', 'base64').toString('utf8'),
  };
}

export type EnvelopeRead =
  | { readonly envelope: Envelope; readonly fault: null }
  | { readonly envelope: null; readonly fault: string };

/**
 * Finds the envelope in what came out of the shell. Programs that the cmdlet started may have written there too, before
 * it on the same line or after it; the id is random, so none of them can write an envelope of its own.
 */
export function readEnvelope(output: Buffer, id: string): EnvelopeRead {
  const start = output.lastIndexOf(`{"id":"${id}"`);
  if (start < 0) return { envelope: null, fault: 'PowerShell sent no answer.' };
  const end = output.indexOf('\n', start);
  const line = output.subarray(start, end < 0 ? output.length : end).toString('latin1');
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return { envelope: null, fault: 'The answer is not whole JSON.' };
  }
  const parsed = envelopeSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { envelope: null, fault: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` };
  }
  if (parsed.data.id !== id) return { envelope: null, fault: 'The answer belongs to another call.' };
  return { envelope: parsed.data, fault: null };
}
