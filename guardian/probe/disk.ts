import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Manifest } from '../../core/contract/manifest.ts';
import type { Heartbeat } from '../../core/contract/state.ts';

export type DiskSample = Heartbeat['disks'][number];

const patienceMs = 5000;
const gigabyte = 1024 ** 3;

/** Every path that a manifest names and that can lie on a disk of this system. */
export function manifestPaths(
  { paths, panel, services }: Manifest,
  platform: NodeJS.Platform = process.platform,
): string[] {
  const all = [
    paths.data,
    paths.logs,
    ...(panel.tls ? [panel.tls.certFile, panel.tls.keyFile] : []),
    ...services.flatMap(({ mode, cwd, command, requires, logs }) =>
      mode === 'external'
        ? []
        : [cwd, ...(command ? [command.file] : []), ...requires, logs.stdout, logs.stderr],
    ),
  ];
  // A bare program name lies nowhere in particular.
  const usable = all.filter((path) => (platform === 'win32' ? /[\\/]/.test(path) : path.startsWith('/')));
  return [...new Set(usable)];
}

/**
 * Free space of every volume that one of the paths lies on, each volume once, named by the first path on it. A volume
 * that does not answer in time, such as a lost network drive, is left out: no result.
 */
export async function probeDisks({
  paths,
  lowGb,
}: {
  paths: readonly string[];
  lowGb: number;
}): Promise<DiskSample[]> {
  const found = await Promise.all(paths.map((path) => inTime(existingParent(path))));
  const volumes = new Map<number, string>();
  for (const place of found) {
    if (place && !volumes.has(place.device)) volumes.set(place.device, place.path);
  }
  const samples = await Promise.all([...volumes.values()].map((path) => inTime(measure(path, lowGb))));
  return samples.filter((sample) => sample !== null);
}

async function existingParent(path: string): Promise<{ path: string; device: number } | null> {
  for (let at = path; ; at = dirname(at)) {
    try {
      return { path: at, device: (await stat(at)).dev };
    } catch {
      if (dirname(at) === at) return null;
    }
  }
}

async function measure(path: string, lowGb: number): Promise<DiskSample | null> {
  const { bsize, bavail, blocks } = await statfs(path);
  if (blocks === 0) return null;
  const freeBytes = bsize * bavail;
  return { path, freeBytes, totalBytes: bsize * blocks, low: freeBytes < lowGb * gigabyte };
}

async function inTime<T>(work: Promise<T | null>): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, patienceMs, null);
  try {
    return await Promise.race([work, late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
