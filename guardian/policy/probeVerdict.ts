import type { ProbeResult } from './types.ts';

/**
 * What a probe is worth: a good answer that comes from a stranger on the port is a failure that names it; not knowing
 * who answered is none.
 */
export function isHealthy({ healthy, owner }: ProbeResult): boolean {
  return healthy && owner.kind !== 'stranger';
}

export function failureDetail({ detail, owner }: ProbeResult): string {
  return owner.kind === 'stranger' ? `port ${owner.port} is held by ${owner.label}` : detail;
}
