import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Manifest, manifestSchema, type Service } from '../../../core/contract/manifest.ts';
import {
  type Heartbeat,
  heartbeatSchema,
  type Incident,
  incidentSchema,
} from '../../../core/contract/state.ts';
import { absolutePaths } from '../../../core/manifest/load.ts';
import { statePaths } from '../../../core/state/paths.ts';
import type { Actor } from '../../../guardian/actor.ts';
import type { Clock } from '../../../guardian/clock.ts';
import { createHostWatch } from '../../../guardian/hostWatch.ts';
import { Guardian, type GuardianParts } from '../../../guardian/loop.ts';
import type { ActionResult, Desire, PortOwner, ProcessSight } from '../../../guardian/policy/types.ts';
import type { DiskSample } from '../../../guardian/probe/disk.ts';
import type { HttpAnswer } from '../../../guardian/probe/http.ts';
import type { MemorySample } from '../../../guardian/probe/memory.ts';
import type { OwnerQuestion } from '../../../guardian/probe/portOwner.ts';
import { noRecorder } from '../../../guardian/recorder.ts';

const local = fileURLToPath(new URL('../../../deploy/local/orchestrator.json', import.meta.url));

/** The local manifest's services as they are, with everything below `folder`. */
export function testManifest(
  folder: string,
  change: (service: Service) => Service = (same) => same,
): Manifest {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(local, 'utf8')));
  const paths = { data: join(folder, 'data'), logs: join(folder, 'logs') };
  const inFolder = absolutePaths({ ...manifest, paths }, folder);
  const services = inFolder.services.map((service) => {
    const at = (stream: string) => join(paths.logs, `${service.id}-${stream}.log`);
    return change({
      ...service,
      cwd: folder,
      logs: { ...service.logs, stdout: at('stdout'), stderr: at('stderr') },
    });
  });
  return { ...inFolder, services };
}

export function temporaryFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'guardian-'));
  mkdirSync(join(path, 'data'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Time that stands still until it is moved. File system work between two timers is waited for. */
export class FakeClock implements Clock {
  #now = Date.parse('2026-01-02T03:04:05.000Z');
  readonly #timers = new Set<{ at: number; action: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#now + ms, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const next = await this.#nearest(end);
      if (!next) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
      await quiet();
    }
    this.#now = end;
    await quiet();
  }

  /** A living guardian looks twice a second: while no such timer is there, its last look is still being worked on. */
  async #nearest(end: number) {
    for (let patience = 50; ; patience--) {
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      const near = next && next.at - this.#now <= 500;
      if (near || end - this.#now < 500 || patience === 0) return next && next.at <= end ? next : null;
      await quiet();
    }
  }
}

/** Resolves when no file system work is under way, and what waited for it has gone on. */
export async function quiet(): Promise<void> {
  for (let calm = 0; calm < 4; calm++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (process.getActiveResourcesInfo().some((kind) => kind.includes('Req'))) calm = 0;
  }
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
  readonly fields: Record<string, unknown>;
}

/** A world in which services die, hang and come back as a test says. */
export function createWorld(folder: string, manifest = testManifest(folder)) {
  const clock = new FakeClock();
  const sights = new Map<string, ProcessSight | null>();
  const wishes = new Map<string, Desire>();
  const answers = new Map<string, HttpAnswer | null>();
  const owners = new Map<number, PortOwner>();
  const calls: { id: string; expectedProcessId: number; at: number; file: Heartbeat | null }[] = [];
  const lines: LogLine[] = [];
  const usurpers: number[] = [];
  const paths = statePaths(manifest.paths.data);
  let disks: DiskSample[] = [];
  let memory: MemorySample | null = null;
  let nextPid = 1000;
  const changed = new Set<string>();

  const world = {
    manifest,
    paths,
    clock,
    calls,
    lines,
    usurpers,
    sights,
    answers,
    owners,
    /** What the module does when it is asked; a test may replace it. */
    module: async (id: string): Promise<ActionResult> => {
      world.run(id);
      return { kind: 'done' };
    },
    run(id: string): number {
      nextPid += 1;
      world.see(id, { kind: 'running', processId: nextPid, startedAt: clock.now(), hosted: true });
      return nextPid;
    },
    die(id: string, exitCode: number | null = null): void {
      const before = sights.get(id);
      const startedAt = before && before.kind !== 'changing' ? before.startedAt : null;
      const signal = exitCode === null ? 'SIGKILL' : null;
      world.see(id, {
        kind: 'gone',
        how: 'exited',
        startedAt,
        at: clock.now(),
        exitCode,
        signal,
        error: null,
      });
    },
    see(id: string, sight: ProcessSight | null): void {
      sights.set(id, sight);
      changed.add(id);
    },
    answer(id: string, status: number | null): void {
      const healthy = status !== null && status < 400;
      const detail = status === null ? 'connection refused' : `answers with status ${status}`;
      answers.set(id, { healthy, latencyMs: healthy ? 2 : null, detail, answered: status !== null });
    },
    wish(id: string, state: Desire['state']): void {
      wishes.set(id, { state, generation: (wishes.get(id)?.generation ?? 0) + 1, at: clock.now() });
    },
    set disks(value: DiskSample[]) {
      disks = value;
    },
    set memory(value: MemorySample | null) {
      memory = value;
    },
    heartbeat: (): Heartbeat => heartbeatSchema.parse(JSON.parse(readFileSync(paths.guardian, 'utf8'))),
    incident: (id: string): Incident =>
      incidentSchema.parse(JSON.parse(readFileSync(paths.incident(id), 'utf8'))),
    said: (pattern: RegExp, level?: LogLine['level']) =>
      lines.filter((line) => pattern.test(line.text) && (level === undefined || line.level === level)),
    guardian: (change: Partial<GuardianParts> = {}) => new Guardian({ ...parts(), ...change }),
  };

  const actor: Actor = {
    restart: (id, expectedProcessId) => {
      let file: Heartbeat | null = null;
      try {
        file = world.heartbeat();
      } catch {
        file = null;
      }
      calls.push({ id, expectedProcessId, at: clock.now(), file });
      return world.module(id);
    },
  };
  const write =
    (level: LogLine['level']) =>
    (first: unknown, second?: unknown): void => {
      const fields = typeof first === 'object' && first !== null ? { ...first } : {};
      lines.push({ level, text: String(second ?? first), fields });
    };
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };

  function parts(): GuardianParts {
    const byPort = new Map(manifest.services.map(({ id, port }) => [port, id]));
    return {
      manifest,
      paths,
      clock,
      log: log as GuardianParts['log'],
      actor,
      sights: {
        of: (id) => sights.get(id) ?? null,
        hostOf: () => null,
        reread: async (id) => changed.delete(id),
        poll: () => {
          const ids = [...changed];
          changed.clear();
          return ids;
        },
        unexplained: false,
      },
      manager: null,
      wishes: { reread: async () => true, of: (id) => wishes.get(id) },
      probes: {
        http: async ({ address }) => answers.get(byPort.get(Number(new URL(address).port)) ?? '') ?? null,
        queue: async () => null,
        owners: {
          ask: async (questions: readonly OwnerQuestion[]) =>
            questions.map(({ port }): PortOwner => owners.get(port) ?? { kind: 'unknown' }),
        },
      },
      host: createHostWatch({
        thresholds: manifest.thresholds,
        probeDisks: async () => disks,
        probeMemory: async () => memory,
        log: log as GuardianParts['log'],
      }),
      recorder: noRecorder,
      exists: async () => true,
      random: () => 0.5,
      processId: process.pid,
      version: '0.0.0',
      onUsurped: (processId) => usurpers.push(processId),
    };
  }

  for (const { id, health } of manifest.services) {
    if (health.kind === 'heartbeat') continue;
    wishes.set(id, { state: 'running', generation: 1, at: clock.now() - 3_600_000 });
    world.answer(id, 200);
    world.see(id, {
      kind: 'running',
      processId: nextPid++,
      startedAt: clock.now() - 3_600_000,
      hosted: true,
    });
  }
  return world;
}
