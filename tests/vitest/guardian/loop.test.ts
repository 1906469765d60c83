import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Guardian } from '../../../guardian/loop.ts';
import type { ActionResult } from '../../../guardian/policy/types.ts';
import { createWorld, quiet, temporaryFolder, testManifest } from './loopRig.ts';

let folder: ReturnType<typeof temporaryFolder>;
let world: ReturnType<typeof createWorld>;
const living: Guardian[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  world = createWorld(folder.path);
});
afterEach(async () => {
  for (const guardian of living.splice(0)) guardian.stop();
  await quiet();
  folder[Symbol.dispose]();
});

async function begin(change: Parameters<typeof world.guardian>[0] = {}): Promise<Guardian> {
  const guardian = world.guardian(change);
  living.push(guardian);
  await guardian.start();
  await quiet();
  return guardian;
}

const never = () => new Promise<ActionResult>(() => {});
const view = (id: string) => world.heartbeat().services[id];

describe('the rounds', () => {
  it('begin with a line, and every cycle says how things are', async () => {
    world.disks = [{ path: '/', freeBytes: 41 * 1024 ** 3, totalBytes: 1e12, low: false }];
    world.memory = { totalBytes: 100, availableBytes: 64, usedPercent: 36, high: false };
    await begin();
    expect(world.lines[0]?.text).toBe('guardian 0.0.0 watches panel, comfyui, guardian');
    await world.clock.advance(45_000);
    expect(world.said(/^cycle \d+: /).map(({ text }) => text)).toEqual(
      [1, 2, 3, 4].map((n) => `cycle ${n}: 3 of 3 healthy, disk 41 GB free, memory 36 %`),
    );
    expect(view('panel')).toMatchObject({ state: 'healthy', latencyMs: 2, generation: 1 });
    expect(view('guardian')).toMatchObject({ state: 'healthy', processId: process.pid });
  });

  it('keep the heartbeat younger than six seconds', async () => {
    await begin();
    for (let n = 0; n < 12; n++) {
      await world.clock.advance(1700);
      expect(world.clock.now() - Date.parse(world.heartbeat().at)).toBeLessThan(6000);
    }
  });

  it('warn of a low disk and high memory when it changes, and put both into the heartbeat', async () => {
    const manifest = testManifest(folder.path);
    world = createWorld(folder.path, {
      ...manifest,
      intervals: { ...manifest.intervals, diskCheck: 20_000 },
    });
    await begin();
    const low = { path: '/', freeBytes: 1024 ** 3, totalBytes: 1e12, low: true };
    world.disks = [low];
    world.memory = { totalBytes: 100, availableBytes: 5, usedPercent: 95, high: true };
    await world.clock.advance(65_000);
    expect(world.said(/low disk: only 1.0 GB free/, 'warn')).toHaveLength(1);
    expect(world.said(/high memory: 95 % in use/, 'warn')).toHaveLength(1);
    expect(world.heartbeat()).toMatchObject({ disks: [low], memory: { high: true } });
  });
});

describe('healing', () => {
  it('restarts a killed service at once, with the attempt on disk before', async () => {
    await begin();
    const before = view('comfyui')?.processId;
    world.die('comfyui');
    await world.clock.advance(500);
    expect(world.calls).toHaveLength(1);
    const [call] = world.calls;
    expect(call).toMatchObject({ id: 'comfyui', expectedProcessId: 0 });
    expect(call?.file?.services['comfyui']).toMatchObject({ state: 'restarting', attempts: 1 });
    expect(call?.file?.services['comfyui']?.hold).not.toBeNull();
    await world.clock.advance(2000);
    expect(view('comfyui')).toMatchObject({ state: 'healthy', attempts: 1, hold: null });
    expect(view('comfyui')?.processId).not.toBe(before);
    const [incident] = world.heartbeat().incidents;
    expect(incident).toMatchObject({
      service: 'comfyui',
      outcome: 'recovered',
      cause: 'exited with code 137 (killed by SIGKILL)',
      signal: 'SIGKILL',
      attempts: [{ number: 1, result: 'healthy' }],
    });
    expect(world.incident(incident?.id ?? '')).toEqual(incident);
  });

  it('restarts one that hangs after three failed probes', async () => {
    await begin();
    const pid = view('panel')?.processId;
    world.answer('panel', null);
    await world.clock.advance(46_000);
    expect(world.calls).toMatchObject([{ id: 'panel', expectedProcessId: pid }]);
    expect(world.said(/^panel: Connection refused: failure 1 of 3/, 'warn')).toHaveLength(1);
    expect(world.said(/^panel: Connection refused: failure 2 of 3/, 'debug')).toHaveLength(1);
    expect(world.heartbeat().incidents[0]?.cause).toBe('no answer for 45 s');
  });

  it('gives up after three attempts, tells it once, and begins anew when a person does', async () => {
    world.module = async (id) => {
      world.run(id);
      world.die(id, 1);
      return { kind: 'done' };
    };
    await begin();
    world.die('comfyui', 1);
    await world.clock.advance(200_000);
    const gaps = world.calls.map(({ at }, index) => at - (world.calls[index - 1]?.at ?? at));
    expect(gaps).toHaveLength(3);
    for (const gap of gaps.slice(1)) {
      expect(gap).toBeGreaterThanOrEqual(30_000);
      expect(gap).toBeLessThan(32_000);
    }
    expect(view('comfyui')).toMatchObject({ state: 'exhausted', attempts: 3 });
    expect(world.said(/comfyui: Given up after 3 attempts: exited with code 1/, 'error')).toHaveLength(1);
    const [incident] = world.heartbeat().incidents;
    expect(incident).toMatchObject({ outcome: 'exhausted', exitCode: 1 });
    expect(incident?.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(incident?.advice).toContain('Start-Orchestrator comfyui');

    world.wish('comfyui', 'running');
    world.run('comfyui');
    await world.clock.advance(3000);
    expect(view('comfyui')).toMatchObject({ state: 'healthy', attempts: 0, generation: 2, incidentId: null });
    expect(world.calls).toHaveLength(3);
  });

  it('leaves a service alone whose stop was asked for in the meantime', async () => {
    await begin();
    world.die('panel');
    world.wish('panel', 'stopped');
    await world.clock.advance(60_000);
    expect(world.calls).toEqual([]);
    expect(view('panel')).toMatchObject({ state: 'stopped', generation: 2 });
  });

  it('closes an incident when the service is stopped on request', async () => {
    world.module = never;
    await begin();
    world.die('panel');
    await world.clock.advance(1000);
    world.wish('panel', 'stopped');
    await world.clock.advance(1000);
    expect(world.heartbeat().incidents[0]).toMatchObject({ outcome: 'stopped' });
    expect(world.heartbeat().incidents[0]?.closedAt).not.toBeNull();
  });

  it('burns no attempt while PowerShell cannot be asked, and says so once', async () => {
    let available = false;
    world.module = async (id) => {
      if (!available) return { kind: 'refused', detail: 'PowerShell is not available.' };
      world.run(id);
      return { kind: 'done' };
    };
    await begin();
    world.die('panel');
    await world.clock.advance(120_000);
    expect(view('panel')).toMatchObject({ state: 'cooling', attempts: 0 });
    // 0, 1, 3, 7, 15, 31 and 63 s: ever more rarely.
    expect(world.calls.length).toBeGreaterThan(5);
    expect(world.calls.length).toBeLessThan(10);
    expect(world.said(/could not be carried out: PowerShell is not available/, 'error')).toHaveLength(1);
    expect(world.said(/^panel: (Restarting|The restart)/, 'warn')).toHaveLength(2);
    available = true;
    await world.clock.advance(70_000);
    expect(view('panel')).toMatchObject({ state: 'healthy', attempts: 1 });
    expect(world.heartbeat().incidents[0]?.attempts).toHaveLength(1);
  });

  it('blames a stranger on the port by name', async () => {
    await begin();
    world.owners.set(8188, { kind: 'stranger', label: 'python3 (pid 123)', port: 8188 });
    await world.clock.advance(46_000);
    expect(view('comfyui')?.reason).toContain('port 8188 is held by python3 (pid 123)');
    expect(world.heartbeat().incidents[0]?.cause).toBe('port 8188 is held by python3 (pid 123)');
  });

  it('names who took the port of a service that died', async () => {
    world.module = never;
    await begin();
    world.owners.set(8188, { kind: 'stranger', label: 'python3 (pid 123)', port: 8188 });
    world.die('comfyui', 1);
    await world.clock.advance(6000);
    expect(world.heartbeat().incidents[0]?.cause).toBe(
      'exited with code 1; port 8188 is held by python3 (pid 123)',
    );
  });

  it('waits for what a service depends on', async () => {
    const manifest = testManifest(folder.path, (service) =>
      service.id === 'comfyui' ? { ...service, dependsOn: ['panel'] } : service,
    );
    world = createWorld(folder.path, manifest);
    world.module = never;
    await begin();
    world.die('panel');
    world.die('comfyui');
    await world.clock.advance(5000);
    expect(world.calls.map(({ id }) => id)).toEqual(['panel']);
    expect(view('comfyui')?.reason).toContain('Waits for panel');
    world.run('panel');
    await world.clock.advance(3000);
    expect(world.calls.map(({ id }) => id)).toEqual(['panel', 'comfyui']);
  });

  it('keeps the last lines of the dead run, without secrets', async () => {
    const { logs } = world.manifest.services.find(({ id }) => id === 'comfyui') ?? {};
    if (!logs) throw new Error('no comfyui');
    mkdirSync(world.manifest.paths.logs);
    writeFileSync(logs.stdout, `${Array.from({ length: 40 }, (_, n) => `line ${n}`).join('\n')}\n`);
    writeFileSync(logs.stderr, `hf_token=hf_abcdefghijklmnop\n${'x'.repeat(900)}\nKilled\n`);
    await begin();
    world.die('comfyui');
    await world.clock.advance(3000);
    const evidence = world.heartbeat().incidents[0]?.evidence ?? [];
    expect(evidence).toHaveLength(20);
    expect(evidence.at(-1)).toBe('Killed');
    expect(evidence[0]).toBe('line 23');
    expect(evidence.every((line) => line.length <= 500)).toBe(true);
    expect(evidence.join()).not.toContain('abcdefghijklmnop');
  });
});

describe('its own death', () => {
  it('in the middle of a restart does not restart twice', async () => {
    world.module = never;
    const first = await begin();
    world.die('comfyui');
    await world.clock.advance(500);
    expect(world.calls).toHaveLength(1);
    first.stop();

    await begin();
    await world.clock.advance(20_000);
    expect(world.calls).toHaveLength(1);
    expect(view('comfyui')).toMatchObject({ state: 'restarting', attempts: 1 });
    world.run('comfyui');
    await world.clock.advance(3000);
    expect(view('comfyui')).toMatchObject({ state: 'healthy', attempts: 1 });
    expect(world.heartbeat().incidents).toHaveLength(1);
    expect(world.heartbeat().incidents[0]).toMatchObject({ outcome: 'recovered' });
  });

  it('between the stop and the start of a restart is made good', async () => {
    world.answer('panel', null);
    world.module = never;
    const first = await begin();
    await world.clock.advance(46_000);
    expect(world.calls).toHaveLength(1);
    const stopped = {
      kind: 'gone',
      how: 'stopped',
      startedAt: 1,
      exitCode: null,
      signal: null,
      error: null,
    } as const;
    world.see('panel', { ...stopped, at: world.clock.now() + 1 });
    first.stop();
    await begin();
    await world.clock.advance(10_000);
    expect(world.calls.map(({ expectedProcessId }) => expectedProcessId > 0)).toEqual([true, false]);
    expect(view('panel')).toMatchObject({ state: 'restarting', attempts: 1 });
    expect(world.heartbeat().incidents[0]?.attempts).toHaveLength(1);
  });

  it('does not lose count, nor give up healing', async () => {
    world.module = never;
    for (let life = 0; life < 5; life++) {
      const guardian = await begin();
      if (life === 0) world.die('panel');
      await world.clock.advance(90_000);
      guardian.stop();
    }
    expect(world.calls).toHaveLength(3);
    expect(view('panel')).toMatchObject({ state: 'exhausted', attempts: 3 });
  });

  it('starts after a reboot what should run, without an incident', async () => {
    const first = await begin();
    await world.clock.advance(1000);
    first.stop();
    for (const id of ['panel', 'comfyui']) {
      const sight = {
        kind: 'gone',
        how: 'rebooted',
        startedAt: 1,
        at: 2,
        exitCode: null,
        signal: null,
      } as const;
      world.see(id, { ...sight, error: null });
    }
    await begin();
    await world.clock.advance(3000);
    expect(world.calls.map(({ id }) => id).sort()).toEqual(['comfyui', 'panel']);
    expect(view('panel')).toMatchObject({ state: 'healthy', attempts: 0 });
    expect(readdirSync(world.manifest.paths.data)).not.toContain('incidents');
  });

  it('is survived by a damaged heartbeat file', async () => {
    writeFileSync(world.paths.guardian, '{"version": 1, "serv');
    await begin();
    expect(world.said(/guardian.json is damaged/, 'warn')).toHaveLength(1);
    expect(view('panel')?.state).toBe('healthy');
  });

  it('is what it chooses when another guardian has taken over', async () => {
    const guardian = await begin();
    const file = JSON.parse(readFileSync(world.paths.guardian, 'utf8'));
    writeFileSync(world.paths.guardian, JSON.stringify({ ...file, processId: 999_999 }));
    world.die('panel');
    await world.clock.advance(30_000);
    expect(world.usurpers).toEqual([999_999]);
    expect(world.calls).toEqual([]);
    expect(JSON.parse(readFileSync(world.paths.guardian, 'utf8')).processId).toBe(999_999);
    guardian.stop();
  });
});
