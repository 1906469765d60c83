import { describe, expect, test } from 'vitest';
import type { ServiceStatus } from '../../../core/contract/cmdlets.ts';
import { type Manifest, manifestSchema } from '../../../core/contract/manifest.ts';
import type { Desired, Heartbeat, Incident, RunState } from '../../../core/contract/state.ts';
import { composeStatus, heartbeatLimit } from '../../../core/status/compose.ts';
import type { Observation } from '../../../core/status/observation.ts';
import type { SystemStatus } from '../../../core/status/picture.ts';
import manifestFile from '../../../deploy/local/orchestrator.json' with { type: 'json' };
import { desiredFile, heartbeatFile, incidentFile, runFile, viewFile } from '../web/stateFolder.ts';

const now = Date.parse('2026-05-01T12:00:00.000Z');
const earlier = (ms: number) => new Date(now - ms).toISOString();
const manifest = manifestSchema.parse(manifestFile);
const living = new Set([10, 11, 20, 21, 30, 31]);
const isAlive = (processId: number) => living.has(processId);

const run = (id: string, host: number, state: Partial<RunState> = {}): RunState =>
  runFile(id, {
    hostProcessId: host,
    hostStart: null,
    processId: host + 1,
    processStart: null,
    startedAt: earlier(3_600_000),
    ...state,
  });

interface Given {
  /** desired.json is there and cannot be read. */
  unread?: boolean;
  desired?: Desired | null;
  guardian?: Heartbeat | null;
  runs?: Readonly<Record<string, RunState | null>>;
  missing?: Readonly<Record<string, readonly string[]>>;
  incidents?: readonly Incident[];
  change?: (manifest: Manifest) => Manifest;
  self?: { id: string; processId: number; startedAt: string } | null;
}

const wanted = desiredFile({ panel: 'running', comfyui: 'running', guardian: 'running' });
const beating = heartbeatFile({
  processId: 31,
  at: earlier(2000),
  services: { panel: viewFile({ processId: 11 }), comfyui: viewFile({ processId: 21 }) },
});
const all = { panel: run('panel', 10), comfyui: run('comfyui', 20), guardian: run('guardian', 30) };

function picture({
  unread = false,
  desired = unread ? null : wanted,
  guardian = beating,
  runs = all,
  missing = {},
  incidents = [],
  change = (same) => same,
  self = null,
}: Given = {}): SystemStatus {
  const observation: Observation = {
    desired: { value: desired, warning: unread ? 'damaged' : null },
    guardian: { value: guardian, warning: null },
    runs: new Map(Object.entries(runs).map(([id, value]) => [id, { value, warning: null }])),
    missing: new Map(Object.entries(missing)),
    incidents,
  };
  return composeStatus({ manifest: change(manifest), observation, now, isAlive, self });
}

function service(given: Given, id = 'comfyui'): ServiceStatus {
  const found = picture(given).services.find((each) => each.id === id);
  if (!found) throw new Error(id);
  return found;
}

const comfy = (state: Partial<RunState>) => ({ ...all, comfyui: run('comfyui', 20, state) });
const seen = (view: Parameters<typeof viewFile>[0]) =>
  heartbeatFile({ ...beating, services: { comfyui: viewFile({ processId: 21, ...view }) } });
const external = (same: Manifest): Manifest => ({
  ...same,
  services: same.services.map((each) =>
    each.id === 'comfyui' ? { ...each, mode: 'external' as const } : each,
  ),
});
const dead = { state: 'Exited', processId: null, exitCode: 3, endedAt: earlier(1000) } as const;
const stale = heartbeatFile({ ...beating, at: earlier(45_001) });

describe('status words of a service', () => {
  test.each<[string, Given, Partial<ServiceStatus>]>([
    [
      'healthy by the guardian',
      {},
      { state: 'Running', health: 'healthy', reason: 'It answers.', processId: 21 },
    ],
    [
      'external and seen',
      {
        change: external,
        runs: {},
        guardian: seen({ state: 'suspect', reason: 'no answer', generation: 7, processId: null }),
        desired: null,
      },
      { state: 'External', health: 'suspect', desired: 'running', processId: null },
    ],
    [
      'external and not seen',
      { change: external, runs: {}, guardian: null },
      { state: 'External', health: 'unknown' },
    ],
    [
      'a required file is missing',
      { runs: {}, missing: { comfyui: ['/a/main.py'] } },
      { state: 'Skipped', health: 'skipped', reason: 'A file it requires is missing: /a/main.py' },
    ],
    [
      'it runs though a file is missing',
      { missing: { comfyui: ['/a/main.py'] } },
      { state: 'Running', health: 'healthy' },
    ],
    [
      'stopped on purpose',
      {
        desired: desiredFile({ comfyui: 'stopped' }),
        runs: comfy({ ...dead, state: 'Stopped', exitCode: 0 }),
      },
      { state: 'Stopped', health: 'stopped', exitCode: 0, reason: 'It is stopped and should be.' },
    ],
    [
      'never asked for',
      { desired: null, runs: {} },
      { state: 'Stopped', health: 'stopped', desired: 'stopped' },
    ],
    [
      'there though never asked for',
      { desired: null, guardian: null },
      { state: 'Running', desired: 'running', health: 'unknown' },
    ],
    [
      'exhausted, as the guardian says',
      {
        runs: comfy(dead),
        guardian: seen({ state: 'exhausted', reason: 'died 3 times', attempts: 3, processId: null }),
      },
      {
        state: 'Stopped',
        health: 'exhausted',
        reason: 'died 3 times',
        attempts: 3,
        maxAttempts: 3,
        exitCode: 3,
      },
    ],
    [
      'cooling, with what comes next',
      {
        runs: comfy(dead),
        guardian: seen({
          state: 'cooling',
          nextAction: 'restart',
          nextActionAt: earlier(-9000),
          processId: null,
        }),
      },
      { health: 'cooling', guardianState: 'cooling', nextAction: 'restart', nextActionAt: earlier(-9000) },
    ],
    [
      'dead, and the guardian has not noticed',
      { runs: comfy(dead) },
      { state: 'Stopped', health: 'unhealthy', reason: 'It exited with code 3.' },
    ],
    [
      'killed, and its host with it',
      { runs: comfy({ processId: 99, hostProcessId: 98 }) },
      { state: 'Stopped', health: 'unhealthy', processId: null, reason: 'Its process 99 is gone.' },
    ],
    [
      'ended by a signal',
      { runs: comfy({ ...dead, exitCode: null, signal: 'SIGKILL' }), guardian: null },
      { state: 'Stopped', health: 'unhealthy', reason: 'It was ended by SIGKILL.' },
    ],
    [
      'could not be started',
      { runs: comfy({ ...dead, state: 'Failed', exitCode: null, error: 'no such file' }), guardian: null },
      { health: 'unhealthy', reason: 'It could not be started: no such file' },
    ],
    ['wanted and never started', { runs: {}, guardian: null }, { state: 'Stopped', health: 'unhealthy' }],
    [
      'an orphan: the host is gone, the program is not',
      { runs: comfy({ hostProcessId: 98 }) },
      {
        state: 'Running',
        health: 'healthy',
        warnings: ['Its host process 98 is gone; the program itself still runs.'],
      },
    ],
    [
      'guardian stale: no claim of health',
      { guardian: stale },
      { state: 'Running', health: 'unknown', guardianState: null, latencyMs: null, nextAction: null },
    ],
    [
      'guardian killed a moment ago',
      { guardian: heartbeatFile({ ...beating, processId: 97, at: earlier(100) }) },
      { health: 'unknown', reason: 'It runs, but the guardian is down: whether it answers is not known.' },
    ],
    [
      'heartbeat from the far future',
      { guardian: heartbeatFile({ ...beating, at: earlier(-90_000) }) },
      { health: 'unknown' },
    ],
    [
      'clock set back a little',
      { guardian: heartbeatFile({ ...beating, at: earlier(-20_000) }) },
      { health: 'healthy' },
    ],
    [
      'asked for anew, not seen yet, young',
      { desired: desiredFile({ comfyui: 'running' }, 2), runs: comfy({ startedAt: earlier(1000) }) },
      { health: 'starting', guardianState: null },
    ],
    [
      "the guardian's view is of another process",
      { guardian: seen({ processId: 5 }) },
      { health: 'unknown', attempts: 0 },
    ],
    [
      'starting',
      { runs: comfy({ state: 'Starting', processId: null }), guardian: null },
      { state: 'Starting' },
    ],
    [
      'starting, says a host that is gone',
      { runs: comfy({ state: 'Starting', processId: null, hostProcessId: 98 }), guardian: null },
      { state: 'Stopped', health: 'unhealthy' },
    ],
    [
      'stopping',
      { runs: comfy({ state: 'Stopping' }), guardian: null },
      { state: 'Stopping', health: 'unknown' },
    ],
  ])('%s', (_, given, expected) => {
    expect(service(given)).toMatchObject(expected);
  });

  test('while what should be cannot be read, the guardian is gone by, else what is there', () => {
    const generation = { generation: 9 };
    expect(service({ unread: true, guardian: seen(generation) })).toMatchObject({
      desired: 'running',
      health: 'healthy',
    });
    const cooling = seen({ ...generation, state: 'cooling', processId: null });
    expect(service({ unread: true, runs: comfy(dead), guardian: cooling })).toMatchObject({
      health: 'cooling',
    });
    const off = seen({ ...generation, state: 'stopped', processId: null });
    expect(service({ unread: true, runs: comfy(dead), guardian: off })).toMatchObject({
      desired: 'stopped',
      health: 'stopped',
    });
    expect(service({ unread: true, guardian: null })).toMatchObject({
      desired: 'running',
      health: 'unknown',
    });
    expect(service({ unread: true, runs: comfy(dead), guardian: null })).toMatchObject({
      health: 'unknown',
      reason: 'It does not run, and what should be cannot be read.',
    });
  });

  test('one that runs against the wish is not called well', () => {
    const given = { desired: desiredFile({ comfyui: 'stopped' }), guardian: seen({ state: 'stopped' }) };
    expect(service(given)).toMatchObject({
      state: 'Running',
      health: 'stopped',
      reason: 'It runs, but should be stopped.',
    });
  });

  test('past the grace a program that the guardian has not seen is unknown', () => {
    const given = {
      desired: desiredFile({ panel: 'running' }, 2),
      runs: { ...all, panel: run('panel', 10, { startedAt: earlier(16_000) }) },
    };
    expect(service(given, 'panel')).toMatchObject({
      health: 'unknown',
      reason: 'It runs; the guardian has not looked at it yet.',
    });
  });

  test('a service of which only its process is asked is healthy while that lives', () => {
    const change = (same: Manifest): Manifest => ({
      ...same,
      services: same.services.map((each) =>
        each.id === 'comfyui' ? { ...each, health: { kind: 'process' as const, startupGraceMs: 0 } } : each,
      ),
    });
    expect(service({ change, guardian: null })).toMatchObject({ health: 'healthy' });
    expect(service({ change, guardian: null, runs: comfy(dead) })).toMatchObject({ health: 'unhealthy' });
  });
});

describe('the guardian itself', () => {
  test.each<[string, Given, Partial<ServiceStatus>]>([
    ['beats', {}, { health: 'healthy' }],
    [
      'is silent',
      { guardian: stale },
      { health: 'unhealthy', reason: `It runs, but its last heartbeat is from ${earlier(45_001)}.` },
    ],
    [
      'has left nothing',
      { guardian: null },
      { health: 'unhealthy', reason: 'It runs, but there is no heartbeat.' },
    ],
    [
      'is young',
      { guardian: null, runs: { ...all, guardian: run('guardian', 30, { startedAt: earlier(5000) }) } },
      { health: 'starting' },
    ],
    [
      'runs beside another that beats',
      { guardian: heartbeatFile({ ...beating, processId: 11 }) },
      { health: 'unhealthy', reason: 'The heartbeat is from process 11, not from 31.' },
    ],
    [
      'is dead',
      { runs: { ...all, guardian: run('guardian', 30, dead) }, guardian: stale },
      { state: 'Stopped', health: 'unhealthy' },
    ],
    [
      'is stopped on purpose',
      {
        desired: desiredFile({ guardian: 'stopped' }),
        runs: { guardian: run('guardian', 30, { ...dead, state: 'Stopped' }) },
        guardian: null,
      },
      { state: 'Stopped', health: 'stopped' },
    ],
  ])('%s', (_, given, expected) => {
    expect(service(given, 'guardian')).toMatchObject(expected);
  });

  test('its limit is the longer of three checks and its own', () => {
    expect(heartbeatLimit(manifest)).toBe(45_000);
    expect(heartbeatLimit({ ...manifest, intervals: { ...manifest.intervals, healthCheck: 20_000 } })).toBe(
      60_000,
    );
  });
});

describe('without run files, as on Windows', () => {
  const nssm = (same: Manifest): Manifest => ({ ...same, backend: 'Nssm' });

  test("the guardian's view tells what runs", () => {
    expect(service({ change: nssm, runs: {} })).toMatchObject({
      state: 'Running',
      health: 'healthy',
      processId: 21,
    });
    const gone = seen({ processId: 99 });
    expect(service({ change: nssm, runs: {}, guardian: gone })).toMatchObject({
      state: 'Stopped',
      health: 'unhealthy',
    });
  });

  test('without the guardian nothing is claimed', () => {
    expect(service({ change: nssm, runs: {}, guardian: null })).toMatchObject({
      state: 'Unknown',
      health: 'unknown',
    });
  });

  test('the panel knows that it runs itself', () => {
    const self = { id: 'panel', processId: 11, startedAt: earlier(60_000) };
    expect(service({ change: nssm, runs: {}, guardian: null, self }, 'panel')).toMatchObject({
      state: 'Running',
      processId: 11,
      since: earlier(60_000),
      health: 'unknown',
    });
  });
});

describe('the whole', () => {
  test.each<[string, Given, SystemStatus['overall']]>([
    ['healthy', {}, 'healthy'],
    [
      'one exhausted',
      { guardian: seen({ state: 'exhausted', processId: null }), runs: comfy(dead) },
      'failed',
    ],
    [
      'one cooling',
      { guardian: seen({ state: 'cooling', processId: null }), runs: comfy(dead) },
      'recovering',
    ],
    ['one starting', { guardian: seen({ state: 'starting' }) }, 'starting'],
    [
      'a full disk',
      {
        guardian: heartbeatFile({
          ...beating,
          disks: [{ path: '/', freeBytes: 1, totalBytes: 2, low: true }],
        }),
      },
      'attention',
    ],
    ['all stopped', { desired: desiredFile({}), runs: {}, guardian: null }, 'stopped'],
  ])('%s', (_, given, overall) => {
    const change = (same: Manifest): Manifest => ({
      ...same,
      services: same.services.filter(({ id }) => id !== 'panel'),
    });
    expect(picture({ ...given, change }).overall).toBe(overall);
  });

  test('services stand in the order of the manifest, incidents at most twenty', () => {
    const many = Array.from({ length: 30 }, (_, index) => incidentFile({ id: `i${index}` }));
    const { services, incidents } = picture({ incidents: many });
    expect(services.map(({ id }) => id)).toEqual(['panel', 'comfyui', 'guardian']);
    expect(incidents.map(({ id }) => id)).toEqual(many.slice(0, 20).map(({ id }) => id));
  });

  test('names that objects have by nature are no services', () => {
    const change = (same: Manifest): Manifest => ({
      ...same,
      services: same.services.map((each) => (each.id === 'comfyui' ? { ...each, id: 'constructor' } : each)),
    });
    expect(service({ change, runs: {} }, 'constructor')).toMatchObject({
      state: 'Stopped',
      health: 'stopped',
    });
  });
});
