import { cpus, freemem, hostname, platform, release, totalmem, uptime, version } from 'node:os';
import type { HostFacts } from '../../../core/contract/host.ts';
import { createPolling, type Polling } from '../polling.ts';
import { type CpuTimes, sumTimes, usedPercent } from './cpu.ts';

export interface HostWatch extends Polling<HostFacts> {
  /** Looks now; the processors' load is that since the last look. */
  current(): HostFacts;
}

export function createHostWatch({
  orchestrator,
  everyMs = 5000,
  look = cpus,
}: {
  /** Version of this program. */
  orchestrator: string;
  everyMs?: number;
  look?: typeof cpus;
}): HostWatch {
  const processors = look();
  const fixed = {
    name: hostname(),
    platform: platform(),
    system: systemName(),
    model: processors[0]?.model.trim().replace(/\s+/g, ' ') ?? '',
    count: processors.length,
  };
  let before: CpuTimes = sumTimes(processors);
  let percent: number | null = null;

  function current(): HostFacts {
    const now = sumTimes(look());
    const share = usedPercent(before, now);
    // Two looks in the same tick say nothing; the last answer still holds.
    if (share !== null) {
      percent = share;
      before = now;
    }
    const { name, platform: system, model, count } = fixed;
    return {
      at: new Date().toISOString(),
      name,
      platform: system,
      system: fixed.system,
      cpu: { model, count, usedPercent: percent },
      memory: { totalBytes: totalmem(), availableBytes: freemem() },
      uptimeSeconds: Math.round(uptime()),
      versions: { orchestrator, node: process.version },
    };
  }

  return { current, ...createPolling({ everyMs, look: current }) };
}

/** Linux calls its build a version; what a person knows it by is the release. */
function systemName(): string {
  return platform() === 'win32' ? version() : `${platform() === 'darwin' ? 'macOS' : 'Linux'} ${release()}`;
}
