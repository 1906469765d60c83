import { readdir, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Service } from '../core/contract/manifest.ts';
import { rotatedAt } from '../core/logs/rotatedName.ts';
import { selectForPruning } from './host/rotation.ts';

export interface Pruned {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Removes rotated log files that are too old or too many, by each service's own limits. Nobody else does it for a
 * program that writes little or not at all any more. Live files are never touched. Never rejects.
 */
export async function pruneLogs({
  services,
  now,
}: {
  services: readonly Service[];
  now: number;
}): Promise<Pruned> {
  const names = new Map<string, string[]>();
  let files = 0;
  let bytes = 0;
  for (const { mode, logs } of services) {
    if (mode === 'external') continue;
    for (const live of new Set([logs.stdout, logs.stderr])) {
      const folder = dirname(live);
      const there = names.get(folder) ?? (await readdir(folder).catch(() => [] as string[]));
      names.set(folder, there);
      const rotated = await sizesOf(
        folder,
        there.filter((name) => rotatedAt(basename(live), name) !== null),
      );
      const { keepBytes, keepDays } = logs;
      for (const name of selectForPruning({ live, files: rotated, keepBytes, keepDays, now })) {
        if (!(await removed(join(folder, name)))) continue;
        files += 1;
        bytes += rotated.find((file) => file.name === name)?.bytes ?? 0;
      }
    }
  }
  return { files, bytes };
}

async function sizesOf(folder: string, names: readonly string[]): Promise<{ name: string; bytes: number }[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const facts = await stat(join(folder, name)).catch(() => null);
      return facts?.isFile() ? { name, bytes: facts.size } : null;
    }),
  );
  return found.filter((file) => file !== null);
}

async function removed(file: string): Promise<boolean> {
  try {
    await unlink(file);
    return true;
  } catch {
    // Open elsewhere on Windows, or gone already: the next round tries again.
    return false;
  }
}
