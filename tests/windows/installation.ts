import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest, Service } from '../../core/contract/manifest.ts';
import type { Heartbeat, Incident, RunState } from '../../core/contract/state.ts';
import { freePort } from '../freePort.ts';
import { until } from '../until.ts';
import { type PwshOptions, WindowsBox } from './box.ts';
import type { JobEnd } from './session.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** One line of what Install-Orchestrator and Import-OrchestratorService tell. */
export interface Change {
  readonly Target: string;
  readonly Property: string;
  readonly From: string | null;
  readonly To: string | null;
  readonly Action: string;
}

export interface InstallationOptions {
  readonly backend: Manifest['backend'];
  /** Folder on F: that takes data and logs; spaces and Cyrillic are welcome. */
  readonly folder?: string;
  /** Changes the manifest before it is written. */
  readonly change?: (manifest: Manifest) => void;
}

/**
 * A manifest in a box, with free ports, short intervals and everything it writes on F:, and what can be seen of the
 * services from Linux. Installing is the story's own matter.
 */
export class Installation {
  readonly box: WindowsBox;
  readonly manifest: Manifest;
  /** The manifest's file as Windows names it. */
  readonly file: string;

  private constructor(box: WindowsBox, manifest: Manifest, file: string) {
    this.box = box;
    this.manifest = manifest;
    this.file = file;
  }

  static async create(
    box: WindowsBox,
    { backend, folder = 'Orchestrator', change }: InstallationOptions,
  ): Promise<Installation> {
    const source = join(root, 'deploy/local/orchestrator.json');
    const manifest = await adapt(JSON.parse(await readFile(source, 'utf8')) as Manifest, `F:\\${folder}`);
    const whole = { ...manifest, backend };
    change?.(whole);
    const installation = new Installation(box, whole, `F:\\${folder}.json`);
    await installation.save();
    return installation;
  }

  /** Writes the manifest, for a story that has changed it. */
  async save(): Promise<void> {
    await writeFile(this.box.toLinux(this.file), JSON.stringify(this.manifest, null, 2));
  }

  /** As WindowsBox.pwsh, with this manifest in force. */
  pwsh(script: string, options: PwshOptions = {}): Promise<JobEnd> {
    return this.box.pwsh(script, this.#inForce(options));
  }

  /** As WindowsBox.objects, with this manifest in force. */
  objects<T>(line: string, options: PwshOptions = {}): Promise<T[]> {
    return this.box.objects<T>(line, this.#inForce(options));
  }

  #inForce(options: PwshOptions): PwshOptions {
    return { ...options, env: { ORCHESTRATOR_MANIFEST: this.file, ...options.env } };
  }

  service(id: string): Service {
    const service = this.manifest.services.find((entry) => entry.id === id);
    if (!service) throw new Error(`no service ${id}`);
    return service;
  }

  url(id: string, path = ''): string {
    return `http://127.0.0.1:${this.service(id).port}${path}`;
  }

  /** Whether the service answers its health address with success. */
  async answers(id: string): Promise<boolean> {
    const { health } = this.service(id);
    if (health.kind !== 'http') return false;
    try {
      return (await fetch(this.url(id, health.path), { signal: AbortSignal.timeout(1000) })).ok;
    } catch {
      return false;
    }
  }

  run(id: string): RunState | null {
    return this.#state<RunState>('run', `${id}.json`);
  }

  /** The program's process id in the box; throws unless it runs. */
  pid(id: string): number {
    const state = this.run(id);
    if (!state?.processId || state.state !== 'Running')
      throw new Error(`${id} does not run: ${JSON.stringify(state)}`);
    return state.processId;
  }

  heartbeat(): Heartbeat | null {
    return this.#state<Heartbeat>('guardian.json');
  }

  /** Waits until the guardian calls the service healthy. */
  async healthy(id: string, timeoutMs = 30_000): Promise<void> {
    await until(`${id} healthy`, () => this.heartbeat()?.services[id]?.state === 'healthy', { timeoutMs });
  }

  incidents(): Incident[] {
    const folder = this.box.toLinux(win32.join(this.manifest.paths.data, 'incidents'));
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .flatMap((name) => this.#state<Incident>('incidents', name) ?? []);
  }

  /** What a service's log holds now; empty while there is none. */
  log(id: string, stream: 'stdout' | 'stderr' = 'stdout'): string {
    const file = this.box.toLinux(this.service(id).logs[stream]);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  #state<T>(...parts: string[]): T | null {
    try {
      const file = win32.join(this.manifest.paths.data, ...parts);
      return JSON.parse(readFileSync(this.box.toLinux(file), 'utf8')) as T;
    } catch {
      return null;
    }
  }
}

/** What Node and PowerShell need to run under Wine; a service gets only what its manifest says. */
const underWine = { NODE_SKIP_PLATFORM_CHECK: '1', DOTNET_EnableWriteXorExecute: '0' };

async function adapt(source: Manifest, home: string): Promise<Manifest> {
  const services: Service[] = [];
  for (const service of source.services) {
    const port = service.port === null ? null : await freePort();
    const args = (service.command?.args ?? []).map((arg) =>
      arg === '8188' ? String(port) : arg === '.orchestrator/comfyui-demo' ? `${home}\\demo` : arg,
    );
    services.push({
      ...service,
      port,
      command: service.command && { ...service.command, args },
      cwd: WindowsBox.project,
      env: { ...service.env, ...underWine },
      health:
        service.health.kind === 'http'
          ? { ...service.health, timeoutMs: 2000, failureThreshold: 2, startupGraceMs: 30_000 }
          : { ...service.health, kind: 'heartbeat', maxAgeMs: 10_000 },
      logs: {
        ...service.logs,
        stdout: `${home}\\Logs\\${service.id}-stdout.log`,
        stderr: `${home}\\Logs\\${service.id}-stderr.log`,
      },
      restart: { ...service.restart, cooldownMs: 1000, resetAfterMs: 120_000 },
      stop: { timeoutMs: 5000 },
    });
  }
  return {
    ...source,
    paths: { data: `${home}\\data`, logs: `${home}\\Logs` },
    intervals: { healthCheck: 1000, serviceWatch: 2000, diskCheck: 5000 },
    // The drive is the disk of whatever machine the tests run on.
    thresholds: { ...source.thresholds, diskFreeGb: 0.1, memoryPercent: 99 },
    services,
  };
}
