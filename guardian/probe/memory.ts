import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import type { Heartbeat } from '../../core/contract/state.ts';

export type MemorySample = NonNullable<Heartbeat['memory']>;

/** How much of the host's memory is in use. Null is no result. */
export async function probeMemory({
  thresholdPercent,
  meminfo = '/proc/meminfo',
  platform = process.platform,
}: {
  thresholdPercent: number;
  meminfo?: string;
  platform?: NodeJS.Platform;
}): Promise<MemorySample | null> {
  // Node's freemem leaves out what Linux would give back from its caches.
  const sizes =
    platform === 'linux' ? await fromMeminfo(meminfo) : { total: totalmem(), available: freemem() };
  if (sizes === null || sizes.total <= 0) return null;
  const usedPercent = Math.round((1 - sizes.available / sizes.total) * 1000) / 10;
  return {
    totalBytes: sizes.total,
    availableBytes: sizes.available,
    usedPercent,
    high: usedPercent > thresholdPercent,
  };
}

async function fromMeminfo(file: string): Promise<{ total: number; available: number } | null> {
  try {
    const text = await readFile(file, 'utf8');
    const bytes = (name: string) => {
      const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text);
      return match?.[1] === undefined ? null : Number(match[1]) * 1024;
    };
    const total = bytes('MemTotal');
    const available = bytes('MemAvailable');
    return total === null || available === null ? null : { total, available };
  } catch {
    return null;
  }
}
