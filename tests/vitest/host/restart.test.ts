import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { restartPause } from '../../../guardian/host/restartPause.ts';
import { bundlePrograms, type Programs, Rig, until } from './hostRig.ts';

let programs: Programs;

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => rm(programs.folder, { recursive: true, force: true }));

const launched = (rig: Rig, count: number, limitMs: number) =>
  until(
    `launch ${count}`,
    async () => {
      const run = await rig.run();
      return run?.launches === count && run.processId !== null && run;
    },
    limitMs,
  );

it.concurrent('a host that may restart its program does so after 1 s, then 2 s, also after exit code 0, until stopped', async ({
  onTestFinished,
  expect,
}) => {
  const rig = await Rig.create(programs, {
    restart: true,
    command: { file: process.execPath, args: ['-e', 'setTimeout(() => process.exit(0), 50)'] },
  });
  onTestFinished(() => rig.dispose());
  const host = await rig.launchReady();
  await rig.start();
  const began = performance.now();
  expect((await launched(rig, 2, 2500)).hostProcessId).toBe(host);
  const first = performance.now() - began;
  expect(first).toBeGreaterThan(1000);
  expect(first).toBeLessThan(1700);
  await launched(rig, 3, 3500);
  const second = performance.now() - began - first;
  expect(second).toBeGreaterThan(2000);
  expect(second).toBeLessThan(2700);
  await until('it has ended again', async () => (await rig.run())?.state === 'Exited');
  const { run } = await rig.stop();
  expect(run).toMatchObject({ state: 'Stopped', launches: 3 });
});

it.concurrent('a stop cancels the restart that waits; a start does not wait for it', async ({
  onTestFinished,
  expect,
}) => {
  const rig = await Rig.create(programs, { restart: true });
  onTestFinished(() => rig.dispose());
  await rig.launchReady();
  process.kill((await rig.start()).processId, 'SIGKILL');
  await until('it has ended', async () => (await rig.run())?.state === 'Exited');
  await rig.stop();
  await sleep(1300);
  expect(await rig.run()).toMatchObject({ state: 'Stopped', launches: 1 });
  process.kill((await rig.start()).processId, 'SIGKILL');
  await until('it has ended', async () => (await rig.run())?.state === 'Exited');
  const { processId } = await rig.start();
  await sleep(1300);
  expect(await rig.run()).toMatchObject({ state: 'Running', launches: 3, processId });
});

it.concurrent('a host that may not does nothing', async ({ onTestFinished, expect }) => {
  const rig = await Rig.create(programs);
  onTestFinished(() => rig.dispose());
  await rig.launchReady();
  process.kill((await rig.start()).processId, 'SIGKILL');
  await sleep(1300);
  expect(await rig.run()).toMatchObject({ state: 'Exited', launches: 1 });
});

it('pauses double up to a minute and begin anew after a minute of running', () => {
  const pauses: number[] = [];
  let previousMs: number | null = null;
  for (let round = 0; round < 9; round += 1) {
    previousMs = restartPause({ previousMs, ranMs: 59_999 });
    pauses.push(previousMs);
  }
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  expect(restartPause({ previousMs: 60_000, ranMs: 60_000 })).toBe(1000);
});
