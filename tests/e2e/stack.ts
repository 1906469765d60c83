import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceStatus } from '../../core/contract/cmdlets.ts';
import type { Manifest, Service } from '../../core/contract/manifest.ts';
import type { Heartbeat, Incident, RunState } from '../../core/contract/state.ts';
import { freePort } from '../freePort.ts';
import { sleep, until } from '../until.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** Ids of processes whose command line or environment names `text`. */
export function processesNaming(text: string): number[] {
  const found: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const seen =
        readFileSync(`/proc/${name}/cmdline`, 'utf8') + readFileSync(`/proc/${name}/environ`, 'utf8');
      if (seen.includes(text)) found.push(Number(name));
    } catch {
      // It ended meanwhile, or is not ours to read.
    }
  }
  return found;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StackOptions {
  /** Changes the manifest before it is written. */
  readonly change?: (manifest: Manifest) => void;
  /** Adds the service `flaky`, which dies at once while `flakyCue` holds "crash". */
  readonly flaky?: boolean;
  /** Last part of the folder's name; spaces and Cyrillic are welcome. */
  readonly folder?: string;
}

/** One whole Orchestrator of its own: own folder, own ports, short intervals. */
export class Stack {
  readonly folder: string;
  readonly manifestFile: string;
  readonly manifest: Manifest;
  readonly flakyCue: string;

  private constructor(folder: string, manifest: Manifest) {
    this.folder = folder;
    this.manifestFile = join(folder, 'source.json');
    this.manifest = manifest;
    this.flakyCue = join(folder, 'flaky.cue');
  }

  static async create({ change, flaky = false, folder = 'stack' }: StackOptions = {}): Promise<Stack> {
    const home = await mkdtemp(join(tmpdir(), `orc-${folder}-`));
    const source = JSON.parse(
      await readFile(join(root, 'deploy/local/orchestrator.json'), 'utf8'),
    ) as Manifest;
    const manifest = await shorten(source, home);
    if (flaky) addFlaky(manifest, home, await freePort());
    change?.(manifest);
    const stack = new Stack(home, manifest);
    await stack.save();
    return stack;
  }

  async save(): Promise<void> {
    await writeFile(this.manifestFile, JSON.stringify(this.manifest, null, 2));
  }

  service(id: string): Service {
    const service = this.manifest.services.find((entry) => entry.id === id);
    if (!service) throw new Error(`no service ${id}`);
    return service;
  }

  url(id: string, path = ''): string {
    const { port } = this.service(id);
    return `http://127.0.0.1:${port}${path}`;
  }

  /** Runs a line of PowerShell with the module loaded and this stack's manifest in force. */
  async powershell(line: string, env: Record<string, string> = {}): Promise<CommandResult> {
    const script = `$ErrorActionPreference='Stop'; Import-Module '${root.replaceAll("'", "''")}/ps/Orchestrator.psd1'; ${line}`;
    return run(pwsh(), ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', script], {
      ...this.env(),
      ...env,
    });
  }

  /** The objects that a line of PowerShell gives, by way of JSON. Throws with its error text. */
  async objects<T>(line: string): Promise<T[]> {
    const result = await this.powershell(
      `$WarningPreference = 'SilentlyContinue'; @(${line}) | ConvertTo-Json -Depth 8 -AsArray -EnumsAsStrings`,
    );
    if (result.code !== 0) throw new Error(`${line}: ${result.stderr || result.stdout}`);
    return (result.stdout.trim() === '' ? [] : JSON.parse(result.stdout)) as T[];
  }

  async install(): Promise<void> {
    const result = await this.powershell('$null = Install-Orchestrator -Backend Embedded');
    if (result.code !== 0) throw new Error(result.stderr || result.stdout);
  }

  env(): Record<string, string> {
    return { ORCHESTRATOR_MANIFEST: this.manifestFile, NO_COLOR: '1', ORCHESTRATOR_LANG: 'en' };
  }

  private state<T>(...parts: string[]): T | null {
    try {
      return JSON.parse(readFileSync(join(this.manifest.paths.data, ...parts), 'utf8')) as T;
    } catch {
      return null;
    }
  }

  run(id: string): RunState | null {
    return this.state<RunState>('run', `${id}.json`);
  }

  heartbeat(): Heartbeat | null {
    return this.state<Heartbeat>('guardian.json');
  }

  incidents(): Incident[] {
    const folder = join(this.manifest.paths.data, 'incidents');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .flatMap((name) => this.state<Incident>('incidents', name) ?? []);
  }

  /** The program's pid while it runs. */
  pid(id: string): number {
    const state = this.run(id);
    if (!state?.processId || state.state !== 'Running')
      throw new Error(`${id} does not run: ${JSON.stringify(state)}`);
    return state.processId;
  }

  async status(): Promise<ServiceStatus[]> {
    const response = await fetch(this.url('panel', '/api/status'));
    const body = (await response.json()) as { services: ServiceStatus[] };
    return body.services;
  }

  async answers(id: string): Promise<boolean> {
    const { health } = this.service(id);
    if (health.kind !== 'http') return false;
    try {
      return (await fetch(this.url(id, health.path), { signal: AbortSignal.timeout(1000) })).ok;
    } catch {
      return false;
    }
  }

  /** Waits until the guardian calls the service healthy. */
  async healthy(id: string, timeoutMs = 30_000): Promise<void> {
    await until(`${id} healthy`, () => this.heartbeat()?.services[id]?.state === 'healthy', { timeoutMs });
  }

  /** Stops everything and removes the folder; fails when a process is left. */
  async close(): Promise<void> {
    await this.powershell('Stop-Orchestrator | Out-Null');
    const left = await this.leftovers();
    for (const pid of left) process.kill(pid, 'SIGKILL');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    if (left.length > 0) throw new Error(`processes left over: ${left.join(', ')}`);
  }

  /** Processes of this stack that are still there after three seconds. */
  async leftovers(): Promise<number[]> {
    const deadline = Date.now() + 3000;
    for (;;) {
      const left = processesNaming(this.folder);
      if (left.length === 0 || Date.now() > deadline) return left;
      await sleep(100);
    }
  }
}

async function shorten(source: Manifest, home: string): Promise<Manifest> {
  const logs = join(home, 'logs');
  const services: Service[] = [];
  for (const service of source.services) {
    const port = service.port === null ? null : await freePort();
    const args = (service.command?.args ?? []).map((arg) =>
      arg === '8188' ? String(port) : arg === '.orchestrator/comfyui-demo' ? join(home, 'demo') : arg,
    );
    services.push({
      ...service,
      port,
      command: service.command && { ...service.command, args },
      cwd: root,
      health:
        service.health.kind === 'http'
          ? { ...service.health, timeoutMs: 1000, failureThreshold: 2, startupGraceMs: 15_000 }
          : { ...service.health, kind: 'heartbeat', maxAgeMs: 8000 },
      logs: {
        ...service.logs,
        stdout: join(logs, `${service.id}-stdout.log`),
        stderr: join(logs, `${service.id}-stderr.log`),
      },
      restart: { ...service.restart, cooldownMs: 1000, resetAfterMs: 120_000 },
      stop: { timeoutMs: 3000 },
    });
  }
  return {
    ...source,
    paths: { data: join(home, 'data'), logs },
    intervals: { healthCheck: 1000, serviceWatch: 2000, diskCheck: 5000 },
    services,
  };
}

function addFlaky(manifest: Manifest, home: string, port: number): void {
  const panel = manifest.services.find((service) => service.id === 'panel');
  if (!panel) throw new Error('no panel in the manifest');
  const logs = manifest.paths.logs;
  manifest.services.splice(2, 0, {
    ...panel,
    id: 'flaky',
    serviceName: 'TestFlaky',
    displayName: 'Flaky',
    description: 'Dies on cue.',
    command: {
      file: 'node',
      args: [join(root, 'tests/fakes/service/flaky.mjs'), String(port), join(home, 'flaky.cue')],
    },
    env: {},
    port,
    host: '127.0.0.1',
    aliases: [],
    requires: [],
    health: { kind: 'http', path: '/', timeoutMs: 1000, failureThreshold: 2, startupGraceMs: 5000 },
    logs: { ...panel.logs, stdout: join(logs, 'flaky-stdout.log'), stderr: join(logs, 'flaky-stderr.log') },
  });
}

export function pwsh(): string {
  const found = process.env['ORCHESTRATOR_PWSH'];
  if (!found) throw new Error('ORCHESTRATOR_PWSH is not set: run the tests through npm test');
  return found;
}

/** Runs a program to its end, whatever its exit code. */
export function run(
  file: string,
  args: string[],
  env: Record<string, string> = {},
  cwd = root,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024, timeout: 110_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

/** Starts one of the npm commands in the foreground, as a terminal would. */
export function command(name: string, args: string[], env: Record<string, string>) {
  return spawn(process.execPath, [join(root, 'bootstrap/run.mjs'), name, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}
