import { type Context, decision, enter, unchanged } from './context.ts';
import { holdEnd, holding, longestHold } from './holding.ts';
import { external, goneVerdict, runningVerdict } from './judge.ts';
import { longestPause, longestRefusalMs } from './pause.ts';
import type {
  Decision,
  Desire,
  GoneProcess,
  Instant,
  Observation,
  ServicePolicy,
  ServiceState,
} from './types.ts';

/**
 * What to make of one service, given what was seen. Pure. The caller must keep the state safe before it carries out
 * an action, and must not start one while another for the same service is under way.
 */
export function decide(
  before: ServiceState,
  observation: Observation,
  policy: ServicePolicy,
  now: Instant,
): Decision {
  const state = withSaneTimes(before, policy, now);
  if (policy.external) return external({ state, observation, policy, now });
  if (observation.missing !== null && observation.process?.kind !== 'running') {
    return skipped({ state, observation, now }, observation.missing);
  }
  const { desired } = observation;
  if (desired === null) return unchanged({ state });
  if (desired.state === 'stopped') return stopped({ state, observation, now }, desired);
  const wanted = isCurrent(state, desired) ? state : asked(state, desired, policy, now);
  const context = { state: wanted, desired, observation, policy, now, firstLook: false };
  if (wanted.hold === null) return evaluate(context);
  const { held, context: after } = holding(context);
  return held ?? evaluate(after);
}

function evaluate(context: Context): Decision {
  const { process } = context.observation;
  if (process?.kind === 'changing') return unchanged(context);
  if (process?.kind === 'gone') return stopOfRestart(context, process) ?? goneVerdict(context, process);
  return runningVerdict(context, process);
}

/** Whoever asks for a restart writes so first and stops the program then: that stop is no failure. */
function stopOfRestart(context: Context, { how }: GoneProcess): Decision | null {
  const { state, desired, policy, now } = context;
  const until = askedUntil(desired, policy, now);
  if ((how !== 'stopped' && how !== 'never') || now >= until) return null;
  if (state.state === 'cooling' || state.state === 'exhausted') return null;
  const change = { processId: null, latencyMs: null, failures: 0, hold: { processId: null, until } };
  return decision(enter(context, 'starting', 'It is being started on request.', change));
}

/** Until when a start that somebody asked for is left to whoever asked. */
function askedUntil(desired: Desire, policy: ServicePolicy, now: Instant): Instant {
  return Math.min(desired.at, now) + policy.stopTimeoutMs + policy.spawnMs;
}

function isCurrent(state: ServiceState, { generation }: Desire): boolean {
  return state.generation === generation && state.state !== 'stopped' && state.state !== 'skipped';
}

/** Somebody asks for the service: what failed before is forgotten, and whoever asked gets the time to start it. */
function asked(state: ServiceState, desired: Desire, policy: ServicePolicy, now: Instant): ServiceState {
  const fresh = state.generation !== desired.generation;
  const until = askedUntil(desired, policy, now);
  return enter({ state, now }, 'starting', 'Its start was asked for.', {
    attempts: fresh ? 0 : state.attempts,
    failures: 0,
    refusals: 0,
    generation: desired.generation,
    hold: { processId: null, until },
  });
}

type Seen = Pick<Context, 'state' | 'observation' | 'now'>;

function stopped({ state, observation, now }: Seen, desired: Desire): Decision {
  const running = observation.process?.kind === 'running' ? observation.process.processId : null;
  const processId = observation.process === null ? state.processId : running;
  const reason = processId === null ? 'Stopped on request.' : 'It should be stopped and still runs.';
  const fresh = state.generation !== desired.generation;
  return decision(
    enter({ state, now }, 'stopped', reason, {
      attempts: fresh ? 0 : state.attempts,
      failures: 0,
      refusals: 0,
      latencyMs: null,
      generation: desired.generation,
      processId,
    }),
  );
}

function skipped({ state, observation, now }: Seen, file: string): Decision {
  const generation = observation.desired?.generation ?? state.generation;
  const change = { generation, failures: 0, latencyMs: null, processId: null };
  return decision(enter({ state, now }, 'skipped', `Skipped: ${file} is missing.`, change));
}

/** A clock that was set back must not make a pause of hours out of one of seconds. */
function withSaneTimes(state: ServiceState, policy: ServicePolicy, now: Instant): ServiceState {
  const { since, lastHealthyAt, nextActionAt, hold } = state;
  const wait =
    state.state === 'exhausted'
      ? (policy.retryExhaustedMs ?? 0)
      : Math.max(longestPause(policy), longestRefusalMs);
  const sane = {
    since: Math.min(since, now),
    lastHealthyAt: lastHealthyAt && Math.min(lastHealthyAt, now),
    nextActionAt: nextActionAt && Math.min(nextActionAt, now + wait),
    holdUntil: hold && Math.min(hold.until, now + longestHold(policy)),
  };
  const same =
    sane.since === since &&
    sane.lastHealthyAt === lastHealthyAt &&
    sane.nextActionAt === nextActionAt &&
    sane.holdUntil === (hold?.until ?? null);
  if (same) return state;
  return {
    ...state,
    since: sane.since,
    lastHealthyAt: sane.lastHealthyAt,
    nextActionAt: sane.nextActionAt,
    hold: hold && { ...hold, until: sane.holdUntil ?? hold.until },
  };
}

/** When this state wants to be looked at again though nothing new was seen; null when it need not. */
export function dueAt(state: ServiceState, policy: ServicePolicy): Instant | null {
  if (state.hold) return Math.min(state.hold.until, holdEnd(state, policy));
  return state.nextActionAt;
}
