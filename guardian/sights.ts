import type { Service } from '../core/contract/manifest.ts';
import { type RunState, runSchema } from '../core/contract/state.ts';
import { readState } from '../core/state/files.ts';
import type { StatePaths } from '../core/state/paths.ts';
import type { Instant, ProcessSight } from './policy/types.ts';
import { type IsAlive, lookAt } from './probe/process.ts';

/** Where each program stands, by its run file and the processes themselves. */
export interface Sights {
  /** Null is no result. */
  of(id: string): ProcessSight | null;
  hostOf(id: string): number | null;
  /** Reads again what is written about a service. The answer is true when its sight changed. */
  reread(id: string): Promise<boolean>;
  /** Looks at the processes themselves; the ids whose sight changed. Cheap enough for twice a second. */
  poll(): string[];
  /** True while something was seen that whoever writes the run files must explain. */
  readonly unexplained: boolean;
}

interface Entry {
  readonly id: string;
  readonly changingMs: number;
  /** Undefined: not readable, so nothing is known. */
  run: RunState | null | undefined;
  sight: ProcessSight | null;
  passingSince: Instant | null;
  warning: string | null;
}

/** A state that should be only passing is believed after this long. */
const passingMs = 900;
/** The same where the service manager must be asked first, through a PowerShell that may have to start. */
const relayedPassingMs = 15_000;
/** Of the looks that `poll` makes, each so manyth also asks the kernel who the process is, and about the host. */
const identityEvery = 2;
const hostEvery = 4;

export function createRunFileSights({
  services,
  paths,
  isAlive,
  exists,
  bootAt,
  now,
  relayed = false,
  trusted = () => true,
  onWarning,
}: {
  services: readonly Service[];
  paths: StatePaths;
  isAlive: IsAlive;
  /** Whether any process has this id: cheaper than isAlive, and true for one that has ended but was not fetched. */
  exists: (processId: number) => boolean;
  bootAt: Instant;
  now: () => Instant;
  /** The files are the cmdlets' account of what the service manager says, and so always a little late. */
  relayed?: boolean;
  /** False while the files are not to be believed: then nothing is known. */
  trusted?: () => boolean;
  onWarning: (id: string, warning: string) => void;
}): Sights {
  const patienceMs = relayed ? relayedPassingMs : passingMs;
  const entries = new Map<string, Entry>(
    services.map(({ id, stop }) => [
      id,
      {
        id,
        changingMs: stop.timeoutMs + 30_000,
        run: undefined,
        sight: null,
        passingSince: null,
        warning: null,
      },
    ]),
  );
  let round = 0;

  function look(entry: Entry): boolean {
    const before = entry.sight;
    if (entry.run === undefined) {
      entry.sight = null;
    } else {
      const at = now();
      const { sight, passing } = lookAt({ ...entry, run: entry.run, isAlive, bootAt, now: at, relayed });
      entry.passingSince = passing ? (entry.passingSince ?? at) : null;
      const waits = entry.passingSince !== null && at - entry.passingSince < patienceMs;
      if (!waits) entry.sight = sight;
      else if (sight.kind === 'running') entry.sight = { ...sight, hosted: true };
      else entry.sight = before?.kind === 'running' && !relayed ? before : { kind: 'changing' };
    }
    return JSON.stringify(before) !== JSON.stringify(entry.sight);
  }

  function needsLook({ run, sight, passingSince }: Entry): boolean {
    if (!run) return false;
    if (passingSince !== null || sight?.kind === 'changing') return true;
    if (sight?.kind !== 'running') return false;
    if (!exists(sight.processId)) return true;
    if (round % hostEvery === 0) return true;
    return round % identityEvery === 0 && !isAlive({ pid: sight.processId, start: run.processStart });
  }

  return {
    of: (id) => entries.get(id)?.sight ?? null,
    hostOf: (id) => entries.get(id)?.run?.hostProcessId ?? null,
    async reread(id) {
      const entry = entries.get(id);
      if (!entry || !trusted()) return false;
      const { value, warning } = await readState(paths.run(id), runSchema);
      if (warning !== null && warning !== entry.warning) onWarning(id, warning);
      entry.warning = warning;
      entry.run = warning === null ? value : undefined;
      return look(entry);
    },
    poll() {
      round += 1;
      return [...entries.values()].filter((entry) => needsLook(entry) && look(entry)).map(({ id }) => id);
    },
    get unexplained() {
      return [...entries.values()].some(
        ({ sight, passingSince }) => passingSince !== null || sight?.kind === 'changing',
      );
    },
  };
}
