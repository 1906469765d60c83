import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sleep, until } from '../until.ts';
import { alive, Stack } from './stack.ts';

describe('the stack heals itself', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.create({ flaky: true, folder: 'лечение стек' });
    await stack.install();
    for (const id of ['panel', 'comfyui', 'flaky']) await stack.healthy(id);
  });

  afterAll(() => stack?.close());

  test('everything is running, healthy and said to be', async () => {
    const status = await stack.objects<{ Id: string; State: string; Health: string }>(
      'Get-OrchestratorStatus',
    );
    expect(status.map(({ Id, State, Health }) => `${Id} ${State} ${Health}`)).toEqual([
      'panel Running healthy',
      'comfyui Running healthy',
      'flaky Running healthy',
      'guardian Running healthy',
    ]);
    expect(await stack.status()).toMatchObject(status.map(({ Id }) => ({ id: Id, health: 'healthy' })));
  });

  test.each(['panel', 'comfyui'])(
    'kill -9 of %s is noticed within 2 s, healed at once, and explained',
    async (id) => {
      const before = stack.pid(id);
      const since = Date.now();
      process.kill(before, 'SIGKILL');
      await until(
        'noticed',
        () => (stack.heartbeat()?.services[id]?.attempts ?? 0) > 0 || stack.run(id)?.processId !== before,
        {
          timeoutMs: 2000,
        },
      );
      await until(
        'a new process answers',
        async () => stack.run(id)?.processId !== before && (await stack.answers(id)),
        {
          timeoutMs: 10_000,
        },
      );
      const took = Date.now() - since;
      await stack.healthy(id);
      const incident = await until('the incident is closed', () =>
        stack.incidents().find((entry) => entry.service === id && entry.outcome === 'recovered'),
      );
      expect(incident.cause).toMatch(/exit|kill|signal/i);
      expect(incident.attempts).toHaveLength(1);
      expect(alive(before)).toBe(false);
      expect(took).toBeLessThan(5000);
    },
  );

  test('a ComfyUI that hangs is restarted within the bound', async () => {
    const { health, stop } = stack.service('comfyui');
    if (health.kind !== 'http') throw new Error('http expected');
    const bootAllowance = 5000;
    const interval = stack.manifest.intervals.healthCheck;
    const bound = health.failureThreshold * (interval + health.timeoutMs) + stop.timeoutMs + bootAllowance;
    const before = stack.pid('comfyui');
    const since = Date.now();
    process.kill(before, 'SIGSTOP');
    await until(
      'a new process answers',
      async () => stack.run('comfyui')?.processId !== before && (await stack.answers('comfyui')),
      {
        timeoutMs: bound,
      },
    );
    expect(Date.now() - since).toBeLessThan(bound);
    expect(alive(before)).toBe(false);
    await stack.healthy('comfyui');
  });

  test('what a person stopped stays stopped for three cycles and more', async () => {
    await stack.objects('Stop-Orchestrator comfyui');
    const cycle = stack.heartbeat()?.cycle ?? 0;
    await until('three cycles', () => (stack.heartbeat()?.cycle ?? 0) >= cycle + 4);
    expect(stack.run('comfyui')?.processId ?? null).toBeNull();
    expect(stack.heartbeat()?.services['comfyui']?.state).toBe('stopped');
    await stack.objects('Start-Orchestrator comfy -Wait');
    await stack.healthy('comfyui');
  });

  test('a service that dies at once is given up after three attempts, said plainly, and Start revives it', async () => {
    await writeFile(stack.flakyCue, 'crash');
    const starts = () => readFileSync(`${stack.flakyCue}.starts`, 'utf8').trim().split('\n').length;
    const before = starts();
    process.kill(stack.pid('flaky'), 'SIGKILL');
    await until('exhausted', () => stack.heartbeat()?.services['flaky']?.state === 'exhausted', {
      timeoutMs: 40_000,
    });
    expect(starts() - before).toBe(3);
    const view = stack.heartbeat()?.services['flaky'];
    expect(view).toMatchObject({ attempts: 3, maxAttempts: 3 });
    expect(view?.reason).toMatch(/3/);
    await sleep(4000);
    expect(starts() - before).toBe(3);
    const shown = (await stack.status()).find(({ id }) => id === 'flaky');
    expect(shown).toMatchObject({ health: 'exhausted', desired: 'running' });
    await until('the incident says so', () =>
      stack.incidents().find((entry) => entry.service === 'flaky' && entry.outcome === 'exhausted'),
    );
    await writeFile(stack.flakyCue, 'ok');
    await stack.objects('Start-Orchestrator flaky -Wait');
    await stack.healthy('flaky');
    expect(stack.heartbeat()?.services['flaky']?.attempts).toBe(0);
  });

  test('the guardian survives its own kill -9 with the attempts kept and starts nothing twice', async () => {
    await writeFile(stack.flakyCue, 'crash');
    const starts = () => readFileSync(`${stack.flakyCue}.starts`, 'utf8').trim().split('\n').length;
    const before = starts();
    process.kill(stack.pid('flaky'), 'SIGKILL');
    await until('an attempt is made', () => (stack.heartbeat()?.services['flaky']?.attempts ?? 0) >= 1);
    const guardian = stack.pid('guardian');
    process.kill(guardian, 'SIGKILL');
    await until('a new guardian', () => {
      const pid = stack.heartbeat()?.processId;
      return pid !== undefined && pid !== guardian && alive(pid);
    });
    expect(stack.heartbeat()?.services['flaky']?.attempts).toBeGreaterThanOrEqual(1);
    await until('exhausted', () => stack.heartbeat()?.services['flaky']?.state === 'exhausted', {
      timeoutMs: 60_000,
    });
    expect(starts() - before).toBe(3);
    await writeFile(stack.flakyCue, 'ok');
    await stack.objects('Start-Orchestrator flaky -Wait');
    await stack.healthy('flaky');
  });

  test('the panel that is asked to stop itself answers 202 and stops', async () => {
    const pid = stack.pid('panel');
    const response = await fetch(stack.url('panel', '/api/system/panel/stop'), { method: 'POST' });
    expect(response.status).toBe(202);
    await until('the panel is gone', () => !alive(pid), { timeoutMs: 15_000 });
    await until('desired is stopped', () => {
      const file = `${stack.manifest.paths.data}/desired.json`;
      return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).services.panel.state === 'stopped';
    });
    await stack.objects('Start-Orchestrator panel -Wait');
    await stack.healthy('panel');
  });

  test('Stop-Orchestrator leaves no process and no port', async () => {
    await stack.objects('Stop-Orchestrator');
    expect(await stack.leftovers()).toEqual([]);
    expect(await stack.answers('panel')).toBe(false);
    expect(await stack.answers('comfyui')).toBe(false);
  });
});
