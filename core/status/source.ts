import { dirname } from 'node:path';
import type { Manifest } from '../contract/manifest.ts';
import type { Incident } from '../contract/state.ts';
import type { StatePaths } from '../state/paths.ts';
import { type IsAlive, isProcessAlive } from './alive.ts';
import { composeStatus } from './compose.ts';
import { createFolderWatch } from './folderWatch.ts';
import { type Observation, observe } from './observation.ts';
import type { Self } from './observedState.ts';
import { createSnapshot, freshIncidents, type Snapshot, substance } from './snapshot.ts';

export type StatusListener = (snapshot: Snapshot, incidents: readonly Incident[]) => void;

export interface StatusSource {
  /** At most `maxAgeMs` old; reads no file unless one has changed. */
  current(): Promise<Snapshot>;
  /** Called with each new version, and with the incidents that opened or changed since the one before. */
  subscribe(listener: StatusListener): () => void;
  close(): void;
}

export interface StatusSourceOptions {
  readonly manifest: Manifest;
  readonly paths: StatePaths;
  readonly clock?: () => number;
  readonly isAlive?: IsAlive;
  readonly self?: Self | null;
  /** Processes are looked at again after this long. */
  readonly maxAgeMs?: number;
  /** Files are read again after this long even when no change was reported: some file systems report none. */
  readonly rereadMs?: number;
}

/** Keeps the picture in memory: files are read when they change, processes looked at while somebody asks. */
export function createStatusSource({
  manifest,
  paths,
  clock = Date.now,
  isAlive = isProcessAlive,
  self = null,
  maxAgeMs = 1000,
  rereadMs = 5000,
}: StatusSourceOptions): StatusSource {
  const listeners = new Set<StatusListener>();
  const folders = [dirname(paths.desired), paths.runDir];
  let observation: Observation | null = null;
  let readAt = 0;
  let stale = true;
  let reading: Promise<Observation> | null = null;
  let snapshot: Snapshot | null = null;
  let composedFrom: Observation | null = null;
  let composedAt = 0;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  const folderWatch = createFolderWatch({ folders, changed });

  function changed(): void {
    stale = true;
    if (listeners.size > 0) void follow();
  }

  async function follow(): Promise<void> {
    await reading;
    if (!closed) await current();
  }

  async function read(): Promise<Observation> {
    // Before the reading, so that a change during it is not lost: the next call reads again.
    stale = false;
    folderWatch.open();
    const seen = await observe({ manifest, paths });
    observation = seen;
    readAt = clock();
    return seen;
  }

  function compose(seen: Observation): Snapshot {
    const now = clock();
    if (snapshot && composedFrom === seen && Math.abs(now - composedAt) < maxAgeMs) return snapshot;
    const inLanguage = { manifest, observation: seen, now, isAlive, self };
    const status = composeStatus(inLanguage);
    const before = snapshot;
    const isNew = before === null || substance(before.status) !== substance(status);
    const next = createSnapshot({
      version: (before?.version ?? 0) + (isNew ? 1 : 0),
      status,
      compose: (language) => composeStatus({ ...inLanguage, language }),
    });
    snapshot = next;
    composedFrom = seen;
    composedAt = now;
    if (isNew && before) tell(next, freshIncidents(before.status.incidents, status.incidents));
    return next;
  }

  function tell(next: Snapshot, incidents: readonly Incident[]): void {
    for (const listener of listeners) listener(next, incidents);
  }

  async function current(): Promise<Snapshot> {
    const due = stale || observation === null || Math.abs(clock() - readAt) >= rereadMs;
    if (due) {
      reading ??= read().finally(() => {
        reading = null;
      });
      return compose(await reading);
    }
    return compose(observation as Observation);
  }

  return {
    current,
    subscribe(listener) {
      listeners.add(listener);
      timer ??= setInterval(() => void current(), maxAgeMs).unref();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0 || !timer) return;
        clearInterval(timer);
        timer = null;
      };
    },
    close() {
      closed = true;
      listeners.clear();
      if (timer) clearInterval(timer);
      folderWatch.close();
    },
  };
}
