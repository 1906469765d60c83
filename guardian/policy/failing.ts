import { type Context, decision, enter, unchanged } from './context.ts';
import { longestHold } from './holding.ts';
import { pauseAfterRefusal, pauseBeforeNext } from './pause.ts';
import type { Decision, Fault } from './types.ts';
import { capital, clockTime, span } from './words.ts';

/** A failure is certain. Whether anything is done about it now, later or never. `processId`: what runs, 0 for none. */
export function fail(context: Context, fault: Fault, processId: number): Decision {
  const { state, policy, now } = context;
  const blamed = blame(context, fault, processId);
  if (blamed) return blamed;
  if (policy.restart !== 'guardian') return leave(context, fault, processId);
  if (processId > 0 && isBusy(context)) return spare(context, fault, processId);
  if (state.state === 'cooling') {
    if (now < (state.nextActionAt ?? 0)) return unchanged(context, fault);
    return restart(context, fault, processId);
  }
  if (state.state === 'exhausted') {
    const { retryExhaustedMs } = policy;
    const due = retryExhaustedMs !== null && now >= (state.nextActionAt ?? state.since + retryExhaustedMs);
    if (!due) return decision({ ...state, processId: processId || null }, { fault });
    return restart({ ...context, state: { ...state, attempts: policy.maxAttempts - 1 } }, fault, processId);
  }
  if (state.attempts === 0) return restart(context, fault, processId);
  if (state.attempts < policy.maxAttempts) return cool(context, fault, processId);
  return exhaust(context, fault, processId);
}

export function restart(context: Context, fault: Fault, processId: number): Decision {
  const { state, policy } = context;
  const attempt = state.attempts + 1;
  const reason = `Restarting it, attempt ${attempt} of ${policy.maxAttempts}: ${fault.cause}.`;
  return begin(context, { reason, attempt, processId, fault });
}

/** The start of a service that did not run and has not failed: no attempt. */
export function firstStart(context: Context, why: string): Decision {
  return begin(context, { reason: `Starting it: ${why}.`, attempt: 0, processId: 0, fault: null });
}

/** The second half of a restart whose first half is done: the same attempt. */
export function finish(context: Context): Decision {
  const { state, policy } = context;
  const reason = `Finishing a restart that was cut off, attempt ${state.attempts} of ${policy.maxAttempts}.`;
  return begin(context, { reason, attempt: state.attempts, processId: 0, fault: null });
}

function begin(
  context: Context,
  {
    reason,
    attempt,
    processId,
    fault,
  }: { reason: string; attempt: number; processId: number; fault: Fault | null },
): Decision {
  const { state, policy, now } = context;
  if (context.observation.acting) return unchanged(context, fault);
  const next = enter(context, 'restarting', reason, {
    attempts: Math.max(state.attempts, attempt),
    processId: processId || null,
    hold: { processId: processId || null, until: now + longestHold(policy) },
  });
  const actions = [{ kind: 'restart', attempt, expectedProcessId: processId } as const];
  return decision({ ...next, since: now }, { fault, actions });
}

function cool(context: Context, fault: Fault, processId: number): Decision {
  const { state, policy, observation, now } = context;
  const pause = pauseBeforeNext(policy, state.attempts, observation.jitter);
  const reason = `Waiting ${span(pause)} before attempt ${state.attempts + 1} of ${policy.maxAttempts}: ${fault.cause}.`;
  const change = { nextAction: 'restart', nextActionAt: now + pause, processId: processId || null };
  return decision(enter(context, 'cooling', reason, change), { fault });
}

function exhaust(context: Context, fault: Fault, processId: number): Decision {
  const { state, policy, now } = context;
  const retryAt = policy.retryExhaustedMs === null ? null : now + policy.retryExhaustedMs;
  const next =
    retryAt === null ? 'Start it again once that is mended' : `It is tried again at ${clockTime(retryAt)}`;
  const reason = `Given up after ${state.attempts} attempts: ${fault.cause}. ${next}.`;
  return decision(
    enter(context, 'exhausted', reason, {
      processId: processId || null,
      nextAction: retryAt === null ? null : 'restart',
      nextActionAt: retryAt,
    }),
    { fault, actions: [{ kind: 'exhausted' }] },
  );
}

/** Nothing could be done, so nothing was used up: the attempt is given back and tried again before long. */
export function refused(context: Context, detail: string): Decision {
  const { state, now } = context;
  const refusals = state.refusals + 1;
  const pause = pauseAfterRefusal(refusals);
  const reason = `The restart could not be carried out and is tried again in ${span(pause)}: ${detail.replace(/[\s.]+$/, '')}.`;
  return decision(
    enter(context, 'cooling', reason, {
      attempts: Math.max(0, state.attempts - 1),
      refusals,
      nextAction: 'restart',
      nextActionAt: now + pause,
    }),
  );
}

/** The service cannot be well while one that it depends on is not: nothing is counted or done. */
export function blame(context: Context, fault: Fault, processId: number): Decision | null {
  const { state, observation } = context;
  const { dependency } = observation;
  if (dependency === null) return null;
  const reason = `Waits for ${dependency.id}, which is ${dependency.state}: ${fault.cause}.`;
  const change = { processId: processId || null };
  // What is cooling or given up stays so, and goes on from there when the other is well again.
  if (state.state === 'cooling' || state.state === 'exhausted') {
    return decision({ ...state, ...change, reason });
  }
  return decision(enter(context, 'suspect', reason, change));
}

function leave(context: Context, fault: Fault, processId: number): Decision {
  const who = context.policy.restart === 'host' ? 'its host restarts it' : 'its restart policy is never';
  const change = { processId: processId || null };
  return decision(enter(context, 'suspect', `${capital(fault.cause)}; ${who}.`, change), { fault });
}

/** A job that makes progress outweighs a missing answer, for a limited time. */
function isBusy({ state, observation, policy, now }: Context): boolean {
  const { busy } = observation;
  if (busy === null || state.lastHealthyAt === null) return false;
  return now - state.lastHealthyAt < policy.busyLimitMs && now - busy.progressAt < policy.progressMs;
}

function spare(context: Context, fault: Fault, processId: number): Decision {
  const { state } = context;
  const reason = `${capital(fault.cause)}, but a running job makes progress; it is not restarted.`;
  if (state.state === 'cooling' || state.state === 'exhausted') {
    return decision({ ...state, processId, reason }, { fault });
  }
  return decision(enter(context, 'suspect', reason, { processId }), { fault });
}
