import { existsSync, renameSync } from 'node:fs';
import { type History, isDamaged, openHistory } from './history.ts';

export interface SetAside {
  readonly history: History;
  /** Where a damaged file was moved to; null when there was none. */
  readonly damaged: string | null;
}

/** Opens history.db for writing; a damaged one is moved aside, never deleted, and a new one is begun. */
export function openOrSetAside({ path, now = Date.now() }: { path: string; now?: number }): SetAside {
  try {
    return { history: openHistory({ path }), damaged: null };
  } catch (error) {
    if (!isDamaged(error)) throw error;
    const damaged = moveAside(path, now);
    return { history: openHistory({ path }), damaged };
  }
}

/** Moves the file and what SQLite keeps beside it. The answer is its new path. */
export function moveAside(path: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  let target = `${path}.damaged-${stamp}`;
  for (let n = 2; existsSync(target); n++) target = `${path}.damaged-${stamp}-${n}`;
  renameSync(path, target);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  return target;
}
