import type { CpuInfo } from 'node:os';

export interface CpuTimes {
  readonly busy: number;
  readonly all: number;
}

/** The sum over all processors, in milliseconds since the start of the machine. */
export function sumTimes(processors: readonly Pick<CpuInfo, 'times'>[]): CpuTimes {
  let busy = 0;
  let idle = 0;
  for (const { times } of processors) {
    busy += times.user + times.nice + times.sys + times.irq;
    idle += times.idle;
  }
  return { busy, all: busy + idle };
}

/** Share of the time between two looks, 0 to 100; null when none has passed, or a counter went back. */
export function usedPercent(before: CpuTimes, after: CpuTimes): number | null {
  const all = after.all - before.all;
  const busy = after.busy - before.busy;
  if (all <= 0 || busy < 0) return null;
  return Math.min(100, Math.round((busy / all) * 1000) / 10);
}
