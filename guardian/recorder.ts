import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { History } from '../core/history/history.ts';

/** Writes into the history when there is one. A history that fails is told once and never in the way. */
export interface Recorder {
  write(work: (history: History) => void): void;
  /** True when the index of incidents is empty, so that it can be made again. */
  readonly needsIncidents: boolean;

  close(): void;
}

type Trouble = (detail: string) => void;

/** After a failure the history is left alone this long. */
const restMs = 300_000;

/** SQLite is loaded here and not at import: without a usable database the guardian does without it. */
export async function openRecorder({
  path,
  now,
  onTrouble,
}: {
  path: string;
  now: () => number;
  onTrouble: Trouble;
}): Promise<Recorder> {
  const { isDamaged, moveAside, openOrSetAside } = await loadHistory();
  let history: History | null = null;
  let restUntil = 0;

  function open(): void {
    try {
      const opened = openOrSetAside({ path, now: now() });
      history = opened.history;
      if (opened.damaged)
        onTrouble(`history.db was damaged and moved to ${opened.damaged}; a new one was begun`);
    } catch (error) {
      restUntil = now() + restMs;
      onTrouble(`history.db cannot be used, so nothing is recorded: ${textOf(error)}`);
    }
  }

  function fail(error: unknown): void {
    restUntil = now() + restMs;
    onTrouble(`history.db could not be written: ${textOf(error)}`);
    if (!isDamaged(error)) return;
    try {
      history?.close();
      history = null;
      onTrouble(`history.db was damaged and moved to ${moveAside(path, now())}`);
      restUntil = 0;
    } catch (problem) {
      onTrouble(`history.db could not be moved aside: ${textOf(problem)}`);
    }
  }

  await mkdir(dirname(path), { recursive: true }).catch(() => {});
  open();
  return {
    write(work) {
      if (now() < restUntil) return;
      if (history === null) open();
      if (history === null) return;
      try {
        work(history);
      } catch (error) {
        fail(error);
      }
    },
    get needsIncidents() {
      try {
        return history !== null && history.incidents({ limit: 1 }).length === 0;
      } catch {
        return false;
      }
    },

    close() {
      try {
        history?.close();
      } catch {
        // It is being left behind anyway.
      }
      history = null;
      restUntil = Number.POSITIVE_INFINITY;
    },
  };
}

/** A recorder that records nothing. */
export const noRecorder: Recorder = {
  write: () => {},
  needsIncidents: false,

  close: () => {},
};

async function loadHistory() {
  const [{ isDamaged }, { moveAside, openOrSetAside }] = await Promise.all([
    import('../core/history/history.ts'),
    import('../core/history/setAside.ts'),
  ]);
  return { isDamaged, moveAside, openOrSetAside };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
