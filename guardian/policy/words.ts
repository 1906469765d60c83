import type { Fault, GoneProcess, Instant, ProbeResult } from './types.ts';

const signalOfCode: Readonly<Record<number, string>> = {
  129: 'SIGHUP',
  130: 'SIGINT',
  134: 'SIGABRT',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
};
const codeOfSignal = new Map(Object.entries(signalOfCode).map(([code, name]) => [name, Number(code)]));

/** `12 s`, `3 min`, `2 h`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** `04:30:10 UTC`. */
export function clockTime(at: Instant): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

/** How a process ended, as the rest of a sentence. */
export function endOf({ how, exitCode, signal, error }: GoneProcess): string {
  if (how === 'failed') return `could not be started${error ? `: ${error.replace(/[\s.]+$/, '')}` : ''}`;
  if (signal !== null) {
    const code = exitCode ?? codeOfSignal.get(signal);
    return code === undefined ? `was killed by ${signal}` : `exited with code ${code} (killed by ${signal})`;
  }
  if (exitCode !== null) {
    // Windows writes the codes of crashes so: 0xC0000005 is found by whoever looks it up, 3221225477 is not.
    if (exitCode > 0x7f_ff_ff_ff) {
      return `exited with code 0x${exitCode.toString(16).toUpperCase()} (${exitCode})`;
    }
    const name = signalOfCode[exitCode];
    return `exited with code ${exitCode}${name ? ` (killed by ${name})` : ''}`;
  }
  if (how === 'exited' || how === 'lost') return 'ended, and nobody saw how';
  return 'does not run';
}

export function goneFault(gone: GoneProcess): Fault {
  const kind =
    gone.how === 'failed' ? 'failed' : gone.how === 'exited' || gone.how === 'lost' ? 'exited' : 'down';
  return { cause: endOf(gone), kind, exitCode: gone.exitCode, signal: gone.signal, confirmed: true };
}

/** The fault that a failed probe shows; `silentSince` is when it was last known to be well. */
export function probeFault({
  probe,
  silentSince,
  now,
  confirmed,
}: {
  probe: ProbeResult;
  silentSince: Instant;
  now: Instant;
  confirmed: boolean;
}): Fault {
  const rest = { exitCode: null, signal: null, confirmed };
  if (probe.owner.kind === 'stranger') {
    return { ...rest, kind: 'stranger', cause: `port ${probe.owner.port} is held by ${probe.owner.label}` };
  }
  const lasting = span(now - silentSince);
  return probe.answered
    ? { ...rest, kind: 'answers', cause: `${probe.detail} for ${lasting}` }
    : { ...rest, kind: 'silent', cause: `no answer for ${lasting}` };
}

/** A cause as the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
