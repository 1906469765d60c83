import type { ChildProcess } from 'node:child_process';
import { PowerShell } from 'node-powershell';
import { killTree } from './processTree.ts';

/** One PowerShell process that takes lines. Knows nothing of requests and envelopes. */
export interface Shell {
  readonly pid: number;
  readonly alive: boolean;
  /** Sends one line and resolves with all it wrote to stdout. One at a time. Rejects with ShellEnded or OutputTooLong. */
  run(line: string): Promise<Buffer>;
  /** Ends the shell and everything it started. Never throws. */
  kill(): Promise<void>;
}

export class ShellEnded extends Error {}
export class OutputTooLong extends Error {}

/** Private parts of node-powershell 5.0.1 that the fence needs; the package is pinned to that line. */
interface Internals {
  readonly process: ChildProcess;
  /** The library races every call against it, so it would hold every answer for as long as the shell lives. */
  exitPromise: Promise<void>;
  debuggers: Record<'comment' | 'command' | 'output', (text: string) => void>;
}

class FencedPowerShell extends PowerShell {
  /** The library's own choice lets the environment variable NODE_POWERSHELL win over the executable given. */
  protected override setExecutable({ executable }: { executable?: string }): string {
    return executable ?? '';
  }
}

/** Environment of the shell: no colour, no terminal codes, nothing that calls home, no files left by a kill. */
export function shellEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    NO_COLOR: '1',
    TERM: 'dumb',
    POWERSHELL_TELEMETRY_OPTOUT: '1',
    POWERSHELL_UPDATECHECK: 'Off',
    DOTNET_NOLOGO: '1',
    DOTNET_CLI_TELEMETRY_OPTOUT: '1',
    // A short-lived process pays more for profiling itself than it gets back.
    DOTNET_TieredPGO: '0',
    // The runtime's debugging sockets in the folder for temporary files would outlive a killed process.
    DOTNET_EnableDiagnostics: '0',
  };
}

/** Starts a shell. Throws ShellEnded when the executable cannot be started. */
export async function openShell({
  pwsh,
  cwd,
  env,
  maxOutputBytes,
}: {
  pwsh: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Stdout and stderr of one line together. */
  maxOutputBytes: number;
}): Promise<Shell> {
  const library = construct({ pwsh, cwd, env });
  const internals = library as unknown as Internals;
  const { process: child } = internals;
  // The library rejects this with nobody listening, which would end Node.
  internals.exitPromise.catch(() => {});
  // With DEBUG set it would print every command.
  internals.debuggers = { comment() {}, command() {}, output() {} };
  // It listens for the first error of stdin only; a second write to a dead shell would be an uncaught exception.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => {});

  const ended = whenEnded(child);
  ended.catch(() => {});
  if (child.pid === undefined) await ended;
  const pid = child.pid ?? 0;
  let alive = true;
  let abandon: ((reason: unknown) => void) | null = null;
  let lastWords: unknown = null;
  ended.catch((reason: unknown) => {
    alive = false;
    lastWords = reason;
    abandon?.(reason);
  });
  const output = meter(child, maxOutputBytes);

  return {
    pid,
    get alive() {
      return alive;
    },
    async run(line) {
      if (!alive) throw lastWords;
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
      const callEnds = Promise.withResolvers<void>();
      callEnds.promise.catch(() => {});
      internals.exitPromise = callEnds.promise;
      abandon = (reason) => {
        callEnds.reject(reason);
        reject(reason);
      };
      output.restart(reject);
      // The library writes the line and its delimiters piece by piece; corked they wake PowerShell once.
      child.stdin?.cork();
      // Without stdout the shell is about to end, and that is what rejects.
      library.invoke(line).then(({ stdout }) => stdout && resolve(stdout), reject);
      process.nextTick(() => child.stdin?.uncork());
      try {
        return await promise;
      } finally {
        abandon = null;
        output.stop();
        library.history.length = 0;
      }
    },
    async kill() {
      if (!alive) return;
      await killTree(pid, { pwsh });
      await Promise.race([ended.catch(() => {}), new Promise((done) => setTimeout(done, 2000).unref())]);
    },
  };
}

function construct({ pwsh, cwd, env }: { pwsh: string; cwd: string; env: NodeJS.ProcessEnv }): PowerShell {
  try {
    return new FencedPowerShell({
      executable: pwsh,
      executableOptions: {
        '-NoProfile': true,
        ...(process.platform === 'win32' ? { '-ExecutionPolicy': 'Bypass' } : {}),
      },
      spawnOptions: { cwd, env: shellEnvironment(env), windowsHide: true },
      throwOnInvocationError: false,
    });
  } catch (cause) {
    throw new ShellEnded(`${pwsh} cannot be started`, { cause });
  }
}

/** Never resolves; rejects when the process has ended or could not be started. */
function whenEnded(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new ShellEnded(`it cannot be started (${cause.code ?? cause.message})`, { cause })),
    );
    child.once('exit', (code, signal) =>
      reject(
        new ShellEnded(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
      ),
    );
  });
}

/** Counts what a line writes. The library joins all chunks at each new one, so its cost grows with the square. */
function meter(child: ChildProcess, maxBytes: number) {
  let bytes = 0;
  let overflow: (() => void) | null = null;
  const count = (chunk: string | Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) overflow?.();
  };
  child.stdout?.on('data', count);
  child.stderr?.on('data', count);
  return {
    restart(reject: (reason: unknown) => void) {
      bytes = 0;
      overflow = () => reject(new OutputTooLong(`more than ${maxBytes} bytes were written`));
    },
    stop() {
      overflow = null;
    },
  };
}
