import type { Manifest } from '../core/contract/manifest.ts';
import type { DiskSample } from './probe/disk.ts';
import type { MemorySample } from './probe/memory.ts';
import { gigabytes, type Log } from './report.ts';

/** The machine's disks and memory: what they are, and a line when one crosses its threshold. */
export interface HostWatch {
  measureDisks(): Promise<void>;
  measureMemory(): Promise<void>;
  readonly disks: readonly DiskSample[];
  readonly memory: MemorySample | null;
}

/** A value that hovers about its threshold is told of once: it must clear it by this share to count as well again. */
const margin = 0.05;

export function createHostWatch({
  thresholds,
  probeDisks,
  probeMemory,
  log,
}: {
  thresholds: Manifest['thresholds'];
  probeDisks: () => Promise<DiskSample[]>;
  probeMemory: () => Promise<MemorySample | null>;
  log: Log;
}): HostWatch {
  let disks: readonly DiskSample[] = [];
  let memory: MemorySample | null = null;
  const lowBefore = new Set<string>();
  let highBefore = false;
  return {
    async measureDisks() {
      disks = await probeDisks();
      for (const { path, freeBytes, low } of disks) {
        const was = lowBefore.has(path);
        const clearly = freeBytes > thresholds.diskFreeGb * 1024 ** 3 * (1 + margin);
        if (low === was || (was && !clearly)) continue;
        const fields = { disk: path, freeBytes };
        const free = `${gigabytes(freeBytes)} GB free on the disk of ${path}`;
        if (low) log.warn(fields, `low disk: only ${free}; the limit is ${thresholds.diskFreeGb} GB`);
        else log.info(fields, `disk: ${free} again`);
        if (low) lowBefore.add(path);
        else lowBefore.delete(path);
      }
    },
    async measureMemory() {
      memory = await probeMemory();
      if (memory === null || memory.high === highBefore) return;
      const clearly = memory.usedPercent < thresholds.memoryPercent * (1 - margin);
      if (highBefore && !clearly) return;
      highBefore = memory.high;
      const { usedPercent, high } = memory;
      const used = `${Math.round(usedPercent)} % in use`;
      if (high) log.warn({ usedPercent }, `high memory: ${used}; the limit is ${thresholds.memoryPercent} %`);
      else log.info({ usedPercent }, `memory: ${used} again`);
    },
    get disks() {
      return disks;
    },
    get memory() {
      return memory;
    },
  };
}
