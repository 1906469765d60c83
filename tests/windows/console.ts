import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { wineEnvironment, wineFolder } from './wine.ts';

/** A Windows program on a console of its own, with what it printed kept in a file. */
export interface WindowsConsole {
  readonly child: ChildProcess;
  /** Resolves with the exit code once the program has ended. */
  readonly ended: Promise<number>;
  /** What it printed so far, without the terminal's control sequences. */
  text(): string;
  /** Ends the program at once. What it has started lives on, as on Windows. */
  kill(): void;
}

export interface ConsoleOptions {
  readonly prefix: string;
  /** Folder in which to start: the one behind a drive letter. */
  readonly cwd: string;
  /** Program and arguments. None of them may hold a quote. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** File that takes the output. */
  readonly output: string;
}

/** Starts a program under `script`: without a console PowerShell prints nothing, and Node cannot open its output. */
export function openConsole({ prefix, cwd, command, env = {}, output }: ConsoleOptions): WindowsConsole {
  const line = [`${wineFolder}/wine64`, ...command].map((part) => `'${part}'`).join(' ');
  const out = openSync(output, 'w');
  // Wide, or what is printed comes cut into lines of 80.
  const child = spawn('script', ['-qefc', `stty cols 200; exec ${line}`, '/dev/null'], {
    cwd,
    env: { ...wineEnvironment(prefix), ...env },
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  const ended = new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('exit', (code) => resolve(code ?? 1));
  });
  return {
    child,
    ended,
    text: () => plain(readFileSync(output, 'utf8')),
    kill: () => {
      for (const pid of below(child.pid ?? 0)) tryKill(pid);
      child.kill('SIGKILL');
    },
  };
}

function plain(text: string): string {
  return text.replaceAll(/\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07|\r/g, '');
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Linux children of a process. Wine detaches what a Windows program starts, so that is not among them. */
function below(parent: number): number[] {
  const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === parent);
  return found.flatMap((name) => [Number(name), ...below(Number(name))]);
}

function parentOf(pid: string): number {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) \S /s, '')
        .split(' ', 1)[0],
    );
  } catch {
    return 0;
  }
}
