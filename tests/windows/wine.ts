import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Debian keeps the 64 bit programs of Wine here; the `wine` on PATH asks for a 32 bit one. */
export const wineFolder = '/usr/lib/wine';

/** What a Wine process of `prefix` gets. Only what is named here: the caller's own settings stay outside. */
export function wineEnvironment(prefix: string): Record<string, string> {
  return {
    PATH: `${wineFolder}:${process.env['PATH'] ?? ''}`,
    HOME: process.env['HOME'] ?? '/root',
    WINEPREFIX: prefix,
    WINEARCH: 'win64',
    WINEDEBUG: '-all',
    // Without a UTF-8 locale Wine loses file names that are not ASCII.
    LC_ALL: 'C.UTF-8',
    DOTNET_ROOT: 'C:\\dotnet',
    // Wine 8 loses pages that .NET maps twice: a garbage collection then ends pwsh.
    DOTNET_EnableWriteXorExecute: '0',
    // Node for Windows does not know the version of Windows that Wine names.
    NODE_SKIP_PLATFORM_CHECK: '1',
    NO_COLOR: '1',
    TERM: 'dumb',
    POWERSHELL_TELEMETRY_OPTOUT: '1',
    POWERSHELL_UPDATECHECK: 'Off',
  };
}

/**
 * Runs one of Wine's own programs to its end, its output thrown away. The first process of a prefix starts the service
 * manager, which inherits the output and would hold a pipe open for ever.
 */
export function wine({
  prefix,
  args,
  env = {},
  timeoutMs = 120_000,
}: {
  prefix: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  timeoutMs?: number;
}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(`${wineFolder}/wine64`, args, {
      env: { ...wineEnvironment(prefix), ...env },
      stdio: 'ignore',
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`wine64 ${args.join(' ')}: ${signal ?? `exit code ${code}`}`));
    });
  });
}

/** `-w` waits until the last process of the prefix has ended, `-k` ends them all. */
export function wineserver(prefix: string, order: '-w' | '-k'): Promise<void> {
  return new Promise((resolve) => {
    // No server is no error here: then there is nothing to wait for and nothing to end.
    execFile(`${wineFolder}/wineserver`, [order], { env: wineEnvironment(prefix), timeout: 60_000 }, () =>
      resolve(),
    );
  });
}

/** A process of a prefix as Linux sees it. */
export interface WineProcess {
  readonly pid: number;
  /** File name of the program, such as `node.exe`; empty when it has no name yet. */
  readonly name: string;
  readonly command: string;
}

function onProcess<T>(pid: number, what: (folder: string) => T): T | null {
  try {
    return what(`/proc/${pid}`);
  } catch {
    // It ended meanwhile, or is not ours to read.
    return null;
  }
}

/** The processes of a prefix, Wine's own among them. */
export function wineProcesses(prefix: string): WineProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const pid = Number(name);
      const found = onProcess(pid, (folder) => {
        if (!readFileSync(`${folder}/environ`, 'utf8').split('\0').includes(`WINEPREFIX=${prefix}`))
          return null;
        if (!readlinkSync(`${folder}/exe`).startsWith('/usr/lib/')) return null;
        const parts = readFileSync(`${folder}/cmdline`, 'utf8').split('\0').filter(Boolean);
        const program = parts.find((part) => /\.exe$/i.test(part)) ?? '';
        return { pid, name: basename(program.replaceAll('\\', '/')).toLowerCase(), command: parts.join(' ') };
      });
      return found ? [found] : [];
    });
}
