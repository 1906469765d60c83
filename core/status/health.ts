import type { ServiceStatus } from '../contract/cmdlets.ts';
import type { Service } from '../contract/manifest.ts';
import type { GuardianService, GuardianState } from '../contract/state.ts';
import type { Observed } from './observedState.ts';
import type { Sentence } from './sentences.ts';

export interface Pulse {
  /** Fresh, and its process lives. */
  readonly alive: boolean;
  readonly processId: number | null;
  readonly at: string | null;
}

export interface Verdict {
  readonly health: ServiceStatus['health'];
  /** A text is the guardian's own sentence. */
  readonly reason: Sentence | string;
}

/** The status words of a service that is neither external nor skipped. */
export function judge({
  service,
  desired,
  observed,
  view,
  pulse,
  now,
  unread,
  isSelf,
}: {
  service: Service;
  desired: { state: 'running' | 'stopped' } | null;
  observed: Observed;
  /** The guardian's view of the present generation, when the guardian is alive. */
  view: GuardianService | null;
  pulse: Pulse;
  /** Milliseconds since the epoch. */
  now: number;
  /** What should be cannot be read, so `desired` is a guess. */
  unread: boolean;
  /** It is the program that puts this picture together. */
  isSelf: boolean;
}): Verdict {
  const runs = observed.processId !== null || observed.state === 'Starting';
  const wanted = desired?.state === 'running';
  if (observed.state === 'Unknown') return { health: 'unknown', reason: { key: 'unreadable' } };
  if (!runs && !wanted && unread && !view) return { health: 'unknown', reason: { key: 'wantUnreadable' } };
  if (!runs && !wanted) {
    return { health: 'stopped', reason: { key: desired ? 'stopped' : 'neverAsked' } };
  }
  if (!runs) return dead(observed, view);
  if (service.health.kind === 'heartbeat') return pulseVerdict({ service, observed, pulse, now });
  if (view?.state === 'stopped' && observed.state !== 'Stopping') {
    return { health: 'stopped', reason: { key: 'unwanted' } };
  }
  if (service.health.kind === 'process' && observed.state === 'Running') {
    return { health: 'healthy', reason: { key: 'lives' } };
  }
  if (view) return { health: view.state, reason: view.reason };
  if (observed.state === 'Stopping') return { health: 'unknown', reason: { key: 'stopping' } };
  if (!pulse.alive) return { health: 'unknown', reason: { key: isSelf ? 'selfUnwatched' : 'unwatched' } };
  return inGrace(service, observed, now)
    ? { health: 'starting', reason: { key: 'starting' } }
    : { health: 'unknown', reason: { key: 'notSeenYet' } };
}

/** States in which the guardian knows that the program is gone. In any other it has not noticed yet. */
const aware: readonly GuardianState[] = ['restarting', 'cooling', 'exhausted'];

/** Wanted and not there. */
function dead(observed: Observed, view: GuardianService | null): Verdict {
  if (view && aware.includes(view.state)) return { health: view.state, reason: view.reason };
  return { health: 'unhealthy', reason: observed.ended ?? { key: 'notRunning' } };
}

function pulseVerdict({
  service,
  observed,
  pulse,
  now,
}: {
  service: Service;
  observed: Observed;
  pulse: Pulse;
  now: number;
}): Verdict {
  const own = pulse.processId === observed.processId;
  if (pulse.alive && own) return { health: 'healthy', reason: { key: 'beating' } };
  if (inGrace(service, observed, now)) return { health: 'starting', reason: { key: 'starting' } };
  if (pulse.at === null || pulse.processId === null) return { health: 'unhealthy', reason: { key: 'mute' } };
  return own
    ? { health: 'unhealthy', reason: { key: 'silent', data: { at: pulse.at } } }
    : {
        health: 'unhealthy',
        reason: {
          key: 'foreignPulse',
          data: { other: pulse.processId, processId: observed.processId ?? '' },
        },
      };
}

function inGrace(service: Service, observed: Observed, now: number): boolean {
  if (observed.state === 'Starting') return true;
  if (observed.since === null) return false;
  const age = now - Date.parse(observed.since);
  return age >= 0 && age < service.health.startupGraceMs;
}
