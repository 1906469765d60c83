import type { Incident } from '../../core/contract/state.ts';
import type { Decision, Fault, Instant, ServiceState } from '../policy/types.ts';

const iso = (at: Instant) => new Date(at).toISOString();

/** Sorts by time. */
export function incidentId(service: string, at: Instant): string {
  return `${iso(at).replaceAll(/[-:.]/g, '')}-${service}`;
}

export function openIncident({
  service,
  fault,
  openedAt,
  advice,
}: {
  service: string;
  fault: Fault;
  openedAt: Instant;
  advice: string;
}): Incident {
  return {
    version: 1,
    id: incidentId(service, openedAt),
    service,
    openedAt: iso(openedAt),
    closedAt: null,
    outcome: 'open',
    cause: fault.cause,
    exitCode: fault.exitCode,
    signal: fault.signal,
    evidence: [],
    attempts: [],
    advice,
  };
}

/** An incident after one more decision. The same object when nothing in it changes. */
export function follow(
  incident: Incident,
  before: ServiceState,
  { state, actions, fault }: Decision,
  now: Instant,
): Incident {
  const restart = actions.find((action) => action.kind === 'restart');
  if (restart?.kind === 'restart') {
    const number = Math.max(1, restart.attempt);
    // The same number again: the one before could not be carried out.
    const others = incident.attempts.filter((attempt) => attempt.number !== number);
    return { ...incident, attempts: [...others, { number, at: iso(now), result: 'under way' }] };
  }
  if (state.state === before.state) return incident;
  switch (state.state) {
    case 'healthy':
      return close(settle(incident, 'healthy'), 'recovered', now);
    case 'stopped':
    case 'skipped':
      return incident.outcome === 'open' ? close(incident, 'stopped', now) : incident;
    case 'exhausted':
      return close(settle(incident, fault?.cause ?? 'failed'), 'exhausted', now);
    case 'starting':
      return before.state === 'restarting'
        ? settle(incident, `process ${state.processId} started`)
        : incident;
    case 'cooling':
      return settle(incident, fault?.cause ?? state.reason);
    default:
      return incident;
  }
}

function settle(incident: Incident, result: string): Incident {
  const last = incident.attempts.at(-1);
  if (!last || last.result === result) return incident;
  return { ...incident, attempts: [...incident.attempts.slice(0, -1), { ...last, result }] };
}

function close(incident: Incident, outcome: Incident['outcome'], now: Instant): Incident {
  return { ...incident, outcome, closedAt: iso(now) };
}
