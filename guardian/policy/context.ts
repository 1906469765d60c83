import type { GuardianState } from '../../core/contract/state.ts';
import type {
  Action,
  Decision,
  Desire,
  Fault,
  Instant,
  Observation,
  ServicePolicy,
  ServiceState,
} from './types.ts';

/** All that the parts of `decide` look at. */
export interface Context {
  readonly state: ServiceState;
  readonly desired: Desire;
  readonly observation: Observation;
  readonly policy: ServicePolicy;
  readonly now: Instant;
  /** True at the moment when the time is over in which somebody else was to start it. */
  readonly firstLook: boolean;
}

type Change = Partial<Omit<ServiceState, 'state' | 'since' | 'reason'>>;

/** The next state. `since` moves only when the word changes; what was to happen next is forgotten unless given. */
export function enter(
  { state: before, now }: Pick<Context, 'state' | 'now'>,
  state: GuardianState,
  reason: string,
  change: Change = {},
): ServiceState {
  return {
    ...before,
    nextAction: null,
    nextActionAt: null,
    hold: null,
    ...change,
    state,
    since: before.state === state ? before.since : now,
    reason,
  };
}

export function decision(
  state: ServiceState,
  { fault = null, actions = [] }: { fault?: Fault | null; actions?: readonly Action[] } = {},
): Decision {
  return { state, actions, reason: state.reason, fault };
}

/** The decision of leaving everything as it is. */
export function unchanged({ state }: Pick<Context, 'state'>, fault: Fault | null = null): Decision {
  return decision(state, { fault });
}
