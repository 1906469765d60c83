import { mkdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunState } from '../../../core/contract/state.ts';
import { writeState } from '../../../core/state/files.ts';
import { statePaths } from '../../../core/state/paths.ts';
import { createRunFileSights, type Sights } from '../../../guardian/sights.ts';
import { temporaryFolder, testManifest } from './loopRig.ts';

const start = Date.parse('2026-01-02T03:04:05.000Z');
const iso = (at: number) => new Date(at).toISOString();

/** Run files that the cmdlets write from what the service manager says: always a little late. */
describe('run files from the service manager', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let sights: Sights;
  let now: number;
  let alive: Set<number>;
  let trusted: boolean;

  beforeEach(async () => {
    folder = temporaryFolder();
    now = start;
    alive = new Set([10, 20]);
    trusted = true;
    const manifest = testManifest(folder.path);
    const paths = statePaths(manifest.paths.data);
    await mkdir(paths.runDir, { recursive: true });
    sights = createRunFileSights({
      services: manifest.services.filter(({ id }) => id === 'panel'),
      paths,
      isAlive: ({ pid }) => alive.has(pid),
      exists: (pid) => alive.has(pid),
      bootAt: start - 3_600_000,
      now: () => now,
      relayed: true,
      trusted: () => trusted,
      onWarning: () => {},
    });
  });

  afterEach(() => folder[Symbol.dispose]());

  async function write(change: Partial<RunState>): Promise<boolean> {
    const manifest = testManifest(folder.path);
    const run: RunState = {
      version: 1,
      id: 'panel',
      state: 'Running',
      hostProcessId: 10,
      hostStart: '1',
      socket: '',
      processId: 20,
      processStart: null,
      startedAt: iso(start - 60_000),
      endedAt: null,
      exitCode: null,
      signal: null,
      launches: 1,
      error: null,
      updatedAt: iso(now),
      ...change,
    };
    await writeState(statePaths(manifest.paths.data).run('panel'), run);
    return sights.reread('panel');
  }

  const gone = { processId: null, hostProcessId: null, hostStart: null } as const;

  test('are not believed before the service manager was asked', async () => {
    trusted = false;
    await write({});
    expect(sights.of('panel')).toBeNull();
    trusted = true;
    await sights.reread('panel');
    expect(sights.of('panel')).toMatchObject({ kind: 'running', processId: 20 });
  });

  test('a process that is gone with its wrapper waits for the explanation', async () => {
    await write({});
    alive.clear();
    sights.poll();
    expect(sights.of('panel')).toEqual({ kind: 'changing' });
    expect(sights.unexplained).toBe(true);
    await write({ ...gone, state: 'Exited', exitCode: 7 });
    expect(sights.of('panel')).toMatchObject({ kind: 'gone', how: 'exited', exitCode: 7 });
    expect(sights.unexplained).toBe(false);
  });

  test('without an explanation it counts as lost after fifteen seconds', async () => {
    await write({});
    alive.clear();
    sights.poll();
    now += 14_900;
    sights.poll();
    expect(sights.of('panel')).toEqual({ kind: 'changing' });
    now += 200;
    sights.poll();
    expect(sights.of('panel')).toMatchObject({ kind: 'gone', how: 'lost' });
  });

  test('a stop that must settle is no failure meanwhile', async () => {
    await write({});
    alive.clear();
    await write({ ...gone, state: 'Stopping' });
    expect(sights.of('panel')).toEqual({ kind: 'changing' });
    await write({ ...gone, state: 'Stopped' });
    expect(sights.of('panel')).toMatchObject({ kind: 'gone', how: 'stopped' });
  });

  test('a program whose wrapper died is an orphan as soon as the file says so', async () => {
    await write({});
    alive.delete(10);
    sights.poll();
    expect(sights.of('panel')).toMatchObject({ kind: 'running', hosted: true });
    await write({ hostProcessId: null, hostStart: null });
    expect(sights.of('panel')).toMatchObject({ kind: 'running', hosted: false });
  });
});
