import type { ServicePolicy } from './types.ts';

/** The wait before the attempt that follows `attempts` others (1 or more). `jitter` is from -1 to 1. */
export function pauseBeforeNext(policy: ServicePolicy, attempts: number, jitter: number): number {
  const grown = policy.cooldownMs * policy.backoffFactor ** Math.max(0, attempts - 1);
  const capped = Math.max(policy.cooldownMs, Math.min(grown, policy.backoffMaxMs));
  return Math.round(capped * (1 + policy.jitter * Math.max(-1, Math.min(1, jitter))));
}

/** No pause is longer than this; a later time in a file comes from a clock that was set back since. */
export function longestPause(policy: ServicePolicy): number {
  return Math.round(Math.max(policy.cooldownMs, policy.backoffMaxMs) * (1 + policy.jitter));
}

const firstRefusalMs = 1000;
export const longestRefusalMs = 60_000;

/**
 * The wait after a try that could not be carried out. Such tries cost no attempt, since nothing was done to the
 * service; what bounds them is that they become rare: one a minute.
 */
export function pauseAfterRefusal(refusals: number): number {
  return Math.min(longestRefusalMs, firstRefusalMs * 2 ** Math.min(10, Math.max(0, refusals - 1)));
}
