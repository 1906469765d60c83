import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { type HostSpec, hostResponseSchema } from '../../../core/contract/hostProtocol.ts';
import { type RunState, runSchema } from '../../../core/contract/state.ts';
import { statePaths } from '../../../core/state/paths.ts';
import { isAlive } from '../../../guardian/host/procfs.ts';
import { hostSocketPath } from '../../../guardian/host/socketPath.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

export const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

export interface Programs {
  readonly folder: string;
  readonly host: string;
  readonly launch: string;
}

/** Host and launcher bundled as they ship, in a folder whose path has spaces and Cyrillic letters. */
export async function bundlePrograms(): Promise<Programs> {
  const folder = await mkdtemp(join(tmpdir(), 'сборка хоста '));
  const banner = 'import{createRequire as r}from"node:module";const require=r(import.meta.url);';
  await build({
    entryPoints: { host: join(root, 'guardian/host/main.ts'), launch: join(root, 'guardian/host/launch.ts') },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    banner: { js: banner },
    logLevel: 'error',
  });
  return { folder, host: join(folder, 'host.mjs'), launch: join(folder, 'launch.mjs') };
}

export const fake = (name: string) => join(root, 'tests/fakes/service', `${name}.ts`);

export async function until<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  limitMs = 5000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value !== null && value !== undefined && value !== false && value !== '') return value;
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(5);
  }
}

export const alive = (pid: number) => isAlive({ pid, start: null });

/** Sends raw bytes and gives back everything that came until the host closed. */
export function exchange(path: string, bytes: string | Buffer, { end = false } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(path, () => (end ? socket.end(bytes) : socket.write(bytes)));
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}

/** One service in a folder of its own, its hosts, and the promise to leave nothing behind. */
export class Rig {
  readonly folder: string;
  readonly spec: HostSpec;
  readonly runFile: string;
  readonly socket: string;
  readonly #programs: Programs;
  readonly #hosts = new Set<number>();

  static async create(programs: Programs, change: Partial<HostSpec> = {}): Promise<Rig> {
    const folder = await mkdtemp(join(tmpdir(), 'хост с пробелом '));
    await mkdir(join(folder, 'данные'));
    return new Rig(programs, folder, change);
  }

  private constructor(programs: Programs, folder: string, change: Partial<HostSpec>) {
    this.folder = folder;
    this.#programs = programs;
    this.spec = {
      id: 'probe',
      dataDir: join(folder, 'данные'),
      command: { file: process.execPath, args: [fake('steady')] },
      cwd: folder,
      env: {},
      stdout: join(folder, 'журналы', 'probe-stdout.log'),
      stderr: join(folder, 'журналы', 'probe-stderr.log'),
      rotateBytes: 10_485_760,
      keepBytes: 104_857_600,
      keepDays: 30,
      stopTimeoutMs: 2000,
      restart: false,
      ...change,
    };
    this.runFile = statePaths(this.spec.dataDir).run(this.spec.id);
    this.socket = hostSocketPath({ dataDir: this.spec.dataDir, id: this.spec.id });
  }

  program(name: string, ...args: (string | number)[]): HostSpec['command'] {
    return { file: process.execPath, args: [fake(name), ...args.map(String)] };
  }

  /** The launcher's command line for a host of this service. */
  launchArguments(): string[] {
    const args = ['--max-semi-space-size=1', this.#programs.host, encode(this.spec)];
    return [this.#programs.launch, encode({ file: process.execPath, args, cwd: this.folder, env: {} })];
  }

  /** Starts a host through the launcher without waiting for it; resolves to its pid. */
  async launch(): Promise<number> {
    const { stdout } = await run(process.execPath, this.launchArguments());
    const pid = Number(stdout);
    this.#hosts.add(pid);
    return pid;
  }

  /** The same without the launcher, which saves its start. */
  #spawnHost(): number {
    const args = ['--max-semi-space-size=1', this.#programs.host, encode(this.spec)];
    const host = spawn(process.execPath, args, { cwd: this.folder, detached: true, stdio: 'ignore' });
    if (host.pid === undefined) throw new Error('the host could not be spawned');
    this.#hosts.add(host.pid);
    return host.pid;
  }

  adopt(hostPid: number): void {
    this.#hosts.add(hostPid);
  }

  /** Starts a host and waits until its run file says so; resolves to its pid. */
  async launchReady(): Promise<number> {
    const pid = this.#spawnHost();
    await until('the host writes its run file', async () => (await this.run())?.hostProcessId === pid);
    return pid;
  }

  async run(): Promise<RunState | null> {
    if (!existsSync(this.runFile)) return null;
    return runSchema.parse(JSON.parse(await readFile(this.runFile, 'utf8')));
  }

  async ask(request: unknown) {
    const answer = hostResponseSchema.parse(
      JSON.parse(await exchange(this.socket, `${JSON.stringify(request)}\n`)),
    );
    return {
      ...answer,
      run: runSchema.parse(answer.run),
      code: answer.error?.code ?? null,
      message: answer.error?.message ?? '',
    };
  }

  async start(spec?: HostSpec): Promise<RunState & { processId: number }> {
    const { ok, run, message } = await this.ask(
      spec === undefined ? { verb: 'start' } : { verb: 'start', spec },
    );
    if (!ok || run.processId === null) throw new Error(message);
    return { ...run, processId: run.processId };
  }

  stop({ timeoutMs = 2000, release = false } = {}) {
    return this.ask({ verb: 'stop', timeoutMs, release });
  }

  stdout(): Promise<string> {
    return readFile(this.spec.stdout, 'utf8').catch(() => '');
  }

  stderr(): Promise<string> {
    return readFile(this.spec.stderr, 'utf8').catch(() => '');
  }

  /** Stops what runs and removes the folder. */
  async dispose(): Promise<void> {
    await this.stop({ timeoutMs: 0, release: true }).catch(() => {});
    const program = (await this.run().catch(() => null))?.processId;
    for (const pid of [...this.#hosts, ...(program ? [program] : [])]) {
      if (await gone(pid, 1000)) continue;
      process.kill(pid, 'SIGKILL');
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function gone(pid: number, limitMs = 3000): Promise<boolean> {
  return await until(`process ${pid} ends`, () => !alive(pid), limitMs).catch(() => false);
}

/** Runs a line in bash and gives the shell's process. */
export function shell(line: string, args: readonly string[]) {
  return spawn('bash', ['-c', line, 'bash', ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
}
