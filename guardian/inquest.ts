import type { Clock } from './clock.ts';
import type { IncidentBook } from './incident/book.ts';
import { gatherEvidence, type LogMarks, markLogs } from './incident/evidence.ts';
import type { Fault } from './policy/types.ts';
import type { PortOwners } from './probe/portOwner.ts';
import type { Sights } from './sights.ts';
import type { Watched } from './watched.ts';

/** The host writes the last lines of a dead program to their file within this. */
const flushMs = 200;

/** A mark later than this after the start could lie behind the very lines that tell why it ended. */
const promptMs = 50;

/** Finds out more about incidents. Never rejects. */
export interface Inquest {
  /** To be told of each new process as soon as it is seen, so that its lines can be told from earlier ones. */
  began(watched: Watched): Promise<void>;
  /** An incident was just opened. */
  opened(
    watched: Watched,
    fault: Fault,
    /** The restart that answers to it, when one is under way: before the next program is spawned all lines are there. */
    acting: Promise<unknown> | null,
  ): Promise<void>;
}

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

  const marks = new Map<string, { startedAt: number; logs: LogMarks }>();

  async function opened(watched: Watched, fault: Fault, acting: Promise<unknown> | null): Promise<void> {
    const id = watched.state.incidentId;
    if (id === null) return;
    const { logs } = watched.service;
    const sight = sights.of(watched.service.id);
    const startedAt = sight === null || sight.kind === 'changing' ? null : sight.startedAt;
    const ended = fault.kind === 'exited' || fault.kind === 'failed';
    const mark = marks.get(watched.service.id);
    const begun = mark && mark.startedAt === startedAt ? mark.logs : null;
    // Asked before a new program of ours takes the port.
    const holder = ended ? holderOfPort(watched).catch(() => null) : null;
    if (ended) {
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.after(acting === null ? flushMs : flushMs * 10, resolve);
      await Promise.race([acting, promise].filter((one) => one !== null));
    }
    const evidence = await gatherEvidence({ ...logs, startedAt, begun });
    const stranger = await holder;
    book.enrich(id, { evidence, ...(stranger ? { cause: `${fault.cause}; ${stranger}` } : {}) });
  }

  return {
    opened,
    async began({ service }) {
      const sight = sights.of(service.id);
      if (sight?.kind !== 'running' || sight.startedAt === null) return;
      if (clock.now() - sight.startedAt > promptMs) return;
      marks.set(service.id, { startedAt: sight.startedAt, logs: await markLogs(service.logs) });
    },
  };
}
