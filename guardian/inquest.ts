import type { Clock } from './clock.ts';
import type { IncidentBook } from './incident/book.ts';
import { gatherEvidence } from './incident/evidence.ts';
import type { Fault } from './policy/types.ts';
import type { PortOwners } from './probe/portOwner.ts';
import type { Sights } from './sights.ts';
import type { Watched } from './watched.ts';

/** The host writes the last lines of a dead program to their file within this. */
const flushMs = 200;

/** Finds out more about an incident that was just opened. Never rejects. */
export type Inquest = (
  watched: Watched,
  fault: Fault,
  /** The restart that answers to it, when one is under way: before the next program is spawned all lines are there. */
  acting: Promise<unknown> | null,
) => Promise<void>;

export function createInquest({
  clock,
  owners,
  sights,
  book,
}: {
  clock: Clock;
  owners: PortOwners;
  sights: Sights;
  book: IncidentBook;
}): Inquest {
  async function holderOfPort({ service, policy }: Watched): Promise<string | null> {
    const { host, port } = service;
    if (port === null || policy.external) return null;
    const question = { host, port, processId: null, hostProcessId: sights.hostOf(service.id) };
    const [owner] = await owners.ask([question]);
    return owner?.kind === 'stranger' ? `port ${port} is held by ${owner.label}` : null;
  }

  return async (watched, fault, acting) => {
    const id = watched.state.incidentId;
    if (id === null) return;
    const { logs } = watched.service;
    const sight = sights.of(watched.service.id);
    const startedAt = sight === null || sight.kind === 'changing' ? null : sight.startedAt;
    const ended = fault.kind === 'exited' || fault.kind === 'failed';
    // Asked before a new program of ours takes the port.
    const holder = ended ? holderOfPort(watched).catch(() => null) : null;
    if (ended) {
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.after(acting === null ? flushMs : flushMs * 10, resolve);
      await Promise.race([acting, promise].filter((one) => one !== null));
    }
    const evidence = await gatherEvidence({ ...logs, startedAt });
    const stranger = await holder;
    book.enrich(id, { evidence, ...(stranger ? { cause: `${fault.cause}; ${stranger}` } : {}) });
  };
}
