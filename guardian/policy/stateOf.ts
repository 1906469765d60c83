import type { GuardianService } from '../../core/contract/state.ts';
import type { Instant, ServicePolicy, ServiceState } from './types.ts';

/** Of a service that the guardian has never looked at. */
export function initialState(now: Instant): ServiceState {
  return {
    state: 'stopped',
    since: now,
    reason: 'Not looked at yet.',
    attempts: 0,
    lastHealthyAt: null,
    nextAction: null,
    nextActionAt: null,
    generation: 0,
    failures: 0,
    processId: null,
    hold: null,
    latencyMs: null,
    incidentId: null,
    refusals: 0,
  };
}

const iso = (at: Instant) => new Date(at).toISOString();
const isoOrNull = (at: Instant | null) => (at === null ? null : iso(at));
const instantOrNull = (text: string | null) => (text === null ? null : Date.parse(text));

export function publish(state: ServiceState, policy: ServicePolicy): GuardianService {
  const { refusals: _, hold, ...rest } = state;
  return {
    ...rest,
    since: iso(state.since),
    lastHealthyAt: isoOrNull(state.lastHealthyAt),
    nextActionAt: isoOrNull(state.nextActionAt),
    maxAttempts: policy.maxAttempts,
    hold: hold && { processId: hold.processId, until: iso(hold.until) },
  };
}

/** The state that a former guardian published. */
export function fromPublished(view: GuardianService): ServiceState {
  const { maxAttempts: _, hold, ...rest } = view;
  return {
    ...rest,
    since: Date.parse(view.since),
    lastHealthyAt: instantOrNull(view.lastHealthyAt),
    nextActionAt: instantOrNull(view.nextActionAt),
    hold: hold && { processId: hold.processId, until: Date.parse(hold.until) },
    refusals: 0,
  };
}
