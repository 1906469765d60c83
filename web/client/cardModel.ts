import type { ServiceStatus } from '../../core/contract/cmdlets.ts';
import type { Incident } from '../../core/contract/state.ts';

export type Action = 'start' | 'stop' | 'restart';
export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'off' | 'unknown';

const tones: Readonly<Record<ServiceStatus['health'], Tone>> = {
  healthy: 'ok',
  starting: 'busy',
  suspect: 'warn',
  restarting: 'busy',
  cooling: 'warn',
  exhausted: 'bad',
  unhealthy: 'bad',
  stopped: 'off',
  skipped: 'off',
  unknown: 'unknown',
};

/** Colour and icon have the same name, so that neither says something else than the other. */
export function toneOf({ health }: Pick<ServiceStatus, 'health'>): Tone {
  return tones[health];
}

/** Which buttons would do something. None for an external service. */
export function sensibleActions({
  mode,
  state,
  desired,
  health,
}: Pick<ServiceStatus, 'mode' | 'state' | 'desired' | 'health'>): Readonly<Record<Action, boolean>> {
  if (mode === 'external' || state === 'External' || state === 'Skipped') {
    return { start: false, stop: false, restart: false };
  }
  const runs = state === 'Running' || state === 'Starting' || state === 'Stopping';
  const unknown = state === 'Unknown';
  return {
    // After the guardian gave up, Start is what clears the attempts, also over a process that still hangs.
    start: !runs || desired === 'stopped' || health === 'exhausted',
    stop: runs || unknown || desired === 'running',
    restart: runs || unknown,
  };
}

/** Whether there is anything for Ignite to do. */
export function startable(service: Pick<ServiceStatus, 'mode' | 'state' | 'desired' | 'health'>): boolean {
  if (!sensibleActions(service).start) return false;
  return service.desired === 'stopped' || (service.state !== 'Running' && service.state !== 'Starting');
}

/** The newest incident of a service, while it lasts. */
export function lastFailure(service: ServiceStatus, incidents: readonly Incident[]): Incident | null {
  if (['healthy', 'stopped', 'skipped'].includes(service.health)) return null;
  const newest = incidents.find((incident) => incident.service === service.id);
  return newest && ['open', 'exhausted'].includes(newest.outcome) ? newest : null;
}
