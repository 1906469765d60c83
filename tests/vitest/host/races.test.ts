import { existsSync } from 'node:fs';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { alive, bundlePrograms, gone, type Programs, Rig, shell, until } from './hostRig.ts';

let programs: Programs;
let rig: Rig;

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => rm(programs.folder, { recursive: true, force: true }));
afterEach(() => rig?.dispose());

async function ready(): Promise<number> {
  rig = await Rig.create(programs);
  return await rig.launchReady();
}

const ups = async () => (await rig.stdout()).split('\n').filter((line) => line.startsWith('up')).length;

describe('one host per service', () => {
  it('of ten hosts launched at once one stays, and one program runs', async () => {
    rig = await Rig.create(programs);
    const hosts = await Promise.all(Array.from({ length: 10 }, () => rig.launch()));
    await until('nine have given up', () => hosts.filter(alive).length === 1, 10_000);
    const [survivor] = hosts.filter(alive);
    await until('it has written its run file', async () => (await rig.run())?.hostProcessId === survivor);
    const answers = await Promise.all(Array.from({ length: 8 }, () => rig.start()));
    expect(new Set(answers.map((run) => run.processId)).size).toBe(1);
    expect(answers.every((run) => run.hostProcessId === survivor && run.launches === 1)).toBe(true);
    await until('the program speaks', async () => (await ups()) === 1);
  });

  it('the same holds over a dead host that left its socket and its program', async () => {
    const dead = await ready();
    const { processId } = await rig.start();
    process.kill(dead, 'SIGKILL');
    expect(await gone(dead)).toBe(true);
    expect(alive(processId)).toBe(true);
    expect(existsSync(rig.socket)).toBe(true);
    const hosts = await Promise.all(Array.from({ length: 5 }, () => rig.launch()));
    await until('four have given up', () => hosts.filter(alive).length === 1, 10_000);
    const run = await rig.start();
    expect(hosts.filter(alive)).toEqual([run.hostProcessId]);
    expect(alive(processId)).toBe(false);
    expect(run.launches).toBe(1);
    const names = await readdir(dirname(rig.socket));
    const left = names.filter((name) => name.startsWith('.'));
    await until('all passing names are gone', () =>
      left.every((name) => !existsSync(join(dirname(rig.socket), name))),
    );
  });

  it('what an orphaned program had started is ended although the program itself has died', async () => {
    const dead = await ready();
    await rig.start({ ...rig.spec, command: rig.program('stubborn', 2) });
    const line = await until('all of the tree runs', async () => (await rig.stdout()).split('\n')[0]);
    const [program, ...below] = (JSON.parse(line) as { pids: number[] }).pids as [number, ...number[]];
    process.kill(dead, 'SIGKILL');
    expect(await gone(dead)).toBe(true);
    process.kill(program, 'SIGKILL');
    expect(await gone(program)).toBe(true);
    expect(below.every(alive)).toBe(true);
    await rig.launchReady();
    expect(below.filter(alive)).toEqual([]);
  });

  it('a host asked to release makes room before it answers', async () => {
    await ready();
    for (let round = 0; round < 4; round += 1) {
      await rig.start();
      await rig.stop({ release: true, timeoutMs: 500 });
      const next = await rig.launchReady();
      expect((await rig.start()).hostProcessId).toBe(next);
    }
  });
});

/** A host of its own for tests that run side by side. */
async function place(onTestFinished: (dispose: () => Promise<void>) => void) {
  const rig = await Rig.create(programs);
  onTestFinished(() => rig.dispose());
  return { rig, host: await rig.launchReady() };
}

describe.concurrent('a host that loses its place', () => {
  it('takes it again when the socket file was only removed', async ({ onTestFinished, expect }) => {
    const { rig, host } = await place(onTestFinished);
    const { processId } = await rig.start();
    await rm(rig.socket);
    await until('the socket is back', () => existsSync(rig.socket), 4000);
    const { run } = await rig.ask({ verb: 'query' });
    expect(run).toMatchObject({ hostProcessId: host, processId, state: 'Running' });
  });

  it('stops its program and ends when another one listens there, whose socket it leaves alone', async ({
    onTestFinished,
    expect,
  }) => {
    const { rig, host } = await place(onTestFinished);
    const { processId } = await rig.start();
    const stranger = createServer();
    const path = `${rig.socket}.other`;
    await new Promise<void>((resolve) => stranger.listen(path, resolve));
    await rename(path, rig.socket);
    const { ino } = await stat(rig.socket);
    expect(await gone(host, 6000)).toBe(true);
    expect(alive(processId)).toBe(false);
    expect((await stat(rig.socket)).ino).toBe(ino);
    stranger.close();
    await rm(rig.socket, { force: true });
  });

  it('is ended, with its program, by the next host before that starts one', async ({
    onTestFinished,
    expect,
  }) => {
    const { rig, host: first } = await place(onTestFinished);
    const { processId } = await rig.start();
    await rename(rig.socket, `${rig.socket}.lost`);
    // As it was after a crash: a socket that refuses.
    const second = await rig.launch();
    const run = await until('the second host serves', async () => {
      const answer = await rig.start().catch(() => null);
      return answer?.hostProcessId === second && answer;
    });
    await rm(`${rig.socket}.lost`, { force: true });
    expect(alive(first)).toBe(false);
    expect(alive(processId)).toBe(false);
    expect(alive(run.processId)).toBe(true);
  });

  it('ends with its program when its data folder is removed, and does not make it again', async ({
    onTestFinished,
    expect,
  }) => {
    const { rig, host } = await place(onTestFinished);
    const { processId } = await rig.start();
    await rm(rig.spec.dataDir, { recursive: true });
    expect(await gone(host, 6000)).toBe(true);
    expect(alive(processId)).toBe(false);
    expect(existsSync(rig.spec.dataDir)).toBe(false);
    expect(existsSync(rig.socket)).toBe(false);
  });

  it('mends a run file that somebody removed or damaged', async ({ onTestFinished, expect }) => {
    const { rig, host } = await place(onTestFinished);
    await rm(rig.runFile);
    await until('the file is back', () => existsSync(rig.runFile), 4000);
    await writeFile(rig.runFile, '{"version":1,');
    const whole = await until('it is whole', async () => await rig.run().catch(() => null), 4000);
    expect(whole.hostProcessId).toBe(host);
  });

  it('spares a stranger that has the pid of an old program', async ({ onTestFinished, expect }) => {
    const { rig } = await place(onTestFinished);
    const { processId } = await rig.start();
    const run = await rig.run();
    await rig.stop({ release: true });
    const bystander = shell('sleep 30', []);
    const pid = bystander.pid as number;
    try {
      await writeFile(rig.runFile, JSON.stringify({ ...run, processId: pid }));
      await rig.launchReady();
      expect(alive(pid)).toBe(true);
      expect(alive(processId)).toBe(false);
    } finally {
      bystander.kill('SIGKILL');
    }
  });
});

describe('the shell that started it', () => {
  it('may be killed, with its whole terminal group', async () => {
    rig = await Rig.create(programs);
    const caller = shell('"$0" "$@"; echo launched; sleep 60', []);
    caller.kill('SIGKILL');
    const bash = shell('"$@" && sleep 60', [process.execPath, ...rig.launchArguments()]);
    const pid = await new Promise<number>((resolve) => {
      bash.stdout?.once('data', (data: Buffer) => resolve(Number(data.toString())));
    });
    rig.adopt(pid);
    await until('the host runs', async () => (await rig.run())?.hostProcessId === pid);
    const { processId } = await rig.start();
    bash.kill('SIGHUP');
    bash.kill('SIGKILL');
    await new Promise((resolve) => bash.once('exit', resolve));
    await sleep(200);
    expect(alive(pid)).toBe(true);
    expect(alive(processId)).toBe(true);
    expect((await rig.ask({ verb: 'query' })).run.state).toBe('Running');
  });
});
