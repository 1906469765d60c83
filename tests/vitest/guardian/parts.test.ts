import { appendFileSync, mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CmdletError } from '../../../core/bridge/index.ts';
import { OrchestratorError } from '../../../core/contract/errors.ts';
import { rotatedName } from '../../../core/logs/rotatedName.ts';
import { createBridgeActor, resultOf } from '../../../guardian/actor.ts';
import { createBusyWatch } from '../../../guardian/busy.ts';
import { createHeartbeatFile } from '../../../guardian/heartbeat.ts';
import { createHostWatch } from '../../../guardian/hostWatch.ts';
import { gatherEvidence, markLogs } from '../../../guardian/incident/evidence.ts';
import type { MemorySample } from '../../../guardian/probe/memory.ts';
import { pruneLogs } from '../../../guardian/pruneLogs.ts';
import { summary } from '../../../guardian/report.ts';
import { createRounds } from '../../../guardian/rounds.ts';
import { otherGuardian } from '../../../guardian/soleGuardian.ts';
import { createWishes } from '../../../guardian/wishes.ts';
import { FakeClock, quiet, temporaryFolder, testManifest } from './loopRig.ts';

describe('evidence', () => {
  it('is the last lines, stderr before all', async () => {
    using folder = temporaryFolder();
    const [stdout, stderr] = [join(folder.path, 'out'), join(folder.path, 'err')];
    writeFileSync(stdout, Array.from({ length: 50_000 }, (_, n) => `out ${n}`).join('\n'));
    writeFileSync(stderr, 'first\r\n\n   \nlast\n');
    const lines = await gatherEvidence({ stdout, stderr, startedAt: null });
    expect(lines).toHaveLength(20);
    expect(lines.slice(-3)).toEqual(['out 49999', 'first', 'last']);
    writeFileSync(stderr, Array.from({ length: 30 }, (_, n) => `err ${n}`).join('\n'));
    const errors = await gatherEvidence({ stdout, stderr, startedAt: null });
    expect(errors[0]).toBe('err 10');
    expect(errors).toHaveLength(20);
  });

  it('leaves out what an earlier run wrote', async () => {
    using folder = temporaryFolder();
    const [stdout, stderr] = [join(folder.path, 'out'), join(folder.path, 'err')];
    writeFileSync(stdout, 'old\n');
    writeFileSync(stderr, 'old error\n');
    const begun = await markLogs({ stdout, stderr });
    appendFileSync(stdout, 'new\n');
    expect(await gatherEvidence({ stdout, stderr, startedAt: null, begun })).toEqual(['new']);
    renameSync(stdout, `${stdout}.1`);
    writeFileSync(stdout, 'after rotation, and longer than before\n');
    const rotated = await gatherEvidence({ stdout, stderr, startedAt: null, begun });
    expect(rotated).toEqual(['after rotation, and longer than before']);
    utimesSync(stderr, 1000, 1000);
    expect(await gatherEvidence({ stdout: stderr, stderr, startedAt: 2_000_000 })).toEqual([]);
  });

  it('is short, and whole characters', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'err');
    writeFileSync(file, `${'é'.repeat(498)}🙂🙂🙂\n`);
    const [line] = await gatherEvidence({ stdout: file, stderr: file, startedAt: null });
    expect(line?.length).toBeLessThanOrEqual(500);
    expect(line?.isWellFormed()).toBe(true);
  });

  it('is nothing where there is no log', async () => {
    expect(await gatherEvidence({ stdout: '/nowhere/out', stderr: '/nowhere/err', startedAt: null })).toEqual(
      [],
    );
  });
});

describe('a busy ComfyUI', () => {
  it('makes progress when its log grows after the last good look', async () => {
    using folder = temporaryFolder();
    const log = join(folder.path, 'err');
    writeFileSync(log, '');
    let now = 1000;
    const watch = createBusyWatch({ logs: [log], now: () => now });
    await watch.saw({ running: true, mark: 'a|' });
    expect(watch.busy).toBeNull();
    await watch.silent();
    expect(watch.busy).toBeNull();
    appendFileSync(log, '10%');
    now = 2000;
    await watch.silent();
    expect(watch.busy).toEqual({ progressAt: 2000 });
    now = 3000;
    await watch.silent();
    expect(watch.busy).toEqual({ progressAt: 2000 });
    await watch.saw({ running: false, mark: '|' });
    expect(watch.busy).toBeNull();
  });

  it('is not busy with no job, however much it writes', async () => {
    using folder = temporaryFolder();
    const log = join(folder.path, 'err');
    const watch = createBusyWatch({ logs: [log], now: () => 1 });
    await watch.saw({ running: false, mark: '|' });
    appendFileSync(log, 'x');
    await watch.silent();
    expect(watch.busy).toBeNull();
  });
});

describe('pruning logs', () => {
  it('removes rotated files by age and size, and nothing else', async () => {
    using folder = temporaryFolder();
    const now = Date.parse('2026-01-31T00:00:00Z');
    const manifest = testManifest(folder.path, (service) => ({
      ...service,
      logs: { ...service.logs, keepBytes: 250, keepDays: 10 },
    }));
    const live = manifest.services[0]?.logs.stdout ?? '';
    mkdirSync(dirname(live));
    const day = 86_400_000;
    const put = (name: string) => writeFileSync(join(dirname(live), name), 'x'.repeat(100));
    const rotated = [11, 3, 2, 1].map((days) => rotatedName(live, now - days * day));
    for (const name of [
      ...rotated,
      'panel-stdout.log',
      'panel-stdout-notes.log',
      'other-20260101T000000.000.log',
    ])
      put(name);
    expect(await pruneLogs({ services: manifest.services, now })).toEqual({ files: 2, bytes: 200 });
    expect(readdirSync(dirname(live)).sort()).toEqual(
      [
        ...rotated.slice(2),
        'panel-stdout.log',
        'panel-stdout-notes.log',
        'other-20260101T000000.000.log',
      ].sort(),
    );
  });
});

describe('the only guardian', () => {
  const ask = (file: string, change: Partial<Parameters<typeof otherGuardian>[0]> = {}) =>
    otherGuardian({
      file,
      ownProcessId: 1,
      maxAgeMs: 45_000,
      now: 100_000,
      isAlive: () => true,
      commandOf: async () => ['node', '--x', '/opt/o/dist/guardian/main.js'],
      ...change,
    });

  it('knows another by a fresh heartbeat of a living guardian', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'guardian.json');
    expect(await ask(file)).toBeNull();
    writeFileSync(
      file,
      JSON.stringify({ version: 1, processId: 77, startedAt: 'x', at: new Date(99_000).toISOString() }),
    );
    expect(await ask(file)).toBe(77);
    expect(await ask(file, { commandOf: async () => null })).toBe(77);
    expect(await ask(file, { ownProcessId: 77 })).toBeNull();
    expect(await ask(file, { now: 200_000 })).toBeNull();
    expect(await ask(file, { isAlive: () => false })).toBeNull();
    expect(await ask(file, { commandOf: async () => ['vim', 'guardian.json'] })).toBeNull();
    writeFileSync(file, 'not at all');
    expect(await ask(file)).toBeNull();
  });
});

describe('what the module answers', () => {
  const cmdletError = (code: string) =>
    new CmdletError({
      cmdlet: 'Restart-Orchestrator',
      error: { code, category: '', message: 'm', target: null },
      records: [],
    });

  it.each([
    ['the bridge is not there', new OrchestratorError('ORC3005', {}), 'refused'],
    ['its answer was not understood', new OrchestratorError('ORC3006', {}), 'refused'],
    ['it may not be asked', new OrchestratorError('ORC3003', {}), 'refused'],
    ['it took too long', new OrchestratorError('ORC3004', {}), 'unknown'],
    ['somebody else is at work', cmdletError('ORC2006'), 'refused'],
    ['the program could not be started', cmdletError('ORC2004'), 'failed'],
    ['anything else', new Error('x'), 'refused'],
  ])('%s', (_, error, kind) => expect(resultOf(error).kind).toBe(kind));

  it('goes through one cmdlet, and errors of the item count', async () => {
    const calls: unknown[] = [];
    let records: { level: 'error'; code: string | null; message: string }[] = [];
    const actor = createBridgeActor({
      call: (async (...args: unknown[]) => {
        calls.push(args);
        return { data: [], records };
      }) as unknown as Parameters<typeof createBridgeActor>[0]['call'],
    });
    expect(await actor.restart('panel', 5, 1000)).toEqual({ kind: 'done' });
    expect(calls).toEqual([
      ['Restart-Orchestrator', { Name: ['panel'], Heal: true, ExpectedProcessId: 5 }, { timeoutMs: 1000 }],
    ]);
    records = [{ level: 'error', code: 'ORC2002', message: 'taken' }];
    expect(await actor.restart('panel', 5, 1000)).toEqual({ kind: 'failed', detail: 'taken' });
    records = [{ level: 'error', code: 'ORC2006', message: 'busy' }];
    expect(await actor.restart('panel', 5, 1000)).toEqual({ kind: 'refused', detail: 'busy' });
  });
});

describe('the heartbeat file', () => {
  it('holds what was true at the time of asking, with no more writes than needed', async () => {
    let value = 0;
    let written = -1;
    let writes = 0;
    let open = 0;
    const file = createHeartbeatFile({
      write: async () => {
        expect(++open).toBe(1);
        const now = value;
        await quiet();
        written = now;
        writes += 1;
        open -= 1;
      },
      now: () => 7,
      onTrouble: () => {},
    });
    const asks = Array.from({ length: 10 }, async (_, n) => {
      value = n;
      const mine = n;
      expect(await file.save()).toBe(true);
      expect(written).toBeGreaterThanOrEqual(mine);
    });
    await Promise.all(asks);
    expect(writes).toBe(2);
    expect(file.savedAt).toBe(7);
    for (let n = 0; n < 3; n++) await file.save();
    expect(writes).toBe(5);
  });

  it('says when it cannot be written', async () => {
    const told: unknown[] = [];
    const file = createHeartbeatFile({
      write: () => Promise.reject(new Error('full')),
      now: () => 7,
      onTrouble: (error) => told.push(error),
    });
    expect(await file.save()).toBe(false);
    expect(told).toHaveLength(1);
    expect(file.savedAt).toBe(0);
  });
});

describe('rounds', () => {
  it('keep their times, never overlap, and survive a failure', async () => {
    const clock = new FakeClock();
    const begun = clock.now();
    const at: number[] = [];
    const troubles: unknown[] = [];
    let release: () => void = () => {};
    const rounds = createRounds({ clock, onTrouble: (error) => troubles.push(error) });
    rounds.every(500, () => {
      at.push(clock.now() - begun);
      if (at.length === 2) throw new Error('one');
      if (at.length === 4) return new Promise<void>((resolve) => (release = resolve));
      return undefined;
    });
    await clock.advance(2900);
    expect(at).toEqual([500, 1000, 1500, 2000]);
    expect(troubles).toHaveLength(1);
    release();
    await quiet();
    await clock.advance(600);
    expect(at).toEqual([500, 1000, 1500, 2000, 3400]);
    rounds.stop();
    await clock.advance(5000);
    expect(at).toHaveLength(5);
  });
});

describe('thresholds', () => {
  it('a value that hovers about one is told of once', async () => {
    const lines: string[] = [];
    const write = (_: unknown, text: string) => void lines.push(text);
    let percent = 70;
    const sample = (): MemorySample => ({
      totalBytes: 100,
      availableBytes: 100 - percent,
      usedPercent: percent,
      high: percent > 80,
    });
    const watch = createHostWatch({
      thresholds: { diskFreeGb: 10, memoryPercent: 80 },
      probeDisks: async () => [],
      probeMemory: async () => sample(),
      log: { info: write, warn: write, debug: write, error: write } as never,
    });
    for (percent of [70, 81, 79.9, 81, 79, 82, 75, 85]) await watch.measureMemory();
    expect(lines).toEqual([
      'high memory: 81 % in use; the limit is 80 %',
      'memory: 75 % in use again',
      'high memory: 85 % in use; the limit is 80 %',
    ]);
  });
});

describe('desired.json', () => {
  it('keeps what was wanted when it becomes unreadable, and says so once', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'desired.json');
    const warnings: string[] = [];
    const wishes = createWishes({ file, onWarning: (warning) => warnings.push(warning) });
    expect(wishes.of('panel')).toBeNull();
    expect(await wishes.reread()).toBe(true);
    expect(wishes.of('panel')).toBeUndefined();
    const at = '2026-01-02T03:04:05.000Z';
    const panel = { state: 'running', generation: 3, at, by: 'operator' };
    writeFileSync(file, JSON.stringify({ version: 1, services: { panel } }));
    expect(await wishes.reread()).toBe(true);
    expect(await wishes.reread()).toBe(false);
    expect(wishes.of('panel')).toEqual({ state: 'running', generation: 3, at: Date.parse(at) });
    writeFileSync(file, '{"version": 9}');
    expect(await wishes.reread()).toBe(false);
    writeFileSync(file, '');
    await wishes.reread();
    expect(wishes.of('panel')?.generation).toBe(3);
    expect(warnings).toHaveLength(2);
  });
});

describe('the summary', () => {
  it('counts those that should run and names what else there is', () => {
    const facts = { cycle: 12, disks: [{ path: '/', freeBytes: 5.25 * 1024 ** 3 }], memoryPercent: 36.4 };
    const states = ['healthy', 'exhausted', 'stopped', 'starting', 'skipped'] as const;
    expect(summary({ ...facts, states })).toBe(
      'cycle 12: 1 of 3 healthy, 1 exhausted, 1 starting, 1 stopped, 1 skipped, disk 5.3 GB free, memory 36 %',
    );
    expect(summary({ cycle: 1, disks: [], memoryPercent: null, states: [] })).toBe('cycle 1: 0 of 0 healthy');
  });
});
