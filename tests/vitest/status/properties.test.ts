import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manifestSchema } from '../../../core/contract/manifest.ts';
import { guardianStates, runStates } from '../../../core/contract/state.ts';
import { composeStatus } from '../../../core/status/compose.ts';
import { systemStatusSchema } from '../../../core/status/picture.ts';
import { substance } from '../../../core/status/snapshot.ts';
import manifestFile from '../../../deploy/local/orchestrator.json' with { type: 'json' };
import { heartbeatFile, runFile, viewFile } from '../web/stateFolder.ts';

const manifest = manifestSchema.parse(manifestFile);
const ids = manifest.services.map(({ id }) => id);
const now = Date.parse('2026-05-01T12:00:00.000Z');
const instant = fc.integer({ min: -200_000, max: 200_000 }).map((ms) => new Date(now + ms).toISOString());
const pid = fc.integer({ min: 1, max: 8 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const perService = <T>(value: fc.Arbitrary<T>) =>
  fc
    .tuple(...ids.map(() => maybe(value)))
    .map((values) => new Map(ids.map((id, index) => [id, values[index] ?? null])));

const runs = perService(
  fc.record({
    state: fc.constantFrom(...runStates),
    hostProcessId: pid,
    processId: maybe(pid),
    startedAt: maybe(instant),
    endedAt: maybe(instant),
    exitCode: maybe(fc.integer({ min: 0, max: 255 })),
  }),
);
const desired = perService(
  fc.record({
    state: fc.constantFrom('running' as const, 'stopped' as const),
    generation: fc.integer({ min: 0, max: 2 }),
  }),
);
const views = perService(
  fc.record({
    state: fc.constantFrom(...guardianStates),
    generation: fc.integer({ min: 0, max: 2 }),
    processId: maybe(pid),
    attempts: fc.integer({ min: 0, max: 3 }),
    nextAction: maybe(fc.constant('restart')),
  }),
);
const world = fc.record({
  runs,
  desired,
  views,
  beat: maybe(fc.record({ at: instant, processId: pid })),
  alive: fc.uniqueArray(pid),
  warnings: fc.boolean(),
  missing: fc.subarray(ids),
  backend: fc.constantFrom('Embedded' as const, 'Nssm' as const),
  modes: fc.tuple(
    ...ids.map(() => fc.constantFrom('managed' as const, 'demo' as const, 'external' as const)),
  ),
  self: maybe(fc.constantFrom(...ids)),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function compose(given: World, at = now, language: 'en' | 'ru' = 'en') {
  const warning = given.warnings ? 'damaged' : null;
  const present = <T>(map: ReadonlyMap<string, T | null>) =>
    [...map].flatMap(([id, value]) => (value ? [[id, value] as const] : []));
  const entries = present(given.desired).map(([id, entry]) => [
    id,
    { ...entry, at: new Date(now).toISOString(), by: 'operator' as const },
  ]);
  const seen = present(given.views).map(([id, view]) => [id, viewFile(view)]);
  return composeStatus({
    manifest: {
      ...manifest,
      backend: given.backend,
      services: manifest.services.map((service, index) => ({
        ...service,
        mode: given.modes[index] ?? 'managed',
      })),
    },
    observation: {
      desired: { value: { version: 1, services: Object.fromEntries(entries) }, warning },
      guardian: {
        value: given.beat && heartbeatFile({ ...given.beat, services: Object.fromEntries(seen) }),
        warning,
      },
      runs: new Map(
        ids.map((id) => {
          const run = given.runs.get(id);
          return [
            id,
            {
              value: run
                ? runFile(id, {
                    ...run,
                    processStart: null,
                    hostStart: null,
                    updatedAt: new Date(now).toISOString(),
                  })
                : null,
              warning,
            },
          ];
        }),
      ),
      missing: new Map(given.missing.map((id) => [id, ['/not/there']])),
      incidents: [],
    },
    now: at,
    isAlive: (processId) => given.alive.includes(processId),
    self:
      given.self === null ? null : { id: given.self, processId: 8, startedAt: new Date(now).toISOString() },
    language,
  });
}

const picture = world.map((given) => ({ given, status: compose(given) }));

test('any state of the files gives a whole picture, by the contract, in both languages', () => {
  fc.assert(
    fc.property(world, (given) => {
      for (const language of ['en', 'ru'] as const) {
        const status = compose(given, now, language);
        systemStatusSchema.parse(status);
        for (const { reason } of status.services) {
          expect(reason).not.toBe('');
          expect(reason).not.toMatch(/\{\w+\}|undefined|null/);
        }
      }
    }),
  );
});

test('a process that is shown lives', () => {
  fc.assert(
    fc.property(picture, ({ given, status }) => {
      for (const { id, processId, state } of status.services) {
        if (processId !== null) expect(given.alive.includes(processId) || given.self === id).toBe(true);
        if (state === 'Running') expect(processId).not.toBeNull();
        if (state === 'Stopped' || state === 'External' || state === 'Skipped') expect(processId).toBeNull();
      }
    }),
  );
});

test('nothing that does not run is called healthy, nothing that is wanted and dead is called stopped', () => {
  fc.assert(
    fc.property(picture, ({ status }) => {
      for (const { state, health, desired } of status.services) {
        if (state === 'Stopped') expect(['healthy', 'suspect', 'starting']).not.toContain(health);
        if (state === 'Stopped' && desired === 'running') expect(health).not.toBe('stopped');
      }
    }),
  );
});

test('with the guardian dead nobody is promised a next action, and HTTP health is not claimed', () => {
  fc.assert(
    fc.property(picture, ({ given, status }) => {
      if (status.guardian.alive) return;
      for (const { id, nextAction, guardianState, latencyMs, health } of status.services) {
        expect([nextAction, guardianState, latencyMs]).toEqual([null, null, null]);
        if (id !== 'guardian')
          expect(['healthy', 'cooling', 'restarting', 'exhausted', 'suspect']).not.toContain(health);
      }
      expect(['healthy', 'recovering']).not.toContain(status.overall);
      void given;
    }),
  );
});

test('the same files at the same time give the same picture, and a moment later the same substance', () => {
  fc.assert(
    fc.property(world, fc.integer({ min: 0, max: 5 }), (given, later) => {
      expect(compose(given)).toEqual(compose(given));
      // Only what depends on an age may change: freshness and grace, both far from their limits here.
      const calm = { ...given, beat: given.beat && { ...given.beat, at: new Date(now).toISOString() } };
      const old = new Map([...calm.runs].map(([id, run]) => [id, run && { ...run, startedAt: null }]));
      expect(substance(compose({ ...calm, runs: old, self: null }, now + later))).toBe(
        substance(compose({ ...calm, runs: old, self: null })),
      );
    }),
  );
});
