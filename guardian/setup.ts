import { access, mkdir } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../core/contract/manifest.ts';
import type { Logger } from '../core/logger.ts';
import { statePaths } from '../core/state/paths.ts';
import type { Actor } from './actor.ts';
import { systemClock } from './clock.ts';
import { watchFolder } from './fileWatch.ts';
import { isAlive } from './host/procfs.ts';
import { createHostWatch } from './hostWatch.ts';
import { Guardian } from './loop.ts';
import type { ManagerWatch } from './managerWatch.ts';
import { probeComfyQueue } from './probe/comfyQueue.ts';
import { manifestPaths, probeDisks } from './probe/disk.ts';
import { probeHttp } from './probe/http.ts';
import { probeMemory } from './probe/memory.ts';
import { createLinuxPortOwners, noPortOwners } from './probe/portOwner.ts';
import { openRecorder } from './recorder.ts';
import { createRunFileSights } from './sights.ts';
import { createWishes } from './wishes.ts';

export interface Setup {
  readonly guardian: Guardian;
  /** Ends the rounds and what follows the files. */
  close(): void;
}

/** A guardian on this machine, with everything real that it needs. */
export async function setUp({
  manifest,
  actor,
  manager,
  log,
  version,
  onUsurped,
}: {
  manifest: Manifest;
  actor: Actor;
  /** Null where hosts write the run files. */
  manager: ManagerWatch | null;
  log: Logger;
  version: string;
  onUsurped: (processId: number) => void;
}): Promise<Setup> {
  const clock = systemClock;
  const paths = statePaths(manifest.paths.data);
  const warn = (detail: string) => log.warn({ detail }, detail);
  await mkdir(paths.runDir, { recursive: true });
  const wishes = createWishes({ file: paths.desired, onWarning: warn });
  const sights = createRunFileSights({
    services: manifest.services.filter(
      ({ mode, health }) => mode !== 'external' && health.kind !== 'heartbeat',
    ),
    paths,
    isAlive,
    exists: processExists,
    bootAt: clock.now() - uptime() * 1000,
    now: () => clock.now(),
    relayed: manager !== null,
    trusted: () => manager === null || manager.answered,
    onWarning: (_, warning) => warn(warning),
  });
  const { diskFreeGb, memoryPercent } = manifest.thresholds;
  const disks = manifestPaths(manifest);
  const host = createHostWatch({
    thresholds: manifest.thresholds,
    probeDisks: () => probeDisks({ paths: disks, lowGb: diskFreeGb }),
    probeMemory: () => probeMemory({ thresholdPercent: memoryPercent }),
    log,
  });
  const recorder = await openRecorder({ path: paths.history, now: () => clock.now(), onTrouble: warn });
  const owners = process.platform === 'linux' ? createLinuxPortOwners() : noPortOwners;
  const guardian = new Guardian({
    manifest,
    paths,
    clock,
    log,
    actor,
    manager,
    sights,
    wishes,
    probes: { http: probeHttp, queue: probeComfyQueue, owners },
    host,
    recorder,
    exists: (path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    random: Math.random,
    processId: process.pid,
    version,
    onUsurped,
  });
  const unwatch = follow({ guardian, data: manifest.paths.data, runDir: paths.runDir, log });
  return {
    guardian,
    close() {
      guardian.stop();
      unwatch();
      recorder.close();
    },
  };
}

function follow({
  guardian,
  data,
  runDir,
  log,
}: {
  guardian: Guardian;
  data: string;
  runDir: string;
  log: Logger;
}): () => void {
  const failed = (error: unknown) => log.error({ detail: String(error) }, 'a change could not be followed');
  const onTrouble = (error: unknown) =>
    log.warn({ detail: String(error) }, 'changes cannot be watched here; they are looked for twice a second');
  const ends = [
    watchFolder({
      folder: runDir,
      onChange: (name) => void guardian.runChanged(name.replace(/\.json$/, '')).catch(failed),
      onTrouble,
    }),
    watchFolder({
      folder: data,
      onChange: (name) => {
        if (join(data, name) === statePaths(data).desired) void guardian.desiredChanged().catch(failed);
      },
      onTrouble,
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function processExists(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
