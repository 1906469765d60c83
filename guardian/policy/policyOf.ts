import type { Service } from '../../core/contract/manifest.ts';
import type { ServicePolicy } from './types.ts';

const spawnMs = 30_000;
const busyLimitMs = 600_000;
const progressMs = 120_000;

/** The rules for one service of the manifest. */
export function policyOf({ mode, restart, health, stop }: Service): ServicePolicy {
  return {
    external: mode === 'external',
    restart: restart.policy,
    maxAttempts: restart.maxAttempts,
    cooldownMs: restart.cooldownMs,
    backoffFactor: restart.backoff.factor,
    backoffMaxMs: restart.backoff.maxMs,
    jitter: restart.backoff.jitter,
    resetAfterMs: restart.resetAfterMs,
    retryExhaustedMs: restart.retryExhaustedMs,
    failureThreshold: health.kind === 'http' ? health.failureThreshold : 1,
    startupGraceMs: health.startupGraceMs,
    stopTimeoutMs: stop.timeoutMs,
    spawnMs,
    busyLimitMs,
    progressMs,
  };
}
