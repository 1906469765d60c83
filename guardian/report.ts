import type { Logger } from '../core/logger.ts';
import type { Decision, ServiceState } from './policy/types.ts';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** Says in the log what a decision changed: trouble at warn once, its repetitions at debug with a count. */
export function report(
  log: Log,
  service: string,
  before: ServiceState,
  { state, actions, reason }: Decision,
): void {
  const fields = { service, state: state.state, reason };
  // The module cannot be asked: that is told once, not with each try.
  const again = before.refusals > 0;
  for (const action of actions) {
    if (action.kind === 'exhausted') log.error({ ...fields, action: 'exhausted' }, `${service}: ${reason}`);
    else {
      const { attempt, expectedProcessId } = action;
      const more = { action: 'restart', attempt, expectedProcessId };
      log[again ? 'debug' : 'warn']({ ...fields, ...more }, `${service}: ${reason}`);
    }
  }
  if (actions.length > 0) return;
  if (state.state === before.state) {
    if (state.failures > before.failures) {
      log.debug({ ...fields, failures: state.failures }, `${service}: ${reason}`);
    } else if (state.reason !== before.reason) {
      log.debug(fields, `${service}: ${reason}`);
    }
    return;
  }
  const bad = state.state === 'suspect' || state.state === 'cooling' || state.state === 'skipped';
  if (bad && again) log.debug(fields, `${service}: ${reason}`);
  else if (bad) log.warn(fields, `${service}: ${reason}`);
  else log.info(fields, `${service}: ${state.state}. ${reason}`);
}

export interface CycleFacts {
  readonly cycle: number;
  readonly states: readonly ServiceState['state'][];
  readonly disks: readonly { readonly path: string; readonly freeBytes: number }[];
  readonly memoryPercent: number | null;
}

/** `cycle 12: 3 of 3 healthy, disk 41 GB free, memory 36 %`; the fullest disk counts. */
export function summary({ cycle, states, disks, memoryPercent }: CycleFacts): string {
  const wanted = states.filter((state) => state !== 'stopped' && state !== 'skipped');
  const healthy = wanted.filter((state) => state === 'healthy').length;
  const parts = [`${healthy} of ${wanted.length} healthy`];
  for (const word of [
    'exhausted',
    'cooling',
    'restarting',
    'starting',
    'suspect',
    'stopped',
    'skipped',
  ] as const) {
    const count = states.filter((state) => state === word).length;
    if (count > 0) parts.push(`${count} ${word}`);
  }
  const free = Math.min(...disks.map(({ freeBytes }) => freeBytes));
  if (Number.isFinite(free)) parts.push(`disk ${gigabytes(free)} GB free`);
  if (memoryPercent !== null) parts.push(`memory ${Math.round(memoryPercent)} %`);
  return `cycle ${cycle}: ${parts.join(', ')}`;
}

export function gigabytes(bytes: number): string {
  const amount = bytes / 1024 ** 3;
  return amount < 10 ? amount.toFixed(1) : String(Math.round(amount));
}
