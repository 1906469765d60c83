import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createLogHub, type LogHub } from '../../../core/logs/hub.ts';
import { createMask, type Mask } from '../../../core/logs/mask.ts';
import { rotatedName } from '../../../core/logs/rotatedName.ts';
import type { ViewedBatch, ViewFrom } from '../../../core/logs/viewer.ts';
import { watchFile } from '../../../core/logs/watchFile.ts';
import { until } from '../../until.ts';

export const noMask: Mask = createMask([]);

/** A log in a folder of its own, and what its writer may do to it. */
export async function createLogFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-logs-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'alpha-stdout.log');
  let stamp = Date.UTC(2026, 0, 1);
  const nextName = () => {
    stamp += 1;
    return join(folder, rotatedName(path, stamp));
  };
  return {
    folder,
    path,
    write: (text: string | Buffer) => writeFileSync(path, text),
    append: (text: string | Buffer) => appendFileSync(path, text),
    /** As NSSM and the Embedded host do it: the live file is renamed. */
    rotate() {
      const name = nextName();
      renameSync(path, name);
      return name;
    },
    /** A rotated file that nobody saw as the live one. */
    rotated(text: string | Buffer) {
      const name = nextName();
      writeFileSync(name, text);
      return name;
    },
  };
}

export function createTestHub(options: Partial<Parameters<typeof createLogHub>[0]> = {}): LogHub {
  const hub = createLogHub({ mask: () => noMask, watch: watchFile, lingerMs: 100, ...options });
  onTestFinished(() => hub.close());
  return hub;
}

/** A viewer that takes all it can get. */
export function view(hub: LogHub, path: string, from: ViewFrom = { tail: 0 }) {
  const batches: ViewedBatch[] = [];
  let taking = false;
  let again = false;
  let closed = false;
  const take = async () => {
    again = true;
    if (taking) return;
    taking = true;
    while (again && !closed) {
      again = false;
      const taken = await watched.viewer.take(262_144);
      batches.push(...taken);
      if (taken.some(({ lines }) => lines.length > 0)) again = true;
    }
    taking = false;
  };
  const watched = hub.watch({ path, from, wake: () => void take() });
  const close = () => {
    closed = true;
    watched.close();
  };
  onTestFinished(close);
  const ready = take();
  const lines = () => batches.flatMap((batch) => batch.lines);
  return {
    batches,
    ready,
    close,
    lines,
    get position() {
      return watched.viewer.position;
    },
    marks: () => batches.flatMap(({ mark }) => mark ?? []),
    until: (count: number, timeoutMs = 5000) =>
      until(`${count} lines`, () => lines().length >= count, { timeoutMs, everyMs: 5 }),
  };
}
