import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { isBridgeFailure } from '../../../core/bridge/index.ts';
import { type FakeBridge, fakeBridge, heldBytes, isAlive, pidOf, until } from './fixture.ts';

// Each start of PowerShell takes a second or two, more on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const open: FakeBridge[] = [];

function newBridge(...args: Parameters<typeof fakeBridge>): FakeBridge {
  const bridge = fakeBridge(...args);
  open.push(bridge);
  return bridge;
}

const works = async (bridge: FakeBridge) =>
  expect((await bridge.call('Get-FakeEcho', { Value: 'still here' })).data[0]?.value).toBe('still here');

async function failure(promise: Promise<unknown>): Promise<{ code: string }> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(isBridgeFailure(error)).toBe(true);
  return error as { code: string };
}

/** For the tests that leave a working bridge behind. */
const shared = fakeBridge();
afterAll(() => shared.dispose());

afterEach(async () => {
  for (const bridge of open.splice(0)) await bridge.dispose();
});

describe('a bridge that fails has no result, and the next call works', () => {
  test('a time limit ends the command and everything it started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bridge-'));
    try {
      const bridge = shared;
      await bridge.warm();
      const { timeouts, starts } = bridge.stats;
      const shell = pidOf(bridge);
      const file = join(folder, 'pid');
      // Time enough for the child to start on a machine that is busy with other tests.
      const { code } = await failure(
        bridge.call('Start-FakeSleep', { Seconds: 60, ProcessIdPath: file }, { timeoutMs: 3000 }),
      );
      expect(code).toBe('ORC3004');
      const child = Number(await readFile(file, 'utf8'));
      await until(async () => !(await isAlive(child)) && !(await isAlive(shell)));
      await works(bridge);
      expect(bridge.stats).toMatchObject({ timeouts: timeouts + 1, starts: starts + 1 });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('PowerShell killed from outside during a call', async () => {
    const bridge = shared;
    await bridge.warm();
    const call = failure(bridge.call('Start-FakeSleep', { Seconds: 60 }));
    await until(() => bridge.stats.busy);
    process.kill(pidOf(bridge), 'SIGKILL');
    expect((await call).code).toBe('ORC3005');
    await works(bridge);
  });

  test('PowerShell killed from outside while idle', async () => {
    const bridge = shared;
    await works(bridge);
    process.kill(pidOf(bridge), 'SIGKILL');
    await until(() => bridge.stats.pid === null);
    await works(bridge);
  });

  test('a command that ends its shell, by leaving or by a crash', async () => {
    const bridge = shared;
    await bridge.warm();
    const { starts, failures } = bridge.stats;
    for (const Kind of ['exit0', 'crash']) {
      expect((await failure(bridge.call('Invoke-FakeError', { Kind }))).code).toBe('ORC3005');
    }
    await works(bridge);
    expect(bridge.stats).toMatchObject({ starts: starts + 2, failures: failures + 2 });
  });

  test('no executable, and one that dies at once', async () => {
    for (const pwsh of ['/nowhere/pwsh', '/bin/false', '/bin/true']) {
      const bridge = newBridge({ pwsh });
      for (let i = 0; i < 2; i += 1) {
        expect((await failure(bridge.call('Get-FakeEcho', {}))).code).toBe('ORC3005');
      }
      expect(bridge.stats).toMatchObject({ failures: 2, pid: null });
    }
  });

  test('an answer of many megabytes is refused and holds no memory', async () => {
    // With the limits as they are by default: the module refuses one of these, the fence the other.
    const bridge = shared;
    await bridge.warm();
    const before = heldBytes();
    for (const Raw of [false, true]) {
      const error = await failure(bridge.call('Get-FakeLarge', { Megabytes: 20, Raw }));
      expect(error.code).toBe('ORC3006');
      await works(bridge);
    }
    // The buffers of a shell that was killed go a moment after its call.
    await until(() => heldBytes() - before < 4 * 1024 * 1024);
  });

  test('a call that is given up while it waits costs the others nothing', async () => {
    const bridge = shared;
    await bridge.warm();
    const { starts } = bridge.stats;
    const first = bridge.call('Start-FakeSleep', { Seconds: 0.5 });
    const given = new AbortController();
    const second = failure(bridge.call('Get-FakeEcho', {}, { signal: given.signal }));
    given.abort();
    expect((await second).code).toBe('ORC3005');
    expect((await first).data).toEqual(['slept']);
    expect(bridge.stats.starts).toBe(starts);
  });

  test('a call that is given up while it runs ends at once, and so does its shell', async () => {
    const bridge = shared;
    await bridge.warm();
    const pid = pidOf(bridge);
    const given = new AbortController();
    const call = failure(bridge.call('Start-FakeSleep', { Seconds: 60 }, { signal: given.signal }));
    await until(() => bridge.stats.busy);
    setTimeout(() => given.abort(), 200);
    expect((await call).code).toBe('ORC3004');
    await until(async () => !(await isAlive(pid)));
    await works(bridge);
  });

  test('dispose while PowerShell starts', async () => {
    const bridge = newBridge();
    const call = failure(bridge.call('Get-FakeEcho', {}));
    await bridge.dispose();
    expect((await call).code).toBe('ORC3005');
    expect(bridge.stats.pid).toBeNull();
  });

  test('a module that cannot be imported, and a program that is no PowerShell, are named', async () => {
    const missing = newBridge({ modulePath: '/nowhere/Orchestrator.psd1' });
    await expect(missing.call('Get-FakeEcho', {})).rejects.toThrow(/could not be imported.*nowhere/s);
    const other = newBridge({ pwsh: '/bin/cat', limits: { startTimeoutMs: 300 } });
    expect((await failure(other.call('Get-FakeEcho', {}))).code).toBe('ORC3005');
  });

  test('a full queue says so', async () => {
    const bridge = newBridge({ limits: { queueLength: 2 } });
    await bridge.warm();
    const calls = Array.from({ length: 5 }, () => bridge.call('Start-FakeSleep', { Seconds: 0.2 }));
    const results = await Promise.allSettled(calls);
    const fate = results.map((result) => (result.status === 'fulfilled' ? 'done' : result.reason.code));
    expect(fate).toEqual(['done', 'done', 'done', 'ORC3005', 'ORC3005']);
    await works(bridge);
  });

  test('dispose ends PowerShell and refuses those who wait', async () => {
    const bridge = newBridge();
    await bridge.warm();
    const pid = pidOf(bridge);
    const running = failure(bridge.call('Start-FakeSleep', { Seconds: 60 }));
    const waiting = failure(bridge.call('Get-FakeEcho', {}));
    await bridge.dispose();
    await running;
    await waiting;
    await until(async () => !(await isAlive(pid)));
    await failure(bridge.call('Get-FakeEcho', {}));
  });
});
