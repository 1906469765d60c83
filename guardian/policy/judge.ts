import { type Context, decision, enter, unchanged } from './context.ts';
import { blame, fail, firstStart } from './failing.ts';
import { cameUp } from './holding.ts';
import { failureDetail, isHealthy } from './probeVerdict.ts';
import type { Decision, Fault, GoneProcess, Instant, ProbeResult, ProcessSight } from './types.ts';
import { capital, clockTime, goneFault, probeFault } from './words.ts';

/** No program is there, though one should be. */
export function goneVerdict(context: Context, gone: GoneProcess): Decision {
  const state = { ...context.state, processId: null, latencyMs: null };
  const after = { ...context, state };
  const fault = goneFault(gone);
  if (!isCalm(context, gone)) return fail(after, fault, 0);
  const why =
    gone.how === 'rebooted' ? 'it ran before the machine was restarted' : 'it should run and does not';
  return blame(after, fault, 0) ?? firstStart(after, why);
}

/** True where nothing has failed: nobody has started it yet, or the machine was restarted under it. */
function isCalm({ state, policy, firstLook }: Context, { how }: GoneProcess): boolean {
  if (policy.restart !== 'guardian' || state.attempts > 0) return false;
  if (how === 'rebooted') return state.state !== 'cooling' && state.state !== 'exhausted';
  return firstLook && (how === 'never' || how === 'stopped');
}

/** A program is there, or nothing is known about that. */
export function runningVerdict(
  context: Context,
  sight: Extract<ProcessSight, { kind: 'running' }> | null,
): Decision {
  const { state, policy, observation, now } = context;
  if (sight && state.processId !== null && sight.processId !== state.processId) {
    return decision(cameUp(context, sight.processId));
  }
  if (sight && state.processId === null && (state.state === 'cooling' || state.state === 'exhausted')) {
    return decision(cameUp(context, sight.processId));
  }
  const known = sight ? { ...context, state: { ...state, processId: sight.processId } } : context;
  const { probe } = observation;
  if (sight && !sight.hosted && state.attempts < policy.maxAttempts) {
    const answers = probe !== null && isHealthy(probe);
    const heard = answers ? { ...known, state: { ...known.state, lastHealthyAt: now } } : known;
    return fail(heard, orphanFault, sight.processId);
  }
  if (probe === null) return unchanged(known);
  return isHealthy(probe) ? healthy(known, probe) : unwell(known, probe, sight?.startedAt ?? null);
}

const orphanFault: Fault = {
  cause: 'the host process that looks after it is gone',
  kind: 'orphan',
  exitCode: null,
  signal: null,
  confirmed: true,
};

function healthy(context: Pick<Context, 'state' | 'policy' | 'now'>, probe: ProbeResult): Decision {
  const { state, policy, now } = context;
  const next = enter(context, 'healthy', probe.answered ? 'It answers.' : 'It runs.', {
    failures: 0,
    refusals: 0,
    lastHealthyAt: now,
    latencyMs: probe.latencyMs,
  });
  const forgiven = now - next.since >= policy.resetAfterMs;
  return decision(forgiven && state.attempts > 0 ? { ...next, attempts: 0 } : next);
}

function unwell(context: Context, probe: ProbeResult, startedAt: Instant | null): Decision {
  const { state, policy, now } = context;
  const silentSince = Math.max(state.lastHealthyAt ?? 0, startedAt ?? 0) || state.since;
  const failures = state.failures + 1;
  const confirmed = failures >= policy.failureThreshold;
  const fault = probeFault({ probe, silentSince, now, confirmed });
  const processId = state.processId ?? 0;
  const blamed = blame(context, fault, processId);
  if (blamed) return blamed;
  const counted = { ...context, state: { ...state, failures, latencyMs: null } };
  const graceEnd = graceUntil(context, startedAt);
  if (graceEnd !== null) {
    const seen = probe.owner.kind === 'stranger' ? failureDetail(probe) : 'no good answer yet';
    const reason = `Starting: ${seen}; it has until ${clockTime(graceEnd)}.`;
    return decision(enter(counted, 'starting', reason));
  }
  if (confirmed) return fail(counted, fault, processId);
  if (state.state === 'cooling' || state.state === 'exhausted') return unchanged(counted, fault);
  const reason = `${capital(failureDetail(probe))}: failure ${failures} of ${policy.failureThreshold}.`;
  return decision(enter(counted, 'suspect', reason), { fault });
}

/** Until when a fresh process may stay silent; null when that is over, or it has answered before. */
function graceUntil({ state, policy, now }: Context, startedAt: Instant | null): Instant | null {
  if (state.state === 'cooling' || state.state === 'exhausted') return null;
  const begun = startedAt ?? (state.state === 'starting' ? state.since : null);
  if (begun === null) return null;
  if (state.lastHealthyAt !== null && state.lastHealthyAt >= begun) return null;
  const end = Math.min(begun, now) + policy.startupGraceMs;
  return now < end ? end : null;
}

/** A service that runs somewhere else: its answers are all there is, and nothing is ever done to it. */
export function external(context: Pick<Context, 'state' | 'observation' | 'policy' | 'now'>): Decision {
  const { state, observation, policy, now } = context;
  const { probe, desired } = observation;
  const known = { ...context, state: { ...state, generation: desired?.generation ?? state.generation } };
  if (probe === null) return unchanged(known);
  if (probe.healthy) return healthy(known, probe);
  const failures = known.state.failures + 1;
  const confirmed = failures >= policy.failureThreshold;
  const silentSince = state.lastHealthyAt ?? state.since;
  const fault = probeFault({ probe, silentSince, now, confirmed });
  const reason = `${capital(probe.detail)}; it is external and left alone.`;
  return decision(enter(known, 'suspect', reason, { failures, latencyMs: null }), { fault });
}
