import { initialState } from '../../../guardian/policy/stateOf.ts';
import type {
  GoneProcess,
  Observation,
  ProbeResult,
  ProcessSight,
  ServicePolicy,
  ServiceState,
} from '../../../guardian/policy/types.ts';

export const now = Date.parse('2026-01-02T03:04:05.000Z');

export const policy: ServicePolicy = {
  external: false,
  restart: 'guardian',
  maxAttempts: 3,
  cooldownMs: 30_000,
  backoffFactor: 1,
  backoffMaxMs: 300_000,
  jitter: 0,
  resetAfterMs: 600_000,
  retryExhaustedMs: null,
  failureThreshold: 3,
  startupGraceMs: 60_000,
  stopTimeoutMs: 5000,
  spawnMs: 30_000,
  busyLimitMs: 600_000,
  progressMs: 120_000,
};

export function inState(state: ServiceState['state'], change: Partial<ServiceState> = {}): ServiceState {
  const base = { ...initialState(now - 5000), generation: 1, processId: 100, lastHealthyAt: now - 5000 };
  return { ...base, state, ...change };
}

export function running(
  processId = 100,
  change: { startedAt?: number; hosted?: boolean } = {},
): ProcessSight {
  return { kind: 'running', processId, startedAt: now - 3_600_000, hosted: true, ...change };
}

export function gone(how: GoneProcess['how'], change: Partial<GoneProcess> = {}): GoneProcess {
  const base = { kind: 'gone', at: now - 10, exitCode: null, signal: null, error: null } as const;
  return { ...base, startedAt: now - 3_600_000, how, ...change };
}

export const good: ProbeResult = {
  healthy: true,
  latencyMs: 3,
  detail: 'status 200',
  answered: true,
  owner: { kind: 'ours' },
};
export const bad: ProbeResult = {
  ...good,
  healthy: false,
  latencyMs: null,
  detail: 'connection refused',
  answered: false,
  owner: { kind: 'unknown' },
};
export const stranger: ProbeResult = {
  ...good,
  owner: { kind: 'stranger', label: 'python3 (pid 123)', port: 8188 },
};

const longAgo = now - 86_400_000;
export const wanted = { state: 'running', generation: 1, at: longAgo } as const;
export const unwanted = { state: 'stopped', generation: 2, at: now } as const;

export function seen(change: Partial<Observation> = {}): Observation {
  return {
    desired: wanted,
    missing: null,
    process: running(),
    probe: null,
    dependency: null,
    busy: null,
    action: null,
    acting: false,
    inherited: false,
    jitter: 0,
    ...change,
  };
}
