import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Incident } from '../../../core/contract/state.ts';
import { isDamaged, NewerHistory, openHistory } from '../../../core/history/history.ts';
import { openOrSetAside } from '../../../core/history/setAside.ts';
import { openRecorder } from '../../../guardian/recorder.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-'));
  path = join(folder, 'history.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const t0 = Date.parse('2026-01-02T03:04:05.000Z');
const sample = (healthy: boolean | null, state: 'healthy' | 'suspect' | 'stopped' = 'healthy') => ({
  service: 'panel',
  state,
  healthy,
  latencyMs: healthy ? 2.5 : null,
});

function incident(id: string, change: Partial<Incident> = {}): Incident {
  const base = {
    version: 1,
    service: 'panel',
    closedAt: null,
    outcome: 'open',
    cause: 'exited with code 1',
  } as const;
  const rest = { exitCode: 1, signal: null, evidence: [], attempts: [], advice: 'Look.' };
  return { ...base, ...rest, id, openedAt: new Date(t0).toISOString(), ...change };
}

describe('the history', () => {
  it('gives back what was put in, oldest first', () => {
    const history = openHistory({ path });
    for (let n = 0; n < 5; n++) history.addSamples(t0 + n * 1000, [sample(n !== 3)]);
    expect(history.samples('panel', t0 + 1000, { until: t0 + 4000 })).toEqual([
      { at: t0 + 1000, healthy: true, latencyMs: 2.5, state: 'healthy' },
      { at: t0 + 2000, healthy: true, latencyMs: 2.5, state: 'healthy' },
      { at: t0 + 3000, healthy: false, latencyMs: null, state: 'healthy' },
    ]);
    expect(history.samples('panel', 0, { limit: 2 }).map(({ at }) => at)).toEqual([t0 + 3000, t0 + 4000]);
    expect(history.samples('comfyui', 0)).toEqual([]);
    history.close();
  });

  it('counts uptime only while a service should run and was asked', () => {
    const history = openHistory({ path });
    const seen = [
      sample(true),
      sample(true),
      sample(false, 'suspect'),
      sample(null),
      sample(null, 'stopped'),
    ];
    for (const [n, one] of seen.entries()) history.addSamples(t0 + n, [one]);
    expect(history.uptime('panel', t0)).toEqual({ ratio: 2 / 3, healthy: 2, total: 3 });
    expect(history.uptime('panel', t0 + 3)).toEqual({ ratio: null, healthy: 0, total: 0 });
    history.close();
  });

  it('cuts a span into bars that together hold every look once', () => {
    const history = openHistory({ path });
    const at = fc.uniqueArray(fc.integer({ min: 0, max: 9999 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(at, fc.integer({ min: 1, max: 40 }), (instants, count) => {
        history.prune({ samplesBefore: Number.MAX_SAFE_INTEGER, incidentsBefore: 0 });
        for (const n of instants) history.addSamples(t0 + n, [sample(n % 2 === 0)]);
        const bars = history.uptimeBars('panel', t0, t0 + 10_000, count);
        expect(bars).toHaveLength(count);
        expect(bars.reduce((sum, { total }) => sum + total, 0)).toBe(instants.length);
        for (const [index, { total }] of bars.entries()) {
          const width = 10_000 / count;
          const inside = instants.filter((n) => Math.floor(n / width) === index).length;
          expect(total).toBe(inside);
        }
      }),
      { numRuns: 40 },
    );
    history.close();
  });

  it('keeps disks and memory', () => {
    const history = openHistory({ path });
    const disks = [{ path: '/', freeBytes: 5e12, totalBytes: 9e12 }];
    const memory = { availableBytes: 3e10, totalBytes: 6e10 };
    history.addHostSample(t0, { disks, memory });
    history.addHostSample(t0 + 1, { disks: [], memory: null });
    expect(history.disks(0)).toEqual([{ ...disks[0], at: t0 }]);
    expect(history.memory(0)).toEqual([{ ...memory, at: t0 }]);
    history.close();
  });

  it('has an index of incidents that can be made anew', () => {
    const history = openHistory({ path });
    const at = (n: number) => new Date(t0 + n).toISOString();
    history.putIncident(incident('a', { openedAt: at(1) }));
    history.putIncident(incident('b', { openedAt: at(2), service: 'comfyui' }));
    history.putIncident(incident('a', { openedAt: at(1), outcome: 'recovered', closedAt: at(9) }));
    expect(history.incidents().map(({ id, outcome }) => [id, outcome])).toEqual([
      ['b', 'open'],
      ['a', 'recovered'],
    ]);
    expect(history.incidents({ service: 'panel' })).toMatchObject([{ id: 'a', closedAt: t0 + 9 }]);
    history.rebuildIncidents([incident('c')]);
    expect(history.incidents().map(({ id }) => id)).toEqual(['c']);
    history.close();
  });

  it('forgets what is too old', () => {
    const history = openHistory({ path });
    for (const n of [0, 1, 2]) history.addSamples(t0 + n, [sample(true)]);
    history.putIncident(incident('a'));
    history.prune({ samplesBefore: t0 + 2, incidentsBefore: t0 });
    expect(history.samples('panel', 0).map(({ at }) => at)).toEqual([t0 + 2]);
    expect(history.incidents()).toHaveLength(1);
    history.prune({ samplesBefore: 0, incidentsBefore: t0 + 1 });
    expect(history.incidents()).toEqual([]);
    history.close();
  });

  it('is read while it is written', () => {
    const writer = openHistory({ path });
    writer.addSamples(t0, [sample(true)]);
    const reader = openHistory({ path, readOnly: true });
    writer.addSamples(t0 + 1, [sample(true)]);
    expect(reader.samples('panel', 0)).toHaveLength(2);
    expect(() => reader.addSamples(t0, [sample(true)])).toThrow(/readonly/);
    reader.close();
    writer.close();
  });

  it('puts in all of a look or nothing', () => {
    const history = openHistory({ path });
    const broken = { ...sample(true), service: undefined as unknown as string };
    expect(() => history.addSamples(t0, [sample(true), broken])).toThrow();
    expect(history.samples('panel', 0)).toEqual([]);
    history.addSamples(t0, [sample(true)]);
    expect(history.samples('panel', 0)).toHaveLength(1);
    history.close();
  });
});

describe('a history that cannot be used', () => {
  it('is not made by a reader', () => {
    expect(() => openHistory({ path, readOnly: true })).toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is moved aside when damaged, whole, and begun anew', () => {
    writeFileSync(path, 'this is no database, and long enough to be taken for one '.repeat(200));
    const size = statSync(path).size;
    const { history, damaged } = openOrSetAside({ path, now: t0 });
    expect(damaged).toBe(`${path}.damaged-20260102T030405Z`);
    expect(statSync(damaged ?? '').size).toBe(size);
    history.addSamples(t0, [sample(true)]);
    expect(history.samples('panel', 0)).toHaveLength(1);
    history.close();
  });

  it('is known as damaged when only a page in it is', () => {
    const history = openHistory({ path });
    for (let n = 0; n < 3000; n++) history.addSamples(t0 + n, [sample(true)]);
    history.close();
    const size = statSync(path).size;
    writeFileSync(path, Buffer.alloc(size - 4096, 0xff), { flag: 'r+' });
    let error: unknown;
    try {
      openHistory({ path });
    } catch (caught) {
      error = caught;
    }
    expect(isDamaged(error)).toBe(true);
  });

  it('is left alone when it comes from a newer version', () => {
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(() => openOrSetAside({ path })).toThrow(NewerHistory);
    expect(readdirSync(folder)).toEqual(['history.db']);
  });

  it('does not stop the recorder, which tells of it once', async () => {
    const { mkdirSync } = await import('node:fs');
    mkdirSync(path);
    const told: string[] = [];
    let now = t0;
    const recorder = await openRecorder({ path, now: () => now, onTrouble: (detail) => told.push(detail) });
    for (let n = 0; n < 10; n++) recorder.write((history) => history.addSamples(t0 + n, [sample(true)]));
    expect(told).toHaveLength(1);
    rmSync(path, { recursive: true });
    now += 300_000;
    recorder.write((history) => history.addSamples(now, [sample(true)]));
    recorder.close();
    const history = openHistory({ path, readOnly: true });
    expect(history.samples('panel', 0)).toHaveLength(1);
    history.close();
  });
});
