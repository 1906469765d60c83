import type { RunState } from '../../core/contract/state.ts';
import type { GoneProcess, Instant, ProcessSight } from '../policy/types.ts';

/** Whether a process lives and is the one that is meant; `start` as in runSchema. */
export type IsAlive = (identity: { readonly pid: number; readonly start: string | null }) => boolean;

/** What a look at one service's host and program gave, before it is held against what was seen earlier. */
export interface Look {
  readonly sight: ProcessSight;
  /**
   * Something that should be true only for a moment: the host is gone and its program not, or the program is gone and
   * its living host has not said how. It counts when it lasts.
   */
  readonly passing: boolean;
}

/**
 * Where a program stands, by its host's file and the processes themselves. `run` is null when it never ran.
 * `bootAt`: when the machine was started; `changingMs`: how long a start or a stop may take.
 */
export function lookAt({
  run,
  isAlive,
  bootAt,
  now,
  changingMs,
  relayed = false,
}: {
  run: RunState | null;
  isAlive: IsAlive;
  bootAt: Instant;
  now: Instant;
  changingMs: number;
  /** The file is not written by a host that saw the end itself, but soon after by whoever asks the service manager. */
  relayed?: boolean;
}): Look {
  if (run === null) return settled(gone('never'));
  const { hostProcessId, hostStart } = run;
  const hosted = hostProcessId !== null && isAlive({ pid: hostProcessId, start: hostStart });
  const inTime = now - Date.parse(run.updatedAt) < changingMs;
  const changing = hosted && inTime && (run.state === 'Starting' || run.state === 'Stopping');
  if (run.processId !== null && isAlive({ pid: run.processId, start: run.processStart })) {
    if (changing) return settled({ kind: 'changing' });
    const startedAt = instant(run.startedAt);
    const sight = { kind: 'running', processId: run.processId, startedAt, hosted } as const;
    // A file that says itself that nobody looks after the program has nothing to add.
    return { sight, passing: !hosted && !(relayed && hostProcessId === null) };
  }
  if (changing) return settled({ kind: 'changing' });
  const sight = gone(endOf(run, bootAt), run);
  return { sight, passing: (hosted || relayed) && sight.how === 'lost' };
}

function settled(sight: ProcessSight): Look {
  return { sight, passing: false };
}

function endOf(run: RunState, bootAt: Instant): GoneProcess['how'] {
  if (run.processId === null && run.state === 'Exited') return 'exited';
  if (run.processId === null && run.state === 'Failed') return 'failed';
  if (Date.parse(run.updatedAt) < bootAt) return 'rebooted';
  return run.state === 'Stopped' ? 'stopped' : 'lost';
}

function gone(how: GoneProcess['how'], run?: RunState): GoneProcess {
  // How a process ended that nobody saw end is not what an earlier one left in the file.
  const known = how === 'exited' || how === 'failed';
  return {
    kind: 'gone',
    how,
    startedAt: run ? instant(run.startedAt) : null,
    at: run ? Date.parse(run.updatedAt) : null,
    exitCode: known ? (run?.exitCode ?? null) : null,
    signal: known ? (run?.signal ?? null) : null,
    error: how === 'failed' ? (run?.error ?? null) : null,
  };
}

function instant(text: string | null): Instant | null {
  return text === null ? null : Date.parse(text);
}
