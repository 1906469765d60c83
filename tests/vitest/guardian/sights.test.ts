import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunState } from '../../../core/contract/state.ts';
import { writeState } from '../../../core/state/files.ts';
import { statePaths } from '../../../core/state/paths.ts';
import { isAlive, processStart } from '../../../guardian/host/procfs.ts';
import type { ProcessSight } from '../../../guardian/policy/types.ts';
import { lookAt } from '../../../guardian/probe/process.ts';
import { createRunFileSights } from '../../../guardian/sights.ts';
import { temporaryFolder, testManifest } from './loopRig.ts';

const now = Date.parse('2026-01-02T03:04:05.000Z');
const iso = (at: number) => new Date(at).toISOString();

function runState(change: Partial<RunState> = {}): RunState {
  return {
    version: 1,
    id: 'panel',
    state: 'Running',
    hostProcessId: 10,
    hostStart: '1',
    socket: '/x',
    processId: 20,
    processStart: '2',
    startedAt: iso(now - 60_000),
    endedAt: null,
    exitCode: null,
    signal: null,
    launches: 1,
    error: null,
    updatedAt: iso(now - 60_000),
    ...change,
  };
}

describe('a look at a program', () => {
  const ended = { processId: null, processStart: null };
  const rows: readonly [
    name: string,
    run: RunState | null,
    alive: readonly number[],
    sight: Partial<ProcessSight> & { how?: string; hosted?: boolean },
    passing?: boolean,
  ][] = [
    ['never ran', null, [], { kind: 'gone', how: 'never' }],
    [
      'runs under its host',
      runState(),
      [10, 20],
      { kind: 'running', processId: 20, hosted: true } as ProcessSight,
    ],
    ['lost its host', runState(), [20], { kind: 'running', hosted: false }, true],
    ['died, and its host has not said so', runState(), [10], { kind: 'gone', how: 'lost' }, true],
    ['died with its host', runState(), [], { kind: 'gone', how: 'lost' }],
    [
      'exited',
      runState({ ...ended, state: 'Exited', exitCode: 3 }),
      [10],
      { kind: 'gone', how: 'exited', exitCode: 3 } as ProcessSight,
    ],
    [
      'exited, and its host is gone since',
      runState({ ...ended, state: 'Exited', signal: 'SIGKILL' }),
      [],
      { kind: 'gone', how: 'exited', signal: 'SIGKILL' } as ProcessSight,
    ],
    [
      'could not be started',
      runState({ ...ended, state: 'Failed', error: 'no file' }),
      [10],
      { kind: 'gone', how: 'failed', error: 'no file' } as ProcessSight,
    ],
    [
      'was stopped',
      runState({ ...ended, state: 'Stopped', exitCode: 0 }),
      [],
      { kind: 'gone', how: 'stopped', exitCode: null } as ProcessSight,
    ],
    [
      'is being stopped',
      runState({ state: 'Stopping', updatedAt: iso(now - 1000) }),
      [10, 20],
      { kind: 'changing' },
    ],
    ['is being stopped for too long', runState({ state: 'Stopping' }), [10, 20], { kind: 'running' }],
    [
      'was being stopped when its host died',
      runState({ state: 'Stopping', updatedAt: iso(now - 1000) }),
      [20],
      { kind: 'running', hosted: false },
      true,
    ],
    [
      'is being started',
      runState({ ...ended, state: 'Starting', updatedAt: iso(now - 1000) }),
      [10],
      { kind: 'changing' },
    ],
    [
      'ran before the machine was started',
      runState({ updatedAt: iso(now - 7_200_000) }),
      [],
      { kind: 'gone', how: 'rebooted' },
    ],
    [
      'was stopped with the machine',
      runState({ ...ended, state: 'Stopped', updatedAt: iso(now - 7_200_000) }),
      [],
      { kind: 'gone', how: 'rebooted' },
    ],
    [
      'crashed before the machine was started',
      runState({ ...ended, state: 'Exited', exitCode: 1, updatedAt: iso(now - 7_200_000) }),
      [],
      { kind: 'gone', how: 'exited' },
    ],
  ];
  it.each(rows)('that %s', (_, run, alive, sight, passing = false) => {
    const look = lookAt({
      run,
      isAlive: ({ pid }) => alive.includes(pid),
      bootAt: now - 3_600_000,
      now,
      changingMs: 30_000,
    });
    expect(look.sight).toMatchObject(sight);
    expect(look.passing).toBe(passing);
  });
});

describe('run files and real processes', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let clock: number;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = temporaryFolder();
    clock = Date.now();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    folder[Symbol.dispose]();
  });

  function program(): ChildProcess & { pid: number } {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    children.push(child);
    return child as ChildProcess & { pid: number };
  }

  async function setUp() {
    const manifest = testManifest(folder.path);
    const paths = statePaths(manifest.paths.data);
    await mkdir(paths.runDir);
    const warnings: string[] = [];
    const sights = createRunFileSights({
      services: manifest.services,
      paths,
      isAlive,
      exists: (pid) => isAlive({ pid, start: null }),
      bootAt: 0,
      now: () => clock,
      onWarning: (_, warning) => warnings.push(warning),
    });
    const host = program();
    const child = program();
    await Promise.all([once(host, 'spawn'), once(child, 'spawn')]);
    const run = runState({
      hostProcessId: host.pid,
      hostStart: processStart(host.pid),
      processId: child.pid,
      processStart: processStart(child.pid),
      updatedAt: iso(clock),
    });
    await writeState(paths.run('panel'), run);
    expect(await sights.reread('panel')).toBe(true);
    return { sights, paths, host, child, run, warnings };
  }

  async function end(child: ChildProcess): Promise<void> {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** As many looks as fall into this time. */
  function wait(sights: ReturnType<typeof createRunFileSights>, ms: number): string[] {
    const changed: string[] = [];
    for (let passed = 0; passed < ms; passed += 500) {
      clock += 500;
      changed.push(...sights.poll());
    }
    return changed;
  }

  it('a killed program is noticed within two seconds though its host is dead too', async () => {
    const { sights, host, child } = await setUp();
    expect(sights.of('panel')).toMatchObject({ kind: 'running', processId: child.pid, hosted: true });
    expect(wait(sights, 4000)).toEqual([]);
    await end(host);
    await end(child);
    expect(wait(sights, 2000)).toEqual(['panel']);
    expect(sights.of('panel')).toMatchObject({ kind: 'gone', how: 'lost' });
  });

  it('a host gets a moment to say how its program ended', async () => {
    const { sights, paths, child, run } = await setUp();
    await end(child);
    expect(wait(sights, 500)).toEqual([]);
    const exited = { ...run, state: 'Exited', processId: null, processStart: null, signal: 'SIGKILL' };
    await writeState(paths.run('panel'), exited);
    expect(await sights.reread('panel')).toBe(true);
    expect(sights.of('panel')).toMatchObject({ kind: 'gone', how: 'exited', signal: 'SIGKILL' });
  });

  it('a host that hangs is not waited for', async () => {
    const { sights, child } = await setUp();
    await end(child);
    expect(wait(sights, 2000)).toEqual(['panel']);
    expect(sights.of('panel')).toMatchObject({ kind: 'gone', how: 'lost' });
  });

  it('a program without its host is told apart, after a moment', async () => {
    const { sights, host } = await setUp();
    await end(host);
    expect(wait(sights, 3500)).toEqual(['panel']);
    expect(sights.of('panel')).toMatchObject({ kind: 'running', hosted: false });
  });

  it('another process with the same id is not taken for it', async () => {
    const { sights, paths, run } = await setUp();
    await writeState(paths.run('panel'), { ...run, processStart: '1', hostStart: '1' });
    await sights.reread('panel');
    expect(sights.of('panel')).toMatchObject({ kind: 'gone', how: 'lost' });
  });

  it('a damaged file is no result, told once, and a missing one means that it never ran', async () => {
    const { sights, paths, warnings } = await setUp();
    writeFileSync(paths.run('panel'), '{"version":1,');
    await sights.reread('panel');
    await sights.reread('panel');
    expect(sights.of('panel')).toBeNull();
    expect(warnings).toHaveLength(1);
    expect(await sights.reread('comfyui')).toBe(true);
    expect(sights.of('comfyui')).toMatchObject({ kind: 'gone', how: 'never' });
  });
});
