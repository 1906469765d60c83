import { randomUUID } from 'node:crypto';
import { OrchestratorError } from '../contract/errors.ts';
import type { Logger } from '../logger.ts';
import type { BridgeLimits } from './bridge.ts';
import type { BridgeClock } from './clock.ts';
import { unavailable } from './failures.ts';
import { residentBytes } from './processTree.ts';
import { bootLine, readBootAnswer } from './protocol.ts';
import { openShell, type Shell, ShellEnded } from './shell.ts';

/** Keeps at most one shell with the module in it: starts, replaces and ends it. */
export interface ShellKeeper {
  /** The shell for a call, started if there is none; release follows in any case. Rejects with ORC3005. */
  ready(): Promise<Shell>;
  /** Ends a shell that cannot be trusted any more. */
  discard(shell: Shell): Promise<void>;
  /** After each call: counts it, replaces an old or fat shell, starts the idle time. */
  release(): void;
  warm(): Promise<void>;
  dispose(): Promise<void>;
  readonly stats: { readonly starts: number; readonly recycles: number; readonly pid: number | null };
}

export interface ShellKeeperOptions {
  pwsh: string | (() => Promise<string>);
  root: string;
  env: NodeJS.ProcessEnv;
  logger: Logger;
  clock: BridgeClock;
  modulePath: string;
  idleMs: number;
  limits: BridgeLimits;
}

export function createShellKeeper(options: ShellKeeperOptions): ShellKeeper {
  const { logger, clock, idleMs, limits } = options;
  const counts = { starts: 0, recycles: 0 };
  const find = async () => (typeof options.pwsh === 'string' ? options.pwsh : options.pwsh());
  let file: string | null = null;
  let current: Shell | null = null;
  let opening: Promise<Shell> | null = null;
  let callsOfShell = 0;
  /** Between ready and release. */
  let inUse = false;
  let cancelIdle = () => {};
  let closed = false;

  async function open(): Promise<Shell> {
    counts.starts += 1;
    callsOfShell = 0;
    file ??= await find();
    const shell = await boot({ ...options, file }).catch((error: unknown) => {
      // It may have been moved or replaced.
      file = null;
      throw error;
    });
    if (closed) {
      await shell.kill();
      throw unavailable('The bridge is closed.');
    }
    current = shell;
    return shell;
  }

  const get = async () => {
    cancelIdle();
    if (current?.alive) return current;
    current = null;
    if (closed) throw unavailable('The bridge is closed.');
    opening ??= open().finally(() => {
      opening = null;
    });
    return opening;
  };

  const retire = async (reason: string) => {
    const shell = current;
    if (!shell) return;
    current = null;
    logger.debug({ pid: shell.pid, calls: callsOfShell, reason }, 'PowerShell ended');
    await shell.kill();
  };

  const startIdleTime = () => {
    cancelIdle();
    if (idleMs > 0) cancelIdle = clock.after(idleMs, () => void retire('idle'));
  };

  /** Never rejects: a failure shows itself at the next call. */
  const warm = async () => {
    await get().catch(() => {});
    if (!inUse) startIdleTime();
  };

  const recycle = (reason: string) => {
    counts.recycles += 1;
    void retire(reason);
    // Where PowerShell is kept, the next call should not pay for the new one.
    if (idleMs === 0) void warm();
  };

  return {
    ready() {
      inUse = true;
      return get();
    },
    warm,
    async discard(shell) {
      if (current === shell) current = null;
      await shell.kill();
    },
    release() {
      inUse = false;
      callsOfShell += 1;
      if (!current) return;
      const bytes = residentBytes(current.pid) ?? 0;
      if (callsOfShell >= limits.recycleCalls) return recycle('calls');
      if (bytes > limits.recycleBytes) return recycle('memory');
      startIdleTime();
    },
    async dispose() {
      closed = true;
      cancelIdle();
      await opening?.catch(() => {});
      await retire('disposed');
    },
    get stats() {
      return { ...counts, pid: current?.alive ? current.pid : null };
    },
  };
}

/** Starts a shell and imports the module. Throws ORC3005 with the reason when that is not done in time. */
async function boot({
  file,
  root,
  env,
  logger,
  clock,
  modulePath,
  limits,
}: ShellKeeperOptions & { file: string }): Promise<Shell> {
  const begun = clock.now();
  const { maxOutputBytes } = limits;
  let shell: Shell | null = null;
  try {
    shell = await openShell({ pwsh: file, cwd: root, env, maxOutputBytes });
    await importModule({ shell, modulePath, clock, timeoutMs: limits.startTimeoutMs });
  } catch (error) {
    await shell?.kill();
    if (error instanceof OrchestratorError) throw error;
    const detail = error instanceof ShellEnded ? error.message : String(error);
    throw unavailable(`${file} did not start: ${detail}.`, error);
  }
  logger.debug({ pid: shell.pid, ms: Math.round(clock.now() - begun) }, 'PowerShell started');
  return shell;
}

async function importModule({
  shell,
  modulePath,
  clock,
  timeoutMs,
}: {
  shell: Shell;
  modulePath: string;
  clock: BridgeClock;
  timeoutMs: number;
}): Promise<void> {
  const id = randomUUID();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(timeoutMs, () =>
    reject(unavailable(`It was not ready within ${Math.round(timeoutMs / 1000)} s.`)),
  );
  try {
    const answer = readBootAnswer(await Promise.race([shell.run(bootLine({ id, modulePath })), late]), id);
    if (!answer) throw unavailable('The program did not answer as PowerShell does.');
    const { major, minor, fault } = answer;
    if (major < 7 || (major === 7 && minor < 5)) throw unavailable(`It is version ${major}.${minor}.`);
    if (fault) throw unavailable(`The module could not be imported: ${fault}`);
  } finally {
    cancel();
  }
}
