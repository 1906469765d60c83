import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HostSpec } from '../../../core/contract/hostProtocol.ts';
import { alive, bundlePrograms, gone, type Programs, Rig, until } from './hostRig.ts';

let programs: Programs;
let rig: Rig;

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => rm(programs.folder, { recursive: true, force: true }));
afterEach(() => rig.dispose());

async function hosted(change: Partial<HostSpec> = {}): Promise<number> {
  rig = await Rig.create(programs, change);
  return await rig.launchReady();
}

describe('a service and its host', () => {
  it('starts nothing by itself and says so', async () => {
    const host = await hosted();
    const run = await rig.run();
    expect(run).toMatchObject({ state: 'Stopped', hostProcessId: host, processId: null, launches: 0 });
    expect(run?.socket).toBe(rig.socket);
    expect(await rig.ask({ verb: 'query' })).toMatchObject({ ok: true, run: { state: 'Stopped' } });
  });

  it('starts the program once, however often it is asked', async () => {
    await hosted();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => rig.start()));
    const pids = new Set(answers.map((run) => run.processId));
    expect(pids.size).toBe(1);
    expect(answers.at(-1)).toMatchObject({ state: 'Running', launches: 1, exitCode: null, error: null });
    expect(await rig.run()).toEqual(answers.at(-1));
  });

  it('runs it in its folder, with both outputs in files, Cyrillic and spaces in every path', async () => {
    await hosted();
    const { processId } = await rig.start();
    const first = await until('the program speaks', async () => (await rig.stdout()).split('\n')[0]);
    expect(JSON.parse(first.slice(3))).toMatchObject({ pid: processId, cwd: rig.folder });
    await until('stderr is written', async () => (await rig.stderr()) === 'first words on stderr\n');
  });

  it('gives the program its own variables and none that belong to the caller', async () => {
    const names = [
      'PORT',
      'HOSTNAME',
      'NODE_OPTIONS',
      'npm_config_x',
      'ORCHESTRATOR_DETACHED',
      'OWN',
      'PATH',
    ];
    const own = { OWN: 'значение', PORT: '4123' };
    const callers = { NODE_OPTIONS: '--no-deprecation', npm_config_x: 'x', HOSTNAME: 'caller' };
    const { PATH, HOSTNAME: before } = process.env;
    Object.assign(process.env, callers);
    rig = await Rig.create(programs, { env: own });
    try {
      await rig.launchReady();
    } finally {
      for (const name of Object.keys(callers)) delete process.env[name];
      if (before !== undefined) Object.assign(process.env, { HOSTNAME: before });
    }
    await rig.start({ ...rig.spec, command: rig.program('steady', ...names) });
    const line = await until('the program speaks', async () => (await rig.stdout()).split('\n')[0]);
    const { seen } = JSON.parse(line.slice(3)) as { seen: Record<string, string | null> };
    expect(seen).toEqual({
      ...own,
      HOSTNAME: null,
      NODE_OPTIONS: null,
      npm_config_x: null,
      ORCHESTRATOR_DETACHED: null,
      PATH,
    });
  });

  it('tells of a kill within 100 ms, with the signal', async () => {
    await hosted();
    const { processId } = await rig.start();
    const killedAt = performance.now();
    process.kill(processId, 'SIGKILL');
    const run = await until('the run file says so', async () => {
      const now = await rig.run();
      return now?.state === 'Exited' && now;
    });
    expect(performance.now() - killedAt).toBeLessThan(100);
    expect(run).toMatchObject({ signal: 'SIGKILL', exitCode: null, processId: null, launches: 1 });
    expect(run.endedAt).not.toBeNull();
  });

  it('tells the exit code of a program that ends by itself', async () => {
    await hosted({ command: { file: process.execPath, args: ['-e', 'process.exit(41)'] } });
    // It may have ended before the answer is written, so the answer need not name a process.
    expect(await rig.ask({ verb: 'start' })).toMatchObject({ ok: true });
    const run = await until('it has ended', async () => {
      const now = await rig.run();
      return now?.state === 'Exited' && now;
    });
    expect(run).toMatchObject({ exitCode: 41, signal: null });
  });

  it('outlives its program: a restart keeps the host and is quick', async () => {
    const host = await hosted();
    let { processId } = await rig.start();
    const waits: number[] = [];
    for (let round = 2; round <= 6; round += 1) {
      process.kill(processId, 'SIGKILL');
      await until('it has ended', async () => (await rig.run())?.state === 'Exited');
      const asked = performance.now();
      const run = await rig.start();
      waits.push(performance.now() - asked);
      expect(run).toMatchObject({ hostProcessId: host, launches: round, state: 'Running' });
      expect(run.processId).not.toBe(processId);
      processId = run.processId;
    }
    expect(Math.min(...waits)).toBeLessThan(60);
  });

  it('stops politely and can start again', async () => {
    await hosted();
    const { processId } = await rig.start();
    await until('the program is up', async () => (await rig.stdout()).includes('up'));
    const { ok, run } = await rig.stop();
    expect(ok).toBe(true);
    expect(run).toMatchObject({ state: 'Stopped', exitCode: 0, signal: null, processId: null });
    expect(alive(processId)).toBe(false);
    expect(await rig.stdout()).toContain('bye SIGINT');
    await rig.start();
    await until('the same file goes on', async () => (await rig.stdout()).split('up {').length === 3);
  });

  it('carries out a start that comes during a stop after it', async () => {
    await hosted({ env: { STOP_MS: '400' } });
    const { processId } = await rig.start();
    await until('the program is up', async () => (await rig.stdout()).includes('up'));
    const stopping = rig.stop();
    await until('it is stopping', async () => (await rig.run())?.state === 'Stopping');
    const again = await rig.start();
    expect((await stopping).run).toMatchObject({ state: 'Stopped', exitCode: 0 });
    expect(again.processId).not.toBe(processId);
    expect(alive(processId)).toBe(false);
    expect(again.launches).toBe(2);
  });

  it('leaves no process and no socket after a release', async () => {
    const host = await hosted();
    const { processId } = await rig.start();
    expect((await rig.stop({ release: true })).run.state).toBe('Stopped');
    await expect(rig.ask({ verb: 'query' })).rejects.toThrow(/ENOENT/);
    expect(await gone(host)).toBe(true);
    expect(alive(processId)).toBe(false);
    expect((await rig.run())?.state).toBe('Stopped');
  });

  it('takes its program with it when it is told to end by a signal', async () => {
    const host = await hosted();
    const { processId } = await rig.start();
    process.kill(host, 'SIGHUP');
    await until('the program is up', async () => (await rig.stdout()).includes('up'));
    expect(alive(processId)).toBe(true);
    process.kill(host, 'SIGTERM');
    expect(await gone(host)).toBe(true);
    expect(alive(processId)).toBe(false);
    expect(await rig.stdout()).toContain('bye SIGINT');
    await expect(rig.ask({ verb: 'query' })).rejects.toThrow(/ENOENT/);
  });
});

describe('a program that cannot be started', () => {
  const failing: [string, (folder: string) => Partial<HostSpec>, string, RegExp][] = [
    ['missing file', () => ({ command: { file: '/нет такого/файла', args: [] } }), 'ORC2004', /not found/],
    ['missing folder', (folder) => ({ cwd: join(folder, 'нет') }), 'ORC2004', /cannot be entered/],
    ['folder that is a file', () => ({ cwd: process.execPath }), 'ORC2004', /not a folder/],
    [
      'file that is a folder',
      (folder) => ({ command: { file: folder, args: [] } }),
      'ORC2004',
      /may not be run/,
    ],
    [
      'log folder below a file',
      (folder) => ({ stdout: join(folder, 'файл', 'a.log') }),
      'ORC2009',
      /cannot be written/,
    ],
  ];

  it.each(failing)('%s: says why, and the host lives on', async (_, change, code, words) => {
    const host = await hosted();
    await writeFile(join(rig.folder, 'файл'), '');
    const answer = await rig.ask({ verb: 'start', spec: { ...rig.spec, ...change(rig.folder) } });
    expect(answer).toMatchObject({ ok: false, code, run: { state: 'Failed', processId: null, launches: 0 } });
    expect(answer.message).toMatch(words);
    expect(answer.run.error).not.toBeNull();
    expect((await rig.start(rig.spec)).hostProcessId).toBe(host);
    expect((await rig.run())?.error).toBeNull();
  });

  it('refuses another service', async () => {
    await hosted();
    const answer = await rig.ask({ verb: 'start', spec: { ...rig.spec, id: 'other' } });
    expect(answer).toMatchObject({ ok: false, code: 'ORC4005', run: { state: 'Stopped' } });
  });
});
