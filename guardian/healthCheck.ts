import { setTimeout as pause } from 'node:timers/promises';
import { serviceAddress } from '../core/manifest/address.ts';
import { isHealthy } from './policy/probeVerdict.ts';
import type { PortOwner, ProbeResult } from './policy/types.ts';
import type { QueueLook } from './probe/comfyQueue.ts';
import type { HttpAnswer } from './probe/http.ts';
import type { OwnerQuestion, PortOwners } from './probe/portOwner.ts';
import type { Sights } from './sights.ts';
import type { Watched } from './watched.ts';

export interface HealthProbes {
  http(request: {
    address: string;
    path: string;
    timeoutMs: number;
    signal: AbortSignal;
  }): Promise<HttpAnswer | null>;
  queue(request: { address: string; timeoutMs: number }): Promise<QueueLook | null>;
  readonly owners: PortOwners;
}

const unknown: PortOwner = { kind: 'unknown' };
const alive: ProbeResult = { healthy: true, latencyMs: null, detail: '', answered: false, owner: unknown };

/** Of many services, so many are asked at once, and the next so much later. */
const together = 20;
const gapMs = 20;

export interface HealthCheck {
  /** Asks all of these at the same time and hands each answer on as it comes. Resolves when the last one is in. */
  check(
    list: readonly Watched[],
    onAnswer: (watched: Watched, probe: ProbeResult | null) => void,
  ): Promise<void>;
}

export function createHealthCheck({
  probes,
  sights,
  signal,
}: {
  probes: HealthProbes;
  sights: Sights;
  signal: AbortSignal;
}): HealthCheck {
  const processOf = (id: string) => {
    const sight = sights.of(id);
    return sight?.kind === 'running' ? sight.processId : null;
  };

  async function ask(watched: Watched, owner: Promise<PortOwner>): Promise<ProbeResult | null> {
    const { service, busy } = watched;
    const address = serviceAddress(service);
    if (service.health.kind !== 'http' || address === null) return alive;
    const { path, timeoutMs } = service.health;
    const asked = processOf(service.id);
    const answer = await probes.http({ address, path, timeoutMs, signal });
    if (answer === null || signal.aborted) return null;
    const result = { ...answer, owner: await owner };
    if (busy) {
      if (isHealthy(result)) await busy.saw(await probes.queue({ address, timeoutMs }));
      else await busy.silent();
    }
    // The answer of a process that is no longer the one there says nothing about the one that is.
    return processOf(service.id) === asked ? result : null;
  }

  function ownersOf(list: readonly Watched[]): Promise<PortOwner>[] {
    const questions = list.map(({ service }) => questionOf(service, sights));
    const asked = questions.filter((question) => question !== null);
    const answers = probes.owners.ask(asked);
    return questions.map(async (question) =>
      question === null ? unknown : ((await answers)[asked.indexOf(question)] ?? unknown),
    );
  }

  return {
    async check(list, onAnswer) {
      const free = list.filter(({ probing }) => !probing);
      for (const watched of free) watched.probing = true;
      const owners = ownersOf(free);
      await Promise.all(
        free.map(async (watched, index) => {
          // So many at the very same moment would be a burst of load here and there.
          if (index >= together) await pause(Math.floor(index / together) * gapMs);
          const probe = await ask(watched, owners[index] ?? Promise.resolve(unknown));
          watched.probing = false;
          if (!signal.aborted) onAnswer(watched, probe);
        }),
      );
    },
  };
}

/** Null where it does not matter who answers. */
export function questionOf(
  { id, mode, host, port, health }: Watched['service'],
  sights: Sights,
): OwnerQuestion | null {
  const sight = sights.of(id);
  if (mode === 'external' || port === null || health.kind !== 'http' || sight?.kind !== 'running')
    return null;
  return { host, port, processId: sight.processId, hostProcessId: sights.hostOf(id) };
}
