import type { GuardianState } from '../../core/contract/state.ts';

/** All instants of this folder are milliseconds since the epoch, all spans milliseconds. */
export type Instant = number;

/** What the manifest asks for one service, and the guardian's own limits. */
export interface ServicePolicy {
  /** Watched and used, never acted on. */
  readonly external: boolean;
  /** Only `guardian` lets the guardian act. */
  readonly restart: 'guardian' | 'host' | 'never';
  readonly maxAttempts: number;
  readonly cooldownMs: number;
  readonly backoffFactor: number;
  readonly backoffMaxMs: number;
  /** Share of a pause by which it may differ, 0 to 1. */
  readonly jitter: number;
  readonly resetAfterMs: number;
  readonly retryExhaustedMs: number | null;
  /** Failed probes in a row that confirm a failure. */
  readonly failureThreshold: number;
  readonly startupGraceMs: number;
  readonly stopTimeoutMs: number;
  /** Time in which a start shows a process id, beside what a stop before it may take. */
  readonly spawnMs: number;
  /** A running job protects its program from a restart no longer than this without an answer. */
  readonly busyLimitMs: number;
  /** A job counts as making progress when some was seen within this span. */
  readonly progressMs: number;
}

/** What the guardian remembers of one service: all of it but `refusals` is published and read back. */
export interface ServiceState {
  readonly state: GuardianState;
  readonly since: Instant;
  /** One sentence, shown as it is. */
  readonly reason: string;
  /** Restarts that count against `maxAttempts`. */
  readonly attempts: number;
  readonly lastHealthyAt: Instant | null;
  readonly nextAction: string | null;
  readonly nextActionAt: Instant | null;
  readonly generation: number;
  /** Failed probes in a row of the present process. */
  readonly failures: number;
  readonly processId: number | null;
  /** While set, nothing is done: a start is under way that must show another process than this one. */
  readonly hold: { readonly processId: number | null; readonly until: Instant } | null;
  readonly latencyMs: number | null;
  readonly incidentId: string | null;
  /** Tries in a row that could not be carried out at all. */
  readonly refusals: number;
}

export interface Desire {
  readonly state: 'running' | 'stopped';
  readonly generation: number;
  readonly at: Instant;
}

export interface GoneProcess {
  readonly kind: 'gone';
  /**
   * `exited`: ended unasked. `failed`: could not be started. `lost`: ended and nobody saw how. `stopped`: ended on
   * request. `never`: has not run. `rebooted`: ran until the machine was restarted.
   */
  readonly how: 'exited' | 'failed' | 'lost' | 'stopped' | 'never' | 'rebooted';
  readonly startedAt: Instant | null;
  /** When this became so, as far as is known. */
  readonly at: Instant | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly error: string | null;
}

export type ProcessSight =
  | {
      readonly kind: 'running';
      readonly processId: number;
      readonly startedAt: Instant | null;
      /** False when the service host that should look after it is dead. */
      readonly hosted: boolean;
    }
  /** Being started or stopped at this moment. */
  | { readonly kind: 'changing' }
  | GoneProcess;

export type PortOwner =
  | { readonly kind: 'ours' }
  /** `label` names it for a person: `python3 (pid 123)`. */
  | { readonly kind: 'stranger'; readonly label: string; readonly port: number }
  | { readonly kind: 'unknown' };

/** Answer of a health probe. */
export interface ProbeResult {
  readonly healthy: boolean;
  readonly latencyMs: number | null;
  /** For a failure, what was seen, as the rest of a sentence: `connection refused`. */
  readonly detail: string;
  /** True when it did answer, but not well. */
  readonly answered: boolean;
  readonly owner: PortOwner;
}

export type ActionResult =
  | { readonly kind: 'done' }
  /** Nothing was done: the module could not be asked, or somebody else held the service. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** It was tried and did not work. */
  | { readonly kind: 'failed'; readonly detail: string }
  /** It may or may not have been done. */
  | { readonly kind: 'unknown'; readonly detail: string };

/** What was seen since the last decision. Null is *no result* and changes nothing. */
export interface Observation {
  readonly desired: Desire | null;
  /** A required file that is not there. */
  readonly missing: string | null;
  readonly process: ProcessSight | null;
  readonly probe: ProbeResult | null;
  /** The first service it depends on that is not healthy. */
  readonly dependency: { readonly id: string; readonly state: string } | null;
  /** A job ran at the last good look at the queue, and since then it moved on, last at `progressAt`. */
  readonly busy: { readonly progressAt: Instant } | null;
  readonly action: ActionResult | null;
  /** True while an action for this service is being carried out. */
  readonly acting: boolean;
  /** True while the restart in `hold` is one of a former guardian, which cannot finish it any more. */
  readonly inherited: boolean;
  /** From -1 to 1; moves a pause within `policy.jitter`. */
  readonly jitter: number;
}

/** Why a service is not well. */
export interface Fault {
  /** For example `exited with code 1` or `no answer for 45 s`. */
  readonly cause: string;
  readonly kind: 'exited' | 'failed' | 'down' | 'silent' | 'answers' | 'stranger' | 'orphan';
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** False below the threshold: it may be a blip. */
  readonly confirmed: boolean;
}

export type Action =
  | {
      readonly kind: 'restart';
      /** Number of the attempt; 0 for a first start, which is none. */
      readonly attempt: number;
      /** The process that may be replaced; 0: none runs. */
      readonly expectedProcessId: number;
    }
  /** The attempts are used up: tell a person, once. */
  | { readonly kind: 'exhausted' };

export interface Decision {
  readonly state: ServiceState;
  readonly actions: readonly Action[];
  readonly reason: string;
  /** Null while nothing is wrong with the service itself. */
  readonly fault: Fault | null;
}
