import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardianServiceSchema } from '../../../core/contract/state.ts';
import { decide } from '../../../guardian/policy/decide.ts';
import { holdEnd } from '../../../guardian/policy/holding.ts';
import { fromPublished, initialState, publish } from '../../../guardian/policy/stateOf.ts';
import type {
  Decision,
  Desire,
  GoneProcess,
  Observation,
  ProbeResult,
  ProcessSight,
  ServicePolicy,
  ServiceState,
} from '../../../guardian/policy/types.ts';
import { bad, policy as base, good, now as start, stranger } from './policyRig.ts';

const policies: fc.Arbitrary<ServicePolicy> = fc.record({
  external: fc.constant(false),
  restart: fc.constant('guardian' as const),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  cooldownMs: fc.constantFrom(1000, 30_000),
  backoffFactor: fc.constantFrom(1, 2),
  backoffMaxMs: fc.constantFrom(0, 300_000),
  jitter: fc.constantFrom(0, 0.5),
  resetAfterMs: fc.constantFrom(60_000, 600_000),
  retryExhaustedMs: fc.constant(null),
  failureThreshold: fc.integer({ min: 1, max: 4 }),
  startupGraceMs: fc.constantFrom(0, 15_000, 600_000),
  stopTimeoutMs: fc.constantFrom(1000, 30_000),
  spawnMs: fc.constant(base.spawnMs),
  busyLimitMs: fc.constant(base.busyLimitMs),
  progressMs: fc.constant(base.progressMs),
});

/** One thing that may happen; what it means is worked out against the world at that moment. */
interface Event {
  readonly waitMs: number;
  readonly process:
    | 'same'
    | 'new'
    | 'unknown'
    | 'changing'
    | 'orphan'
    | 'crashed'
    | Exclude<GoneProcess['how'], 'rebooted'>;
  readonly probe: ProbeResult | null;
  readonly person: 'nothing' | 'start' | 'stop' | 'unreadable';
  readonly action: NonNullable<Observation['action']>['kind'] | null;
  readonly dependency: boolean;
  readonly moving: boolean;
  readonly jitter: number;
}

const rarely = <T>(common: T, ...rare: T[]) =>
  fc.oneof(
    { weight: 40, arbitrary: fc.constant(common) },
    { weight: 1, arbitrary: fc.constantFrom(...rare) },
  );

const events: fc.Arbitrary<Event[]> = fc.array(
  fc.record({
    waitMs: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(0, 500, 15_000, 30_000, 61_000) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 700_000 }) },
    ),
    process: fc.oneof(
      { weight: 6, arbitrary: fc.constant('same' as const) },
      {
        weight: 3,
        arbitrary: fc.constantFrom('new' as const, 'exited' as const, 'crashed' as const, 'crashed' as const),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          ...(['unknown', 'changing', 'orphan', 'failed', 'lost', 'stopped', 'never'] as const),
        ),
      },
    ),
    probe: fc.constantFrom(
      good,
      bad,
      bad,
      bad,
      stranger,
      { ...good, owner: { kind: 'unknown' } as const },
      null,
    ),
    person: rarely<Event['person']>('nothing', 'start', 'stop', 'unreadable'),
    action: fc.constantFrom('done' as const, 'failed' as const, 'refused' as const, 'unknown' as const, null),
    dependency: rarely(false, true),
    moving: rarely(false, true),
    jitter: fc.double({ min: -1, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 80 },
);

interface Step {
  readonly before: ServiceState;
  readonly seen: Observation;
  readonly now: number;
  readonly decision: Decision;
}

/** Lives through the events as the loop does, and gives every decision that was made. */
function live(policy: ServicePolicy, happening: readonly Event[]): Step[] {
  let now = start;
  let state = initialState(now);
  let desired: Desire = { state: 'running', generation: 1, at: now - 3_600_000 };
  let processId = 100;
  let startedAt = now - 3_600_000;
  let acting = false;
  return happening.map((event) => {
    now += event.waitMs;
    if (event.person === 'start' || event.person === 'stop') {
      const wish = event.person === 'start' ? 'running' : 'stopped';
      desired = { state: wish, generation: desired.generation + 1, at: now };
    }
    if (event.process === 'new' || event.process === 'crashed') {
      processId += 1;
      startedAt = now;
    }
    const action = acting && event.action !== null ? { kind: event.action, detail: 'some detail' } : null;
    if (action !== null) acting = false;
    const seen: Observation = {
      desired: event.person === 'unreadable' ? null : desired,
      missing: null,
      process: sight(event.process, { processId, startedAt, at: now }),
      probe: event.probe,
      dependency: event.dependency ? { id: 'database', state: 'suspect' } : null,
      busy: event.moving ? { progressAt: now - 1000 } : null,
      action,
      acting,
      inherited: false,
      jitter: event.jitter,
    };
    const before = state;
    const decision = decide(freeze(before), freeze(seen), freeze(policy), now);
    state = decision.state;
    if (decision.actions.some(({ kind }) => kind === 'restart')) acting = true;
    return { before, seen, now, decision };
  });
}

function sight(
  word: Event['process'],
  { processId, startedAt, at }: { processId: number; startedAt: number; at: number },
): ProcessSight | null {
  if (word === 'unknown') return null;
  if (word === 'changing') return { kind: 'changing' };
  if (word === 'same' || word === 'new' || word === 'orphan') {
    return { kind: 'running', processId, startedAt, hosted: word !== 'orphan' };
  }
  const exitCode = word === 'exited' || word === 'crashed' ? 1 : null;
  const how = word === 'crashed' ? 'exited' : word;
  return { kind: 'gone', how, startedAt, at, exitCode, signal: null, error: null };
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}

const restartOf = ({ decision }: Step) =>
  decision.actions.find((action) => action.kind === 'restart') ?? null;

function holds(check: (steps: Step[], policy: ServicePolicy) => void, from = policies): void {
  fc.assert(
    fc.property(from, events, (policy, happening) => check(live(policy, happening), policy)),
    { numRuns: 400 },
  );
}

describe('the rules', () => {
  it('the story exercises what it is about', () => {
    const words = new Set<string>();
    const attempts = new Set<number>();
    fc.assert(
      fc.property(policies, events, (policy, happening) => {
        for (const step of live(policy, happening)) {
          words.add(step.decision.state.state);
          const action = restartOf(step);
          if (action?.kind === 'restart') attempts.add(action.attempt);
        }
      }),
      { numRuns: 1000 },
    );
    const all = ['cooling', 'exhausted', 'healthy', 'restarting', 'starting', 'stopped', 'suspect'];
    expect([...words].sort()).toEqual(all);
    expect([...attempts].sort()).toEqual([0, 1, 2, 3]);
  });

  it('never act when desired is stopped', () => {
    holds((steps) => {
      for (const { seen, decision } of steps) {
        if (seen.desired?.state === 'stopped') expect(decision.actions).toEqual([]);
      }
    });
  });

  it('never more than maxAttempts before resetAfterMs of health', () => {
    holds((steps, policy) => {
      let made = 0;
      let firstStarts = 0;
      let wellSince: number | null = null;
      let generation = 0;
      for (const step of steps) {
        const { seen, now, decision } = step;
        if (seen.desired && seen.desired.generation !== generation) {
          generation = seen.desired.generation;
          made = 0;
          firstStarts = 0;
        }
        if (decision.state.state === 'healthy') wellSince ??= now;
        else wellSince = null;
        if (wellSince !== null && now - wellSince >= policy.resetAfterMs) made = 0;
        if (seen.action?.kind === 'refused' && step.before.state === 'restarting') {
          made -= decision.state.attempts < step.before.attempts ? 1 : 0;
        }
        const action = restartOf(step);
        if (action?.kind === 'restart' && action.attempt > 0) made += 1;
        if (action?.kind === 'restart' && action.attempt === 0) firstStarts += 1;
        expect(made).toBeLessThanOrEqual(policy.maxAttempts);
        expect(decision.state.attempts).toBeLessThanOrEqual(policy.maxAttempts);
        expect(firstStarts).toBeLessThanOrEqual(1);
      }
    });
  });

  it('after a restart, hold until a new process or the start timeout', () => {
    holds((steps, policy) => {
      for (const step of steps) {
        const { before, seen, now, decision } = step;
        if (before.state !== 'restarting' || before.hold === null) continue;
        if (seen.desired === null || seen.desired.generation !== before.generation) continue;
        const sees = seen.process;
        const fresh = sees?.kind === 'running' && sees.processId !== before.hold.processId;
        const again = sees?.kind === 'running' && (sees.startedAt ?? 0) > before.since;
        const died = sees?.kind === 'gone' && sees.how !== 'stopped' && sees.how !== 'never';
        const told = seen.action?.kind === 'failed' || seen.action?.kind === 'refused';
        const over = now >= before.hold.until || now >= holdEnd(before, policy);
        if (fresh || again || died || told || over) continue;
        expect(decision.state).toEqual(before);
        expect(decision.actions).toEqual([]);
      }
    });
  });

  it('never two actions at once', () => {
    holds((steps) => {
      for (const step of steps) if (step.seen.acting) expect(restartOf(step)).toBeNull();
    });
  });

  it('no result changes nothing', () => {
    fc.assert(
      fc.property(policies, events, fc.nat(3_600_000), (policy, happening, later) => {
        const last = live(policy, happening).at(-1);
        if (!last) return;
        const { state } = last.decision;
        // A hold ends by time; that is not a result either way.
        fc.pre(state.hold === null && state.state !== 'stopped');
        const nothing = { ...last.seen, process: null, probe: null, action: null, desired: null };
        const decision = decide(state, nothing, policy, last.now + later);
        expect(decision.state).toEqual(state);
        expect(decision.actions).toEqual([]);
      }),
    );
  });

  it('a failure of a dependency is blamed on the dependency', () => {
    holds((steps) => {
      for (const step of steps) {
        if (step.seen.dependency === null) continue;
        expect(restartOf(step)).toBeNull();
        expect(step.decision.actions).toEqual([]);
        const { before, seen, decision } = step;
        const died = seen.process?.kind === 'gone' && before.state === 'healthy';
        const same = seen.desired?.state === 'running' && seen.desired.generation === before.generation;
        if (died && same) expect(decision.reason).toContain('database');
      }
    });
  });

  it('never restart over a running job that makes progress, unless it crashed', () => {
    holds((steps, policy) => {
      for (const step of steps) {
        const { before, seen, now } = step;
        if (seen.busy === null || seen.process?.kind === 'gone' || before.lastHealthyAt === null) continue;
        if (now - before.lastHealthyAt < policy.busyLimitMs) expect(restartOf(step)).toBeNull();
      }
    });
  });

  it('nothing is done to a service of another', () => {
    const others = fc.tuple(policies, fc.constantFrom('external', 'host', 'never')).map(([policy, who]) => ({
      ...policy,
      external: who === 'external',
      restart: who === 'external' ? ('guardian' as const) : (who as 'host' | 'never'),
    }));
    holds((steps) => {
      for (const { decision } of steps) expect(decision.actions).toEqual([]);
    }, others);
  });

  it('one alert, and then silence until it is well again or a person acts', () => {
    holds((steps) => {
      for (const { before, seen, decision } of steps) {
        const same = seen.desired === null || seen.desired.generation === before.generation;
        if (before.state !== 'exhausted' || !same) continue;
        expect(decision.actions).toEqual([]);
        const left = decision.state.state !== 'exhausted';
        const seenWell = seen.probe?.healthy === true;
        if (left) expect(seenWell || seen.process?.kind === 'running').toBe(true);
      }
    });
  });

  it('a stranger is never healthy, an unknown owner never a failure', () => {
    holds((steps) => {
      for (const { before, seen, decision } of steps) {
        const owner = seen.probe?.healthy ? seen.probe.owner.kind : null;
        if (owner === 'stranger' && before.state !== 'healthy')
          expect(decision.state.state).not.toBe('healthy');
        if (owner === 'unknown') expect(decision.state.failures).toBeLessThanOrEqual(before.failures);
      }
    });
  });

  it('the first attempt is immediate, the next ones wait', () => {
    holds((steps, policy) => {
      let made: number[] = [];
      for (const step of steps) {
        const { before, now, seen, decision } = step;
        const given = before.state === 'restarting' && decision.state.attempts < before.attempts;
        // One that could not be carried out was none.
        if (given && seen.action?.kind === 'refused') made.pop();
        else if (decision.state.attempts === 0 || decision.state.generation !== before.generation) made = [];
        const action = restartOf(step);
        if (action?.kind === 'restart' && action.attempt > 0) {
          const wait = policy.cooldownMs * (1 - policy.jitter);
          const last = made.at(-1);
          if (last !== undefined) expect(now - last).toBeGreaterThanOrEqual(Math.floor(wait));
          made.push(now);
        }
        const gone = seen.process?.kind === 'gone' && !['stopped', 'never'].includes(seen.process.how);
        const died = gone && before.state === 'healthy' && before.attempts === 0;
        const free = seen.dependency === null && !seen.acting && seen.desired?.state === 'running';
        const same = seen.desired?.generation === before.generation;
        if (died && free && same) expect(action).not.toBeNull();
      }
    });
  });

  it('all of it survives the guardian’s own death', () => {
    fc.assert(
      fc.property(policies, events, (policy, happening) => {
        const steps = live(policy, happening);
        for (const { before, seen, now, decision } of steps) {
          const file = JSON.parse(JSON.stringify(publish(before, policy)));
          const after = decide(fromPublished(guardianServiceSchema.parse(file)), seen, policy, now);
          if (before.refusals === 0) expect(after).toEqual(decision);
          else expect(after.actions).toEqual(decision.actions);
        }
      }),
      { numRuns: 200 },
    );
  });
});
