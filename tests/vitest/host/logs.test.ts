import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HostSpec } from '../../../core/contract/hostProtocol.ts';
import { rotatedName } from '../../../core/logs/rotatedName.ts';
import { alive, bundlePrograms, type Programs, Rig, shell, until } from './hostRig.ts';

let programs: Programs;
let rig: Rig;

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => rm(programs.folder, { recursive: true, force: true }));
afterEach(() => rig.dispose());

async function hosted(change: Partial<HostSpec>): Promise<void> {
  rig = await Rig.create(programs, change);
  await rig.launchReady();
}

/** Rotated files of a log in order of their names, then the live one. */
async function filesOf(live: string): Promise<string[]> {
  const stem = basename(live, '.log');
  const names = await readdir(dirname(live));
  const rotated = names.filter((name) => name.startsWith(`${stem}-`)).sort();
  return [...rotated, basename(live)].map((name) => join(dirname(live), name));
}

async function linesOf(live: string): Promise<string[]> {
  const parts = await Promise.all((await filesOf(live)).map((file) => readFile(file, 'utf8')));
  return parts.join('').split('\n').slice(0, -1);
}

describe('log files', () => {
  it('hold every line in order over many rotations, each at its size', async () => {
    const count = 200_000;
    await hosted({ rotateBytes: 262_144 });
    await rig.start({ ...rig.spec, rotateBytes: 262_144, command: rig.program('chatter', count, 0) });
    await until('it has ended', async () => (await rig.run())?.state === 'Exited', 12_000);
    await rig.stop();
    const lines = await linesOf(rig.spec.stdout);
    expect(lines).toHaveLength(count);
    expect(lines.findIndex((line, index) => !line.startsWith(`${index} х`))).toBe(-1);
    const files = await filesOf(rig.spec.stdout);
    expect(files.length).toBeGreaterThan(20);
    const sizes = await Promise.all(files.slice(0, -1).map(async (file) => (await stat(file)).size));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(262_144);
    expect(Math.max(...sizes)).toBeLessThan(262_144 + 65_536);
  });

  it('rotate between lines, and a restart goes on in the same live file', async () => {
    await hosted({ rotateBytes: 1024 });
    const script = "for (let i = 0; i < 100; i += 1) console.log('line', i, 'x'.repeat(40))";
    const spec = { ...rig.spec, command: { file: process.execPath, args: ['-e', script] } };
    for (let round = 1; round <= 2; round += 1) {
      await rig.start(spec);
      await until('it has ended', async () => (await rig.run())?.state === 'Exited');
    }
    await rig.stop();
    const texts = await Promise.all((await filesOf(spec.stdout)).map((file) => readFile(file, 'utf8')));
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.every((text) => text === '' || text.endsWith('\n'))).toBe(true);
    const numbers = (await linesOf(spec.stdout)).map((line) => Number(line.split(' ')[1]));
    expect(numbers).toEqual([...Array(100).keys(), ...Array(100).keys()]);
  });

  it('are pruned by size and age, and only those of this stream', async () => {
    rig = await Rig.create(programs, { rotateBytes: 4096, keepBytes: 20_000, keepDays: 2 });
    const folder = dirname(rig.spec.stdout);
    await mkdir(folder);
    const old = rotatedName(rig.spec.stdout, Date.now() - 3 * 86_400_000);
    const young = rotatedName(rig.spec.stdout, Date.now() - 86_400_000);
    const others = [
      'probe-stdout-notes.log',
      'probe-stdout-20200101T000000.000.log.bak',
      'other-stdout-20200101T000000.000.log',
    ];
    for (const name of [old, young, ...others]) await writeFile(join(folder, name), 'kept?\n');
    await rig.launchReady();
    await rig.start({ ...rig.spec, command: rig.program('chatter', 1) });
    await until('the old one is gone', async () => !(await readdir(folder)).includes(old));
    expect(await readdir(folder)).toContain(young);
    await rig.stop();
    await rig.start({ ...rig.spec, command: rig.program('chatter', 5000, 0) });
    await until('it has ended', async () => (await rig.run())?.state === 'Exited');
    await rig.stop();
    const names = await readdir(folder);
    expect(names).toEqual(expect.arrayContaining([...others, 'probe-stdout.log']));
    expect(names).not.toContain(young);
    const rotated = (await filesOf(rig.spec.stdout))
      .slice(0, -1)
      .filter((file) => !others.includes(basename(file)));
    const sizes = await Promise.all(rotated.map(async (file) => (await stat(file)).size));
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(20_000);
  });

  it('share one writer when both streams go to one file', async () => {
    await hosted({ rotateBytes: 65_536 });
    const spec = { ...rig.spec, stderr: rig.spec.stdout, command: rig.program('chatter', 20_000, 0) };
    await rig.start(spec);
    await until('it has ended', async () => (await rig.run())?.state === 'Exited', 10_000);
    await rig.stop();
    const lines = (await linesOf(spec.stdout)).filter((line) => line !== 'done');
    expect(lines).toHaveLength(20_000);
    expect(lines.findIndex((line, index) => !line.startsWith(`${index} х`))).toBe(-1);
  });

  it('that somebody removes come back, at the next rotation or within seconds', async () => {
    await hosted({});
    const script = "let i = 0; setInterval(() => console.log(i++, 'x'.repeat(200)), 5)";
    const command = { file: process.execPath, args: ['-e', script] };
    await rig.start({ ...rig.spec, rotateBytes: 20_000, command });
    await until('something is written', async () => await rig.stdout());
    await rm(rig.spec.stdout);
    await until('a rotation has brought the file back', async () => await rig.stdout(), 1500);
    await rig.stop();
    await rig.start({ ...rig.spec, command });
    await until('something is written', async () => await rig.stdout());
    await rm(rig.spec.stdout);
    await until('the file is back', async () => await rig.stdout(), 4000);
    expect(await rig.run()).toMatchObject({ state: 'Running', launches: 2 });
  });

  it('that cannot be renamed grow on, lose nothing, and the run file says why', async () => {
    await hosted({});
    // Short enough for a file system, but not with a time in it.
    const stdout = join(dirname(rig.spec.stdout), `${'я'.repeat(120)}.log`);
    const command = rig.program('chatter', 5000, 0);
    for (let round = 1; round <= 2; round += 1) {
      await rig.start({ ...rig.spec, rotateBytes: 4096, stdout, command });
      await until('it has ended', async () => (await rig.run())?.state === 'Exited');
    }
    expect((await rig.run())?.error).toMatch(/could not be rotated \(ENAMETOOLONG\)$/);
    await rig.stop();
    const lines = (await readFile(stdout, 'utf8')).split('\n').slice(0, -1);
    expect(lines).toHaveLength(10_000);
  });

  it('leave their own times alone when nothing is written', async () => {
    await hosted({});
    await rig.start();
    await until('the program speaks', async () => (await rig.stdout()) !== '');
    const past = new Date(Date.now() - 60_000);
    await utimes(rig.spec.stdout, past, past);
    await rig.stop({ timeoutMs: 0 });
    expect((await stat(rig.spec.stdout)).mtimeMs).toBeCloseTo(past.getTime(), -3);
  });
});

describe('a disk that takes no more', () => {
  it('does not end the program: output is dropped, counted and told', async () => {
    rig = await Rig.create(programs);
    // A file-size limit refuses writes as a full disk does; Node ignores the signal that comes with it.
    const bash = shell('ulimit -f 64; exec "$@"', [process.execPath, ...rig.launchArguments()]);
    const pid = await new Promise<number>((resolve) => {
      bash.stdout?.once('data', (data: Buffer) => resolve(Number(data.toString())));
    });
    rig.adopt(pid);
    await until('the host runs', async () => (await rig.run())?.hostProcessId === pid);
    const { processId } = await rig.start({ ...rig.spec, command: rig.program('chatter', 100_000) });
    await until(
      'the program got rid of all its output',
      async () => (await rig.stderr()) === 'done\n',
      10_000,
    );
    expect(alive(processId)).toBe(true);
    const run = await rig.run();
    expect(run).toMatchObject({ state: 'Running', processId });
    expect(run?.error).toMatch(/cannot be written \(EFBIG\); \d+ bytes of output were dropped/);
    expect((await rig.stop({ timeoutMs: 0 })).run.error).toMatch(/; \d{6,} bytes of output were dropped$/);
    expect((await stat(rig.spec.stdout)).size).toBeGreaterThan(32_768);
    const log = await readFile(join(dirname(rig.spec.stdout), 'probe-host.log'), 'utf8');
    expect(log).toMatch(/EFBIG/);
    expect(log.split('\n').length).toBeLessThan(20);
  });
});
