import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openConsole } from './console.ts';
import { type JobEnd, PwshSession } from './session.ts';
import { ensureTemplate, sharedFolders } from './template.ts';
import { type WineProcess, wine, wineProcesses, wineserver } from './wine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const exec = promisify(execFile);

/** What an installation consists of, below the project's folder. */
const installed = ['deploy', 'dist', 'ps', 'LICENSE', 'package.json'];

/** Programs that Wine itself keeps running, and the console of each other program. */
const wineOwn = new Set([
  'conhost.exe',
  'explorer.exe',
  'plugplay.exe',
  'rpcss.exe',
  'services.exe',
  'spoolsv.exe',
  'start.exe',
  'svchost.exe',
  'tabtip.exe',
  'wineboot.exe',
  'winedevice.exe',
]);

export interface PwshOptions {
  /** After so long the process is ended and the call throws. */
  readonly timeoutMs?: number;
  /** Variables of the environment for this script alone. */
  readonly env?: Readonly<Record<string, string>>;
  /** A process of its own, as a second person's session would be. It may run beside others. */
  readonly fresh?: boolean;
  /** False leaves the project's module out. */
  readonly module?: boolean;
}

export interface ExecOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** After so long the program is ended. */
  readonly timeoutMs?: number;
  readonly onText?: (text: string) => void;
}

export interface BoxOptions {
  /** Variables of the environment for every script. */
  readonly env?: Readonly<Record<string, string>>;
  /** More files and folders of the project to lay beside the installation, such as `tests/pester`. */
  readonly extra?: readonly string[];
}

/**
 * A small Windows machine of its own under Wine: the real PowerShell, Node and NSSM for Windows, a service manager, and
 * an empty drive F:. The project is installed at C:\Work\Orchestrator. Its network is this machine's loopback.
 */
export class WindowsBox {
  /** The project as a program in the box sees it. */
  static readonly project = 'C:\\Work\\Orchestrator';
  readonly folder: string;
  readonly prefix: string;
  readonly #env: Readonly<Record<string, string>>;
  #session: PwshSession | null = null;
  #sessions = 0;
  #consoles = 0;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.prefix = join(folder, 'prefix');
    this.#env = { ORCHESTRATOR_NODE: 'C:\\node\\node.exe', ORCHESTRATOR_LANG: 'en', ...env };
  }

  static async create({ env = {}, extra = [] }: BoxOptions = {}): Promise<WindowsBox> {
    const template = await ensureTemplate();
    const box = new WindowsBox(join(boxesFolder(), randomBytes(4).toString('hex')), env);
    try {
      await box.#build(template, [...installed, ...extra]);
    } catch (error) {
      await box.dispose();
      throw error;
    }
    return box;
  }

  async #build(template: string, project: readonly string[]): Promise<void> {
    await mkdir(join(this.folder, 'f', 'Logs'), { recursive: true });
    const drive = join(this.prefix, 'drive_c');
    await mkdir(join(drive, 'Work', 'Orchestrator'), { recursive: true });
    await mkdir(join(drive, 'Box'));
    await cp(join(root, 'tests/windows/session.ps1'), join(drive, 'Box', 'session.ps1'));
    for (const name of sharedFolders) await symlink(join(template, 'drive_c', name), join(drive, name));
    // Wine's own programs are never changed either, and 700 MB to copy.
    await exec('cp', ['-as', join(template, 'drive_c', 'windows'), drive]);
    const rest = ['Program Files', 'Program Files (x86)', 'ProgramData', 'users'];
    await exec('cp', ['-a', ...rest.map((name) => join(template, 'drive_c', name)), drive]);
    const registry = ['.update-timestamp', 'system.reg', 'user.reg', 'userdef.reg', 'dosdevices'];
    await exec('cp', ['-a', ...registry.map((name) => join(template, name)), this.prefix]);
    await symlink(join(this.folder, 'f'), join(this.prefix, 'dosdevices', 'f:'));
    for (const path of project) {
      await cp(join(root, path), join(drive, 'Work', 'Orchestrator', path), { recursive: true });
    }
    await wine({ prefix: this.prefix, args: ['wineboot'] });
  }

  /** Runs a script with the module loaded and returns how it ended; an error in it is a result, not an exception. */
  async pwsh(script: string, options: PwshOptions = {}): Promise<JobEnd> {
    const { timeoutMs = 60_000, fresh = false } = options;
    const text = this.#compose(script, options);
    if (!fresh) return this.#inTurn(() => this.#kept().run(text, timeoutMs));
    const session = this.#open({ once: true });
    try {
      return await session.run(text, timeoutMs);
    } finally {
      await session.dispose();
    }
  }

  /** The objects that a line gives. Throws with its output when it fails. */
  async objects<T>(line: string, options: PwshOptions = {}): Promise<T[]> {
    const end = await this.pwsh(`$result = @(${line})`, options);
    if (end.error !== null) throw new Error(`${line}\n${end.error.id}\n${end.output}`);
    return end.data as T[];
  }

  /** Runs any program of the box on a console of its own; `onText` gets what it prints meanwhile. */
  async exec(
    command: readonly string[],
    { env = {}, timeoutMs = 60_000, onText }: ExecOptions = {},
  ): Promise<{ exitCode: number; output: string }> {
    this.#consoles += 1;
    const output = join(this.folder, `console-${this.#consoles}.txt`);
    const { prefix } = this;
    const program = openConsole({
      prefix,
      cwd: join(this.folder, 'f'),
      command,
      env: { ...this.#env, ...env },
      output,
    });
    let shown = 0;
    const show = () => {
      const text = program.text();
      onText?.(text.slice(shown));
      shown = text.length;
    };
    const timer = setInterval(show, 250);
    const late = setTimeout(() => program.kill(), timeoutMs);
    const exitCode = await program.ended;
    clearInterval(timer);
    clearTimeout(late);
    show();
    return { exitCode, output: program.text() };
  }

  /** A path in the box for a program on Linux. */
  toLinux(path: string): string {
    const [, drive = '', rest = ''] = /^([a-z]):[\\/]?(.*)$/i.exec(path) ?? [];
    const parts = rest.split(/[\\/]/);
    const bases: Record<string, string> = {
      c: join(this.prefix, 'drive_c'),
      f: join(this.folder, 'f'),
      z: '/',
    };
    const base = bases[drive.toLowerCase()];
    if (base === undefined) throw new Error(`no drive for ${path}`);
    return join(base, ...parts);
  }

  /** A path on Linux for a program in the box. */
  toWindows(path: string): string {
    const bases = { 'F:': join(this.folder, 'f'), 'C:': join(this.prefix, 'drive_c') };
    for (const [drive, base] of Object.entries(bases)) {
      const below = relative(base, resolve(path));
      if (!below.startsWith('..')) return `${drive}\\${below.replaceAll('/', '\\')}`;
    }
    return `Z:${resolve(path).replaceAll('/', '\\')}`;
  }

  /** The processes in the box, without Wine's own and without the sessions of this class. */
  processes(): WineProcess[] {
    return wineProcesses(this.prefix).filter(
      ({ name, command }) => name !== '' && !wineOwn.has(name) && !command.includes('C:\\Box\\session.ps1'),
    );
  }

  /** SHA-256 and the first two bytes of a program in the box. */
  async fingerprint(path: string): Promise<{ sha256: string; magic: string }> {
    const bytes = await readFile(this.toLinux(path));
    return {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      magic: bytes.subarray(0, 2).toString('latin1'),
    };
  }

  /** Ends every process of the box and removes it. */
  async dispose(): Promise<void> {
    await this.#session?.end();
    await wineserver(this.prefix, '-k');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  #compose(script: string, { env = {}, module = true }: PwshOptions): string {
    const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
    const variables = Object.entries({ ...this.#env, ...env });
    const names = variables.map(([name]) => quoted(name)).join(', ');
    return [
      'param($box)',
      '$result = $null',
      `$boxEnvironment = @{}; foreach ($name in ${names}) { $boxEnvironment[$name] = [Environment]::GetEnvironmentVariable($name) }`,
      'try {',
      ...variables.map(([name, value]) => `$env:${name} = ${quoted(value)}`),
      module ? `Import-Module ${quoted(`${WindowsBox.project}\\ps\\Orchestrator.psd1`)}` : '',
      script,
      '} finally {',
      '$box.Result = $result',
      // Null would arrive as an empty text, which is a variable too.
      'foreach ($name in $boxEnvironment.Keys) { [Environment]::SetEnvironmentVariable($name, ($boxEnvironment[$name] ?? [NullString]::Value)) }',
      '}',
    ].join('\n');
  }

  #kept(): PwshSession {
    if (!this.#session?.usable) this.#session = this.#open({});
    return this.#session;
  }

  #open({ once = false }: { once?: boolean }): PwshSession {
    this.#sessions += 1;
    const name = `session-${this.#sessions}`;
    return new PwshSession({
      prefix: this.prefix,
      cwd: join(this.folder, 'f'),
      folder: join(this.prefix, 'drive_c', 'Box', name),
      windowsFolder: `C:\\Box\\${name}`,
      script: 'C:\\Box\\session.ps1',
      once,
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }
}

/** Where boxes lie: a folder of the run, so that the run can end what a killed test has left. */
export function boxesFolder(): string {
  return (
    process.env['ORCHESTRATOR_BOXES'] ?? join(root, '.runtime', 'windows', 'boxes', String(process.ppid))
  );
}
