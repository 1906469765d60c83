import type { ServiceStatus } from '../contract/cmdlets.ts';
import type { Service } from '../contract/manifest.ts';
import type { GuardianService } from '../contract/state.ts';
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
}: {
  service: Service;
  desired: { state: 'running' | 'stopped' } | null;
  observed: Observed;
  /** The guardian's view of the present generation, when the guardian is alive. */
  view: GuardianService | null;
  pulse: Pulse;
  /** Milliseconds since the epoch. */
  now: number;
}): Verdict {
  const runs = observed.processId !== null || observed.state === 'Starting';
  const wanted = desired?.state === 'running';
  if (observed.state === 'Unknown') return { health: 'unknown', reason: { key: 'unreadable' } };
  if (!runs && !wanted) {
    return { health: 'stopped', reason: { key: desired ? 'stopped' : 'neverAsked' } };
  }
  if (!runs) return dead(observed, view);
  if (service.health.kind === 'heartbeat') return pulseVerdict({ service, observed, pulse, now });
  if (view) return { health: view.state, reason: view.reason };
  if (observed.state === 'Stopping') return { health: 'unknown', reason: { key: 'stopping' } };
  if (!pulse.alive) return { health: 'unknown', reason: { key: 'unwatched' } };
  return inGrace(service, observed, now)
    ? { health: 'starting', reason: { key: 'starting' } }
    : { health: 'unknown', reason: { key: 'notSeenYet' } };
}

/** Wanted and not there. The guardian's word counts unless it has not noticed the death yet. */
function dead(observed: Observed, view: GuardianService | null): Verdict {
  const unaware = view === null || view.state === 'healthy' || view.state === 'stopped';
  if (!unaware) return { health: view.state, reason: view.reason };
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
