import { type Context, decision, enter, unchanged } from './context.ts';
import { fail, finish, refused } from './failing.ts';
import type {
  Decision,
  Fault,
  GoneProcess,
  Instant,
  ProcessSight,
  ServicePolicy,
  ServiceState,
} from './types.ts';
import { capital, goneFault } from './words.ts';

/** A restart that is being carried out starts a program within this after stopping it. */
const cutOffMs = 3000;

/** How long a start may take to become healthy, with the stop before it. */
export function longestHold({ stopTimeoutMs, startupGraceMs, spawnMs }: ServicePolicy): number {
  return stopTimeoutMs + Math.max(startupGraceMs, spawnMs);
}

/** When a restart that nobody is carrying out any more should have shown its process. */
export function holdEnd({ state, since, hold }: ServiceState, policy: ServicePolicy): Instant {
  if (state !== 'restarting') return hold?.until ?? since;
  return since + policy.stopTimeoutMs + policy.spawnMs;
}

interface Held {
  /** Null when the hold is over and the rest of the rules apply. */
  readonly held: Decision | null;
  readonly context: Context;
}

/** A start is under way: nothing is done and nothing counted until another process is there, or the time is over. */
export function holding(context: Context): Held {
  return context.state.state === 'restarting' ? healing(context) : starting(context);
}

function over(context: Context): Held {
  return { held: null, context: { ...context, state: { ...context.state, hold: null } } };
}

/** A person or a script asked for the start and carries it out. */
function starting(context: Context): Held {
  const { state, desired, observation, policy, now } = context;
  const sight = observation.process;
  const inTime = now < (state.hold?.until ?? 0);
  // Where no process can be seen, health is all there is to go by once the start had its time.
  if (sight === null && !inTime) return over(context);
  if (sight === null || sight.kind === 'changing') return { held: unchanged(context), context };
  if (sight.kind === 'running') return over(context);
  const failed = sight.how === 'exited' || sight.how === 'failed';
  if (failed && sight.at !== null && sight.at > desired.at) return over(context);
  const waiting = { ...state, processId: null };
  if (inTime) return { held: decision(waiting), context };
  const { dependency } = observation;
  if (dependency === null || policy.restart !== 'guardian') {
    return over({ ...context, firstLook: true });
  }
  const reason = `Waits for ${dependency.id}, which is ${dependency.state}.`;
  return { held: decision({ ...waiting, reason }), context };
}

/** The guardian itself had it restarted. */
function healing(context: Context): Held {
  const { state, observation, policy, now } = context;
  const { action, process: sight } = observation;
  if (sight?.kind === 'running' && isNew(sight, state)) {
    return { held: decision(cameUp(context, sight.processId)), context };
  }
  if (sight?.kind === 'gone' && diedAgain(sight, state.since)) {
    return { held: fail(over(context).context, goneFault(sight), 0), context };
  }
  if (sight?.kind === 'gone' && isCutOff(context, sight)) return { held: finish(context), context };
  const processId = sight?.kind === 'running' ? sight.processId : 0;
  if (action?.kind === 'refused') return { held: refused(context, action.detail), context };
  if (action?.kind === 'failed') {
    return { held: fail(over(context).context, startFault(action.detail), processId), context };
  }
  const lost = !observation.acting && now >= holdEnd(state, policy);
  if (now < (state.hold?.until ?? 0) && !lost) return { held: unchanged(context), context };
  if (observation.acting) return { held: unchanged(context), context };
  if (sight?.kind === 'gone') {
    return { held: fail(over(context).context, startFault('no new process appeared'), 0), context };
  }
  // The old process is still there: the next probe says whether that is good or bad.
  const waits = enter(context, 'suspect', 'The restart had no effect; looking at it again.');
  return { held: decision(waits), context };
}

/** The process of a start, told by its id, or by its time where the system gives the same id again. */
function isNew(sight: Extract<ProcessSight, { kind: 'running' }>, { hold, since }: ServiceState): boolean {
  if (sight.processId !== hold?.processId) return true;
  return sight.startedAt !== null && sight.startedAt > since;
}

function diedAgain(sight: Extract<ProcessSight, { kind: 'gone' }>, since: Instant): boolean {
  if (sight.how === 'failed') return sight.at !== null && sight.at > since;
  if (sight.how !== 'exited' && sight.how !== 'lost') return false;
  return sight.startedAt !== null && sight.startedAt >= since;
}

/** The module stopped the program, and then died with the guardian that had asked it. */
function isCutOff({ state, observation, now }: Context, { how, at }: GoneProcess): boolean {
  if (!observation.inherited || observation.acting || observation.dependency !== null) return false;
  return how === 'stopped' && at !== null && at > state.since && now - at >= cutOffMs;
}

function startFault(detail: string): Fault {
  const cause = `could not be started: ${detail.replace(/[\s.]+$/, '')}`;
  return { cause, kind: 'failed', exitCode: null, signal: null, confirmed: true };
}

/** A fresh process: it is starting, and what was counted of the one before is void. */
export function cameUp(context: Pick<Context, 'state' | 'now'>, processId: number): ServiceState {
  const { state } = context;
  // It was thought that nothing had been done, yet here is the result: then it was an attempt.
  const late = state.refusals > 0 && state.state === 'cooling' ? 1 : 0;
  const reason = capital(`process ${processId} is starting.`);
  return {
    ...enter(context, 'starting', reason, {
      processId,
      failures: 0,
      refusals: 0,
      latencyMs: null,
      attempts: state.attempts + late,
    }),
    since: context.now,
  };
}
