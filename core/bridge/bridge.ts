import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { z } from 'zod';
import { cmdlets as contract } from '../contract/cmdlets.ts';
import type { Envelope, EnvelopeRecord } from '../contract/envelope.ts';
import { OrchestratorError } from '../contract/errors.ts';
import type { Logger } from '../logger.ts';
import { type BridgeClock, systemClock } from './clock.ts';
import { CmdletError, notUnderstood, timedOut, unavailable } from './failures.ts';
import { createLane, type Refusal } from './lane.ts';
import { readEnvelope, requestLine } from './protocol.ts';
import { checkedRequest } from './request.ts';
import { OutputTooLong, type Shell, ShellEnded } from './shell.ts';
import { createShellKeeper } from './shellKeeper.ts';

export type CmdletContract = Record<string, { readonly params: z.ZodType; readonly result: z.ZodType }>;
type Name<C> = keyof C & string;

export interface BridgeAnswer<T> {
  /** What the cmdlet returned, each item checked against the contract. */
  readonly data: T[];
  /** What it said on its other streams; errors of single items are here. */
  readonly records: EnvelopeRecord[];
}

export interface CallOptions {
  /** Time the cmdlet gets, apart from waiting in the queue and starting PowerShell. Default: `limits.timeoutMs`. */
  timeoutMs?: number;
  /** Ends the call as the time limit does: while the cmdlet runs, its shell is killed. */
  signal?: AbortSignal;
}

export interface BridgeStats {
  readonly calls: number;
  /** Calls without a result, see isBridgeFailure. */
  readonly failures: number;
  readonly timeouts: number;
  /** Shells started, the first included. */
  readonly starts: number;
  /** Shells ended because of their age or memory. */
  readonly recycles: number;
  readonly waiting: number;
  readonly busy: boolean;
  /** Process id of the shell; null while there is none. */
  readonly pid: number | null;
}

export interface Bridge<C extends CmdletContract> {
  /**
   * Runs one cmdlet. Rejects with OrchestratorError: ORC3002 or ORC3003 when the request is not allowed (nothing was
   * done), CmdletError when the cmdlet failed, or a bridge failure (isBridgeFailure: no result).
   */
  call<N extends Name<C>>(
    name: N,
    params?: z.input<C[N]['params']>,
    options?: CallOptions,
  ): Promise<BridgeAnswer<z.output<C[N]['result']>>>;
  /** Starts PowerShell now, so that the first call does not wait for it. Never rejects. */
  warm(): Promise<void>;
  /** Ends PowerShell, refuses those who wait and every later call. */
  dispose(): Promise<void>;
  readonly stats: BridgeStats;
}

/** Times in milliseconds, sizes in bytes. */
export interface BridgeLimits {
  timeoutMs: number;
  startTimeoutMs: number;
  /** Calls that may wait for their turn. */
  queueLength: number;
  queueWaitMs: number;
  /** A shell is replaced after this many calls … */
  recycleCalls: number;
  /** … or when its resident memory is above this. */
  recycleBytes: number;
  maxRequestBytes: number;
  /** What one call may write to stdout and stderr; the module refuses longer answers by itself at half of this. */
  maxOutputBytes: number;
}

export const defaultLimits: BridgeLimits = {
  timeoutMs: 60_000,
  startTimeoutMs: 30_000,
  queueLength: 64,
  queueWaitMs: 60_000,
  recycleCalls: 500,
  recycleBytes: 300 * 1024 * 1024,
  maxRequestBytes: 4 * 1024 * 1024,
  maxOutputBytes: 16 * 1024 * 1024,
};

export interface BridgeOptions<C extends CmdletContract> {
  /** The PowerShell executable, or how to find it; asked at the first call. */
  pwsh: string | (() => Promise<string>);
  /** Root of the project: holds ps/. */
  root: string;
  env: NodeJS.ProcessEnv;
  logger: Logger;
  cmdlets?: C;
  clock?: BridgeClock;
  /** The module to import. */
  modulePath?: string;
  /** PowerShell ends after this long without a call; 0 keeps it. */
  idleMs?: number;
  limits?: Partial<BridgeLimits>;
}

/** The only way from TypeScript to the module. PowerShell is started at the first call. */
export function createBridge<C extends CmdletContract = typeof contract>({
  pwsh,
  root,
  env,
  logger,
  cmdlets = contract as unknown as C,
  clock = systemClock,
  modulePath = join(root, 'ps', 'Orchestrator.psd1'),
  idleMs = 60_000,
  limits: given = {},
}: BridgeOptions<C>): Bridge<C> {
  const limits = { ...defaultLimits, ...given };
  const counts = { calls: 0, failures: 0, timeouts: 0 };
  const keeper = createShellKeeper({ pwsh, root, env, logger, clock, modulePath, idleMs, limits });
  const lane = createLane({ limit: limits.queueLength, waitMs: limits.queueWaitMs, clock, refusal });

  async function perform(cmdlet: string, line: string, id: string, options: CallOptions): Promise<Envelope> {
    const shell = await keeper.ready();
    if (options.signal?.aborted) throw refusal('aborted', options.signal.reason);
    let read: ReturnType<typeof readEnvelope>;
    try {
      read = readEnvelope(await withinTime({ shell, line, cmdlet, clock, limits, ...options }), id);
    } catch (error) {
      await keeper.discard(shell);
      throw error;
    }
    if (read.envelope) return read.envelope;
    // Whatever went wrong in there, the next call shall not meet it.
    await keeper.discard(shell);
    throw notUnderstood(cmdlet, read.fault);
  }

  async function invoke(cmdlet: string, line: string, id: string, options: CallOptions): Promise<Envelope> {
    const begun = clock.now();
    try {
      const envelope = await lane.run(
        async () => {
          try {
            return await perform(cmdlet, line, id, options);
          } finally {
            keeper.release();
          }
        },
        { signal: options.signal },
      );
      logger.debug({ cmdlet, ok: envelope.ok, ms: Math.round(clock.now() - begun) }, 'cmdlet called');
      return envelope;
    } catch (error) {
      counts.failures += 1;
      const code = error instanceof OrchestratorError ? error.code : 'unknown';
      if (code === 'ORC3004') counts.timeouts += 1;
      logger.warn({ cmdlet, code, ms: Math.round(clock.now() - begun) }, 'no result from PowerShell');
      throw error;
    }
  }

  return {
    async call(name, params, options = {}) {
      counts.calls += 1;
      const id = randomUUID();
      const request = checkedRequest({ id, name, params, cmdlets, maxBytes: limits.maxRequestBytes });
      const envelope = await invoke(name, requestLine(request), id, options);
      return answerOf(name, envelope, cmdlets);
    },
    warm: () => keeper.warm(),
    async dispose() {
      lane.close();
      await keeper.dispose();
    },
    get stats() {
      return { ...counts, ...keeper.stats, waiting: lane.waiting, busy: lane.busy };
    },
  };
}

const refusals: Record<Refusal, string> = {
  full: 'Too many calls wait for it already.',
  waited: 'It was busy with other calls for too long.',
  aborted: 'The call was given up before its turn.',
  closed: 'The bridge is closed.',
};

function refusal(reason: Refusal, cause?: unknown): OrchestratorError {
  return unavailable(refusals[reason], cause);
}

/** Runs the line; the time limit, the signal and a death of the shell become errors of the registry. */
async function withinTime({
  shell,
  line,
  cmdlet,
  clock,
  limits,
  timeoutMs = limits.timeoutMs,
  signal,
}: CallOptions & {
  shell: Shell;
  line: string;
  cmdlet: string;
  clock: BridgeClock;
  limits: BridgeLimits;
}): Promise<Buffer> {
  const begun = clock.now();
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>();
  const cancel = clock.after(timeoutMs, () => stop(timedOut(cmdlet, timeoutMs)));
  const onAbort = () => stop(timedOut(cmdlet, clock.now() - begun, signal?.reason));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([shell.run(line), stopped]);
  } catch (error) {
    if (error instanceof ShellEnded) {
      throw unavailable(`PowerShell was lost while it ran ${cmdlet}: ${error.message}.`, error);
    }
    if (error instanceof OutputTooLong) throw notUnderstood(cmdlet, `It is too long: ${error.message}.`);
    throw error;
  } finally {
    cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** The checked answer, or the error that the envelope carries. */
function answerOf<C extends CmdletContract, N extends Name<C>>(
  cmdlet: N,
  { ok, data, error, records }: Envelope,
  cmdlets: C,
): BridgeAnswer<z.output<C[N]['result']>> {
  if (!ok || error) {
    if (!error) throw notUnderstood(cmdlet, 'It says neither what was done nor what went wrong.');
    throw new CmdletError({ cmdlet, error, records });
  }
  const schema = cmdlets[cmdlet]?.result as z.ZodType<z.output<C[N]['result']>>;
  const checked = data.map((item, index) => {
    const result = schema.safeParse(item);
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    const place = ['data', index, ...(issue?.path ?? [])].map(String).join('.');
    throw notUnderstood(cmdlet, `${place}: ${issue?.message ?? ''}`);
  });
  return { data: checked, records };
}
