import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openConsole, type WindowsConsole } from './console.ts';

/** How a script ended. */
export interface JobEnd {
  /** What `exit` was given, 1 after an error, else the exit code of the last program. */
  readonly exitCode: number;
  /** All that it printed, on every stream. */
  readonly output: string;
  /** The error that ended it. */
  readonly error: { readonly message: string; readonly id: string } | null;
  /** What it left in the variable `$result`. */
  readonly data: unknown;
}

export interface SessionOptions {
  readonly prefix: string;
  readonly cwd: string;
  /** Folder of this session alone, as Linux and as Windows name it. */
  readonly folder: string;
  readonly windowsFolder: string;
  readonly script: string;
  /** Ends after one job. */
  readonly once?: boolean;
}

/** A PowerShell for Windows that lives on between scripts, since its start takes longer than most of them. */
export class PwshSession {
  readonly #console: WindowsConsole;
  readonly #folder: string;
  #count = 0;
  #over = false;

  constructor({ prefix, cwd, folder, windowsFolder, script, once = false }: SessionOptions) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    const command = [
      'C:\\pwsh\\pwsh.exe',
      '-NoLogo',
      '-NoProfile',
      '-File',
      script,
      '-Folder',
      windowsFolder,
    ];
    if (once) command.push('-Once');
    this.#console = openConsole({ prefix, cwd, command, output: join(folder, 'console.txt') });
    void this.#console.ended.then(() => {
      this.#over = true;
    });
  }

  /** False once the process has ended; no job can be given to it any more. */
  get usable(): boolean {
    return !this.#over;
  }

  /** Runs one script; the caller waits for its end before the next. Throws when the session dies or time is up. */
  async run(script: string, timeoutMs: number): Promise<JobEnd> {
    this.#count += 1;
    const job = join(this.#folder, String(this.#count));
    writeFileSync(`${job}.new`, script);
    renameSync(`${job}.new`, `${job}.ps1`);
    const deadline = Date.now() + timeoutMs;
    while (!existsSync(`${job}.json`)) {
      if (this.#over && !existsSync(`${job}.json`)) throw this.#fault('PowerShell ended', job, script);
      if (Date.now() > deadline) {
        await this.end();
        throw this.#fault(`No end within ${timeoutMs} ms`, job, script);
      }
      await sleep(10);
    }
    const end = JSON.parse(readFileSync(`${job}.json`, 'utf8')) as Omit<JobEnd, 'output'>;
    return { ...end, output: readText(`${job}.out`) };
  }

  /** Ends the process at once. */
  async end(): Promise<void> {
    this.#over = true;
    this.#console.kill();
    await this.#console.ended;
  }

  /** Ends the process and forgets what it has run. */
  async dispose(): Promise<void> {
    await this.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #fault(what: string, job: string, script: string): Error {
    const said = `${readText(`${job}.out`)}${this.#console.text()}`.trim();
    return new Error(`${what}: ${script.slice(0, 2000)}\n--- it had printed:\n${said}`);
  }
}

function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\r', '') : '';
}
