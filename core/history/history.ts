import { DatabaseSync } from 'node:sqlite';
import type { GuardianState, Incident } from '../contract/state.ts';
import { createReaders, type HistoryReaders } from './read.ts';
import { schemaVersion, tables } from './schema.ts';

export interface ServiceSample {
  readonly service: string;
  readonly state: GuardianState;
  /** Null where it was not asked or there was no result. */
  readonly healthy: boolean | null;
  readonly latencyMs: number | null;
}

export interface HostSample {
  readonly disks: readonly { path: string; freeBytes: number; totalBytes: number }[];
  readonly memory: { availableBytes: number; totalBytes: number } | null;
}

/** What the guardian saw over time. Calls are synchronous and throw what SQLite throws. */
export interface History extends HistoryReaders {
  /** One look at all services, in one transaction. `at`: milliseconds since 1970. */
  addSamples(at: number, samples: readonly ServiceSample[]): void;
  addHostSample(at: number, sample: HostSample): void;
  putIncident(incident: Incident): void;
  /** Makes the index of incidents anew from their files' content. */
  rebuildIncidents(incidents: readonly Incident[]): void;
  /** Forgets what is older than the two instants. */
  prune({ samplesBefore, incidentsBefore }: { samplesBefore: number; incidentsBefore: number }): void;
  close(): void;
}

/** The file is from a later version of this program. */
export class NewerHistory extends Error {
  constructor(version: number) {
    super(`The history has version ${version}; this program knows ${schemaVersion}.`);
    this.name = 'NewerHistory';
  }
}

/** SQLite waits this long for another process, and the event loop with it. */
const busyMs = 200;

/**
 * Opens history.db. Throws when it cannot be used: missing when only to be read, damaged (see isDamaged), or
 * NewerHistory. A writer makes what is not there.
 */
export function openHistory({ path, readOnly = false }: { path: string; readOnly?: boolean }): History {
  const db = new DatabaseSync(path, { readOnly, timeout: busyMs });
  try {
    prepare(db, readOnly);
  } catch (error) {
    db.close();
    throw error;
  }
  return { ...createReaders(db), ...createWriters(db), close: () => db.close() };
}

/** True for an error that says that the file itself is not usable, as opposed to busy or out of reach. */
export function isDamaged(error: unknown): boolean {
  const { code, errcode } = error as { code?: string; errcode?: number };
  const corrupt = 11;
  const notADatabase = 26;
  return code === 'ERR_SQLITE_ERROR' && [corrupt, notADatabase].includes((errcode ?? 0) & 0xff);
}

function prepare(db: DatabaseSync, readOnly: boolean): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > schemaVersion) throw new NewerHistory(version);
  if (!readOnly) {
    // The guardian may lose its last seconds at a power cut, but never the file.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -512;');
    db.exec(`BEGIN IMMEDIATE; ${tables} PRAGMA user_version = ${schemaVersion}; COMMIT;`);
  }
  // A damaged file often opens well and fails at the first real question.
  for (const table of ['samples', 'disks', 'memory', 'incidents'])
    db.prepare(`SELECT * FROM ${table} LIMIT 1`).get();
}

type Writers = Omit<History, keyof HistoryReaders | 'close'>;

function createWriters(db: DatabaseSync): Writers {
  const together = (work: () => void) => {
    db.exec('BEGIN IMMEDIATE');
    try {
      work();
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };
  const put = (sql: string) => {
    // Prepared at first use: a reader never needs it, and may not.
    let statement: ReturnType<DatabaseSync['prepare']> | null = null;
    return (...values: (string | number | null)[]) => {
      statement ??= db.prepare(sql);
      statement.run(...values);
    };
  };
  const sample = put('INSERT OR REPLACE INTO samples VALUES (?, ?, ?, ?, ?)');
  const disk = put('INSERT OR REPLACE INTO disks VALUES (?, ?, ?, ?)');
  const memoryRow = put('INSERT OR REPLACE INTO memory VALUES (?, ?, ?)');
  const incidentRow = put('INSERT OR REPLACE INTO incidents VALUES (?, ?, ?, ?, ?, ?)');
  const putIncident = ({ id, service, openedAt, closedAt, outcome, cause }: Incident) =>
    incidentRow(id, service, Date.parse(openedAt), closedAt && Date.parse(closedAt), outcome, cause);
  return {
    addSamples: (at, samples) =>
      together(() => {
        for (const { service, state, healthy, latencyMs } of samples) {
          sample(service, at, healthy === null ? null : Number(healthy), latencyMs, state);
        }
      }),
    addHostSample: (at, { disks, memory }) =>
      together(() => {
        for (const { path, freeBytes, totalBytes } of disks) disk(path, at, freeBytes, totalBytes);
        if (memory) memoryRow(at, memory.availableBytes, memory.totalBytes);
      }),
    putIncident,
    rebuildIncidents: (incidents) =>
      together(() => {
        db.exec('DELETE FROM incidents');
        for (const incident of incidents) putIncident(incident);
      }),
    prune: ({ samplesBefore, incidentsBefore }) =>
      together(() => {
        for (const table of ['samples', 'disks', 'memory']) {
          db.prepare(`DELETE FROM ${table} WHERE at < ?`).run(samplesBefore);
        }
        db.prepare('DELETE FROM incidents WHERE opened_at < ?').run(incidentsBefore);
      }),
  };
}
