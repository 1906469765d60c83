import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { alive, bundlePrograms, gone, type Programs, Rig, until } from './hostRig.ts';

let programs: Programs;
let rig: Rig;

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => rm(programs.folder, { recursive: true, force: true }));
afterEach(() => rig.dispose());

/** Starts the stubborn program and gives its pid and those below it. */
async function stubborn(...args: (string | number)[]): Promise<number[]> {
  rig = await Rig.create(programs);
  await rig.launchReady();
  await rig.start({ ...rig.spec, command: rig.program('stubborn', ...args) });
  const line = await until('all of the tree runs', async () => (await rig.stdout()).split('\n')[0]);
  return (JSON.parse(line) as { pids: number[] }).pids;
}

describe('stopping a program that will not stop', () => {
  it('ends the whole tree at the time limit, not before', async () => {
    const pids = await stubborn(2);
    expect(pids).toHaveLength(3);
    const asked = performance.now();
    const { ok, run } = await rig.stop({ timeoutMs: 600 });
    const took = performance.now() - asked;
    expect(took).toBeGreaterThan(590);
    expect(took).toBeLessThan(1200);
    expect(ok).toBe(true);
    expect(run).toMatchObject({ state: 'Stopped', signal: 'SIGKILL', exitCode: null });
    expect(pids.filter(alive)).toEqual([]);
  });

  it('ends those too that left its process group', async () => {
    const pids = await stubborn(2, 'away');
    await rig.stop({ timeoutMs: 100 });
    expect(pids.filter(alive)).toEqual([]);
  });

  it('does not wait with a limit of 0', async () => {
    const pids = await stubborn(1);
    const asked = performance.now();
    await rig.stop({ timeoutMs: 0 });
    expect(performance.now() - asked).toBeLessThan(400);
    expect(pids.filter(alive)).toEqual([]);
  });

  it('says SIGTERM at half of the time', async () => {
    rig = await Rig.create(programs);
    await rig.launchReady();
    const script =
      "process.on('SIGINT', () => console.log('int')); setInterval(() => {}, 1e5); console.log('up')";
    await rig.start({ ...rig.spec, command: { file: process.execPath, args: ['-e', script] } });
    await until('it is up', async () => (await rig.stdout()).includes('up'));
    const asked = performance.now();
    const { run } = await rig.stop({ timeoutMs: 800 });
    expect(performance.now() - asked).toBeGreaterThan(390);
    expect(performance.now() - asked).toBeLessThan(750);
    expect(run).toMatchObject({ state: 'Stopped', signal: 'SIGTERM' });
    expect(await rig.stdout()).toBe('up\nint\n');
  });
});

describe('what is left of a program that ended by itself', () => {
  it('is ended at once when it is in its group', async () => {
    const [first, ...below] = await stubborn(2);
    process.kill(first as number, 'SIGKILL');
    for (const pid of below) expect(await gone(pid, 500)).toBe(true);
    await until('the run file says so', async () => (await rig.run())?.state === 'Exited', 200);
  });

  it('is ended too when it had left the group but was seen', async () => {
    const [first, ...below] = await stubborn(1, 'away');
    await new Promise((resolve) => setTimeout(resolve, 2200));
    process.kill(first as number, 'SIGKILL');
    for (const pid of below) expect(await gone(pid, 500)).toBe(true);
  });

  it('does not hold up the next start', async () => {
    const [first] = await stubborn(2);
    process.kill(first as number, 'SIGKILL');
    expect(await gone(first as number)).toBe(true);
    const run = await rig.start();
    expect(run).toMatchObject({ state: 'Running', launches: 2 });
    expect(run.processId).not.toBe(first);
  });

  it('spares what the program had launched as a service of its own', async () => {
    rig = await Rig.create(programs);
    const other = await Rig.create(programs, { id: 'other' });
    try {
      await rig.launchReady();
      const args = other.launchArguments();
      const script = `require('child_process').spawnSync(process.execPath, ${JSON.stringify(args)}, { stdio: 'inherit' }); setInterval(() => {}, 1e5)`;
      await rig.start({ ...rig.spec, command: { file: process.execPath, args: ['-e', script] } });
      const otherHost = await until('the other host runs', async () => (await other.run())?.hostProcessId);
      other.adopt(otherHost);
      const { processId } = await other.start();
      await rig.stop({ timeoutMs: 0, release: true });
      expect(alive(otherHost)).toBe(true);
      expect(alive(processId)).toBe(true);
      expect((await other.ask({ verb: 'query' })).run.state).toBe('Running');
    } finally {
      await other.dispose();
    }
  });
});
