import { readdir, unlink } from 'node:fs/promises';
import type { Service } from '../../core/contract/manifest.ts';
import { type Incident, incidentSchema } from '../../core/contract/state.ts';
import { readState, writeState } from '../../core/state/files.ts';
import type { StatePaths } from '../../core/state/paths.ts';
import type { Decision, Fault, Instant, ServicePolicy, ServiceState } from '../policy/types.ts';
import { adviceFor } from './advice.ts';
import { follow, incidentId, openIncident } from './record.ts';

/** Incidents shown in the heartbeat. */
const mostShown = 20;
const fileName = /^(\d{8}T\d{9}Z-[a-z][a-z0-9-]*)\.json$/;

export interface IncidentBook {
  /** Reads what former guardians wrote. */
  load(openIds: readonly string[]): Promise<void>;
  /** Takes note of a decision. The answer is the id of the service's incident, to be kept in its state. */
  note(about: {
    service: Service;
    policy: ServicePolicy;
    before: ServiceState;
    decision: Decision;
    now: Instant;
  }): {
    incidentId: string | null;
    opened: boolean;
  };
  /** Adds what was found out later. */
  enrich(id: string, found: { evidence?: string[]; cause?: string }): void;
  /** The newest first. */
  readonly recent: readonly Incident[];
  /** Every incident there is a file of, newest first. */
  all(): Promise<Incident[]>;
  /** Removes the files of those that were opened before. */
  forget(before: Instant): Promise<number>;
  /** Resolves when all is written. */
  settled(): Promise<void>;
}

/** Keeps incidents/<id>.json: one record from the first failure to recovery, exhaustion or a stop. */
export function createIncidentBook({
  paths,
  onChange,
  onTrouble,
}: {
  paths: StatePaths;
  onChange: (incident: Incident) => void;
  onTrouble: (detail: string) => void;
}): IncidentBook {
  /** By id: the newest, and those that are still of interest to a service. */
  const known = new Map<string, Incident>();
  const kinds = new Map<string, Fault['kind']>();
  let writing: Promise<void> = Promise.resolve();

  function put(incident: Incident): void {
    known.set(incident.id, incident);
    onChange(incident);
    writing = writing
      .then(() => writeState(paths.incident(incident.id), incident))
      .catch((error: unknown) => onTrouble(`an incident could not be written: ${String(error)}`));
  }

  function trim(): void {
    const closed = sorted(known.values()).filter(
      ({ outcome }) => outcome !== 'open' && outcome !== 'exhausted',
    );
    for (const { id } of closed.slice(mostShown)) {
      known.delete(id);
      kinds.delete(id);
    }
  }

  async function ids(): Promise<string[]> {
    const names = await readdir(paths.incidentDir).catch(() => [] as string[]);
    return names.flatMap((name) => fileName.exec(name)?.[1] ?? []).sort((a, b) => (a < b ? 1 : -1));
  }

  async function read(id: string): Promise<Incident | null> {
    const { value, warning } = await readState(paths.incident(id), incidentSchema);
    if (warning) onTrouble(warning);
    return value;
  }

  return {
    async load(openIds) {
      const newest = (await ids()).slice(0, mostShown);
      for (const id of new Set([...newest, ...openIds])) {
        const incident = await read(id);
        if (incident) known.set(id, incident);
      }
    },
    note({ service, policy, before, decision, now }) {
      const { state, fault } = decision;
      const adviceOf = (kind: Fault['kind'], outcome: Incident['outcome']) =>
        adviceFor({ id: service.id, kind, outcome, restart: policy.external ? 'external' : policy.restart });
      const current = state.incidentId === null ? undefined : known.get(state.incidentId);
      // A person began anew: what was given up before is over.
      const old = current?.outcome === 'exhausted' && state.generation !== before.generation;
      if (current && !old) {
        const next = follow(current, before, decision, now);
        if (next !== current) {
          const kind =
            kinds.get(current.id) ?? fault?.kind ?? (current.exitCode === null ? 'silent' : 'exited');
          put({ ...next, advice: adviceOf(kind, next.outcome) });
          trim();
        }
        const over = next.outcome === 'recovered' || next.outcome === 'stopped';
        return { incidentId: over ? null : current.id, opened: false };
      }
      if (!fault?.confirmed) return { incidentId: null, opened: false };
      const openedAt = before.state === 'suspect' ? before.since : now;
      const fresh = openIncident({
        service: service.id,
        fault,
        openedAt,
        advice: adviceOf(fault.kind, 'open'),
      });
      kinds.set(fresh.id, fault.kind);
      put(follow(fresh, before, decision, now));
      return { incidentId: fresh.id, opened: true };
    },
    enrich(id, { evidence, cause }) {
      const incident = known.get(id);
      if (!incident) return;
      put({ ...incident, evidence: evidence ?? incident.evidence, cause: cause ?? incident.cause });
    },
    get recent() {
      return sorted(known.values()).slice(0, mostShown);
    },
    async all() {
      const found: Incident[] = [];
      for (const id of await ids()) {
        const incident = await read(id);
        if (incident) found.push(incident);
      }
      return found;
    },
    async forget(before) {
      let removed = 0;
      const limit = incidentId('', before);
      for (const id of (await ids()).filter((one) => one < limit)) {
        if (known.get(id)?.outcome === 'open') continue;
        await unlink(paths.incident(id)).catch(() => {});
        known.delete(id);
        removed += 1;
      }
      return removed;
    },
    settled: () => writing,
  };
}

function sorted(incidents: Iterable<Incident>): Incident[] {
  return [...incidents].sort((a, b) => (a.id < b.id ? 1 : -1));
}
