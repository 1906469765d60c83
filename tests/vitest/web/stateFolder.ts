import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Manifest } from '../../../core/contract/manifest.ts';
import type {
  Desired,
  GuardianService,
  Heartbeat,
  Incident,
  RunState,
} from '../../../core/contract/state.ts';
import { writeState } from '../../../core/state/files.ts';
import { type StatePaths, statePaths } from '../../../core/state/paths.ts';
import { processStart } from '../../../core/status/alive.ts';

/** A pid that no process has: above every system's limit. */
export const deadPid = 2_000_000_000;

/** A data folder with an installed manifest, as Install-Orchestrator leaves it, and writers of its state files. */
export interface StateFolder {
  readonly dataDir: string;
  readonly manifestPath: string;
  readonly manifest: Manifest;
  readonly paths: StatePaths;
  desired(states: Readonly<Record<string, 'running' | 'stopped'>>, generation?: number): Promise<void>;
  run(id: string, run: Partial<RunState>): Promise<void>;
  heartbeat(heartbeat: Partial<Heartbeat>): Promise<void>;
}

export async function createStateFolder({
  dataDir,
  port = 1,
  change = (manifest: Manifest) => manifest,
}: {
  dataDir?: string;
  port?: number;
  change?: (manifest: Manifest) => Manifest;
} = {}): Promise<StateFolder> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'orchestrator-panel-')));
  await mkdir(folder, { recursive: true });
  const source: Manifest = JSON.parse(await readFile(resolve('deploy/local/orchestrator.json'), 'utf8'));
  const { $schema: _, ...rest } = source;
  const manifest = change({
    ...rest,
    paths: { data: folder, logs: join(folder, 'logs') },
    services: rest.services.map((service) => (service.id === 'panel' ? { ...service, port } : service)),
  });
  const manifestPath = join(folder, 'orchestrator.json');
  await writeFile(manifestPath, JSON.stringify(manifest));
  const paths = statePaths(folder);
  return {
    dataDir: folder,
    manifestPath,
    manifest,
    paths,
    desired: (states, generation = 1) => writeState(paths.desired, desiredFile(states, generation)),
    run: (id, run) => writeState(paths.run(id), runFile(id, run)),
    heartbeat: (heartbeat) => writeState(paths.guardian, heartbeatFile(heartbeat)),
  };
}

/** Adds a service that lacks a file, and one that runs elsewhere. */
export function withMoreServices(manifest: Manifest): Manifest {
  const [panel] = manifest.services;
  if (!panel) return manifest;
  const like = { ...panel, dependsOn: [], aliases: [], port: null };
  const trainer = {
    ...like,
    id: 'trainer',
    serviceName: 'OrchestratorTrainer',
    displayName: 'LoRA trainer',
    requires: [join(manifest.paths.data, 'trainer', 'train.py')],
    health: { kind: 'process' as const, startupGraceMs: 0 },
  };
  const upscaler = {
    ...like,
    id: 'upscaler',
    serviceName: 'ImageUpscaler',
    displayName: 'Upscaler',
    mode: 'external' as const,
    command: null,
    host: '192.0.2.10',
    port: 9000,
  };
  return { ...manifest, services: [...manifest.services, trainer, upscaler] };
}

export function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}

export function desiredFile(
  states: Readonly<Record<string, 'running' | 'stopped'>>,
  generation = 1,
): Desired {
  const entries = Object.entries(states).map(
    ([id, state]) => [id, { state, generation, at: ago(3_600_000), by: 'operator' as const }] as const,
  );
  return { version: 1, services: Object.fromEntries(entries) };
}

/** A program that runs: by default this very process. */
export function runFile(id: string, run: Partial<RunState> = {}): RunState {
  return {
    version: 1,
    id,
    state: 'Running',
    hostProcessId: process.pid,
    hostStart: processStart(process.pid),
    socket: '/nowhere',
    processId: process.pid,
    processStart: processStart(process.pid),
    startedAt: ago(7_380_000),
    endedAt: null,
    exitCode: null,
    signal: null,
    launches: 1,
    error: null,
    updatedAt: ago(1000),
    ...run,
  };
}

export function viewFile(view: Partial<GuardianService> = {}): GuardianService {
  return {
    state: 'healthy',
    since: ago(600_000),
    reason: 'It answers.',
    attempts: 0,
    maxAttempts: 3,
    lastHealthyAt: ago(2000),
    nextAction: null,
    nextActionAt: null,
    generation: 1,
    failures: 0,
    processId: process.pid,
    hold: null,
    latencyMs: 4,
    incidentId: null,
    ...view,
  };
}

export function incidentFile(incident: Partial<Incident> = {}): Incident {
  return {
    version: 1,
    id: 'i-1',
    service: 'comfyui',
    openedAt: ago(900_000),
    closedAt: null,
    outcome: 'open',
    cause: 'exited with code 1',
    exitCode: 1,
    signal: null,
    evidence: [],
    attempts: [],
    advice: 'Read its log: Get-OrchestratorLog comfyui -Tail 50',
    ...incident,
  };
}

export function heartbeatFile(heartbeat: Partial<Heartbeat> = {}): Heartbeat {
  return {
    version: 1,
    processId: process.pid,
    startedAt: ago(7_200_000),
    at: ago(500),
    cycle: 480,
    services: {},
    disks: [],
    memory: null,
    incidents: [],
    ...heartbeat,
  };
}
