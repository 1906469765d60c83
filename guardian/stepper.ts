import type { Actor } from './actor.ts';
import type { Clock } from './clock.ts';
import type { IncidentBook } from './incident/book.ts';
import type { Inquest } from './inquest.ts';
import { decide } from './policy/decide.ts';
import { initialState } from './policy/stateOf.ts';
import type {
  Action,
  ActionResult,
  Desire,
  Observation,
  ProbeResult,
  ServicePolicy,
  ServiceState,
} from './policy/types.ts';
import { type Log, report } from './report.ts';
import type { Sights } from './sights.ts';
import type { Watched } from './watched.ts';
import type { Wishes } from './wishes.ts';

/** Holds one service against the rules with what is known now, and sees to what they ask for. */
export type Step = (
  watched: Watched,
  news?: { readonly probe?: ProbeResult | null; readonly action?: ActionResult | null },
) => void;

export interface StepperParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly actor: Actor;
  readonly sights: Sights;
  readonly wishes: Wishes;
  readonly book: IncidentBook;
  readonly inquest: Inquest;
  readonly byId: ReadonlyMap<string, Watched>;
  /** Makes the heartbeat file say what is true now. */
  readonly save: () => Promise<boolean>;
  readonly random: () => number;
  readonly processId: number;
  readonly signal: AbortSignal;
}

/** What a restart may take on top of the stop: the lock, the host, PowerShell itself. */
const actionMs = 60_000;

export function createStepper(parts: StepperParts): Step {
  const { clock, log, sights, wishes, book, inquest, save, signal } = parts;
  const tell = createTeller(log);

  async function act(watched: Watched, action: Extract<Action, { kind: 'restart' }>): Promise<void> {
    const { service, policy } = watched;
    // The attempt is on disk before anything is done, so that it counts even if this program dies now. A full disk
    // must not keep a service down, though: then the attempts are counted in memory alone.
    await save();
    const overtaken = watched.state.state !== 'restarting';
    if (signal.aborted || overtaken) {
      watched.acting = false;
      return;
    }
    const limit = policy.stopTimeoutMs + actionMs;
    const result = await parts.actor.restart(service.id, action.expectedProcessId, limit);
    watched.acting = false;
    if (signal.aborted) return;
    tell(service.id, result);
    await sights.reread(service.id);
    step(watched, { action: result });
  }

  const step: Step = (watched, { probe = null, action = null } = {}) => {
    if (signal.aborted) return;
    const { service } = watched;
    const before = watched.state;
    const now = clock.now();
    const wish = wishes.of(service.id);
    if (service.health.kind === 'heartbeat') {
      watched.state = selfState(parts.processId, before, wish, now);
      return;
    }
    const observation = observe(parts, watched, { probe, action });
    const policy = wish === undefined ? unasked(watched.policy) : watched.policy;
    const decision = decide(before, observation, policy, now);
    watched.state = decision.state;
    watched.fault = decision.fault;
    report(log, service.id, before, decision);
    const { incidentId, opened } = book.note({ service, policy, before, decision, now });
    if (incidentId !== watched.state.incidentId) watched.state = { ...watched.state, incidentId };
    const restart = decision.actions.find((one) => one.kind === 'restart');
    let acting: Promise<void> | null = null;
    if (restart?.kind === 'restart') {
      watched.acting = true;
      acting = act(watched, restart);
    } else if (differs(before, watched.state)) void save();
    const { processId } = watched.state;
    if (processId !== null && processId !== before.processId) void inquest.began(watched);
    if (opened && decision.fault) void inquest.opened(watched, decision.fault, acting);
  };
  return step;
}

function observe(
  { sights, wishes, byId, random }: StepperParts,
  { service, state, missing, busy, acting, inheritedSince }: Watched,
  news: { probe: ProbeResult | null; action: ActionResult | null },
): Observation {
  const process = sights.of(service.id);
  const wish = wishes.of(service.id);
  // Where nobody ever said anything, what is counts as wanted.
  const present = process?.kind === 'running' ? 'running' : 'stopped';
  const desired = wish === undefined ? ({ state: present, generation: 0, at: 0 } as const) : wish;
  return {
    ...news,
    desired,
    missing,
    process,
    dependency: blockedBy(service.dependsOn, byId),
    busy: busy?.busy ?? null,
    acting,
    inherited: state.hold !== null && state.since === inheritedSince,
    jitter: random() * 2 - 1,
  };
}

/** The first dependency that is not well. One that is not installed here cannot be waited for. */
function blockedBy(ids: readonly string[], byId: ReadonlyMap<string, Watched>): Observation['dependency'] {
  for (const id of ids) {
    const state = byId.get(id)?.state.state;
    if (state && state !== 'healthy' && state !== 'skipped') return { id, state };
  }
  return null;
}

/** Nobody asked for this service, so nobody asked for its care. */
function unasked(policy: ServicePolicy): ServicePolicy {
  return { ...policy, restart: 'never' };
}

function selfState(
  processId: number,
  before: ServiceState,
  wish: Desire | null | undefined,
  now: number,
): ServiceState {
  const { state, since } = before;
  return {
    ...initialState(now),
    state: 'healthy',
    since: state === 'healthy' && before.processId === processId ? since : now,
    reason: 'It watches the services.',
    lastHealthyAt: now,
    generation: wish?.generation ?? 0,
    processId,
  };
}

/** Latency and the time of the last good answer may wait for the next heartbeat. */
function differs(a: ServiceState, b: ServiceState): boolean {
  const keys = [
    'state',
    'reason',
    'attempts',
    'generation',
    'failures',
    'processId',
    'nextActionAt',
    'hold',
  ] as const;
  return keys.some((key) => a[key] !== b[key]) || a.incidentId !== b.incidentId;
}

/** A module that cannot be asked is told of loudly once, then quietly until it can be again. */
function createTeller(log: Log): (id: string, result: ActionResult) => void {
  let refused = 0;
  return (id, result) => {
    const fields = { service: id, action: 'restart', result: result.kind };
    if (result.kind !== 'refused') {
      if (refused > 0) log.info({ ...fields, refused }, 'restarts can be carried out again');
      refused = 0;
    }
    if (result.kind === 'done') log.info(fields, `${id}: the restart was carried out`);
    else if (result.kind !== 'refused')
      log.warn({ ...fields, detail: result.detail }, `${id}: ${result.detail}`);
    else {
      refused += 1;
      const more = { ...fields, detail: result.detail, refused };
      if (refused === 1) log.error(more, `${id}: the restart could not be carried out: ${result.detail}`);
      else log.debug(more, `${id}: the restart could still not be carried out`);
    }
  };
}
