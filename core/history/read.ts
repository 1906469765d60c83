import type { DatabaseSync } from 'node:sqlite';
import type { GuardianState, Incident } from '../contract/state.ts';

export interface SamplePoint {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly healthy: boolean | null;
  readonly latencyMs: number | null;
  readonly state: GuardianState;
}

export interface Uptime {
  /** Share of the looks at which it was healthy, 0 to 1; null when there was none while it should run. */
  readonly ratio: number | null;
  readonly healthy: number;
  /** Looks while it should run and was asked. */
  readonly total: number;
}

/** What was measured in one part of a span. */
export interface LatencyPart {
  /** Where the part begins, milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds; null when nothing was measured. */
  readonly meanMs: number | null;
  readonly maxMs: number | null;
  /** Share of healthy looks, 0 to 1; null when there was none while it should run. */
  readonly ratio: number | null;
}

export interface IncidentRow {
  readonly id: string;
  readonly service: string;
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly outcome: Incident['outcome'];
  readonly cause: string;
}

/** Spans are from `since`, included, to `until`, excluded; milliseconds since 1970. */
export interface HistoryReaders {
  uptime(service: string, since: number, until?: number): Uptime;
  /** The span in equal parts, oldest first: for a bar. */
  uptimeBars(service: string, since: number, until: number, count: number): Uptime[];
  /** The span in equal parts, oldest first; parts without any look are left out. */
  latency(service: string, since: number, until: number, count: number): LatencyPart[];
  /** Oldest first; the newest `limit` of the span. */
  samples(service: string, since: number, options?: { until?: number; limit?: number }): SamplePoint[];
  /** Newest first. */
  incidents(options?: { service?: string; since?: number; limit?: number }): IncidentRow[];
  disks(since: number): { path: string; at: number; freeBytes: number; totalBytes: number }[];
  memory(since: number): { at: number; availableBytes: number; totalBytes: number }[];
}

const forever = Number.MAX_SAFE_INTEGER;
/** Nobody wanted it to run then, so it could not be down. */
const counted = "state NOT IN ('stopped', 'skipped') AND healthy IS NOT NULL";

export function createReaders(db: DatabaseSync): HistoryReaders {
  const all = (sql: string, ...values: (string | number)[]) => db.prepare(sql).all(...values);
  const bars = (service: string, since: number, until: number, count: number): Uptime[] => {
    const width = Math.max(1, (until - since) / count);
    const rows = all(
      `SELECT MIN(CAST((at - ?) / ? AS INTEGER), ?) AS part, COUNT(*) AS total, SUM(healthy) AS healthy
       FROM samples WHERE service = ? AND at >= ? AND at < ? AND ${counted} GROUP BY part`,
      since,
      width,
      count - 1,
      service,
      since,
      until,
    );
    const result = Array.from({ length: count }, (): Uptime => ({ ratio: null, healthy: 0, total: 0 }));
    for (const row of rows) {
      const total = Number(row['total']);
      const healthy = Number(row['healthy']);
      result[Number(row['part'])] = { ratio: healthy / total, healthy, total };
    }
    return result;
  };
  return {
    uptime(service, since, until = forever) {
      const [only] = bars(service, since, until, 1);
      return only ?? { ratio: null, healthy: 0, total: 0 };
    },
    uptimeBars: bars,
    latency(service, since, until, count) {
      const width = Math.max(1, (until - since) / count);
      return all(
        `SELECT MIN(CAST((at - ?) / ? AS INTEGER), ?) AS part, AVG(latency_ms) AS mean, MAX(latency_ms) AS most,
         AVG(CASE WHEN ${counted} THEN healthy END) AS ratio
         FROM samples WHERE service = ? AND at >= ? AND at < ? GROUP BY part ORDER BY part`,
        since,
        width,
        count - 1,
        service,
        since,
        until,
      ).map((row) => ({
        at: Math.round(since + Number(row['part']) * width),
        meanMs: row['mean'] === null ? null : Number(row['mean']),
        maxMs: row['most'] === null ? null : Number(row['most']),
        ratio: row['ratio'] === null ? null : Number(row['ratio']),
      }));
    },
    samples: (service, since, { until = forever, limit = 10_000 } = {}) =>
      all(
        `SELECT at, healthy, latency_ms, state FROM samples
         WHERE service = ? AND at >= ? AND at < ? ORDER BY at DESC LIMIT ?`,
        service,
        since,
        until,
        limit,
      )
        .reverse()
        .map((row) => ({
          at: Number(row['at']),
          healthy: row['healthy'] === null ? null : row['healthy'] === 1,
          latencyMs: row['latency_ms'] === null ? null : Number(row['latency_ms']),
          state: String(row['state']) as GuardianState,
        })),
    incidents: ({ service = '', since = 0, limit = 100 } = {}) =>
      all(
        `SELECT * FROM incidents WHERE opened_at >= ? AND (? = '' OR service = ?)
         ORDER BY opened_at DESC, id DESC LIMIT ?`,
        since,
        service,
        service,
        limit,
      ).map((row) => ({
        id: String(row['id']),
        service: String(row['service']),
        openedAt: Number(row['opened_at']),
        closedAt: row['closed_at'] === null ? null : Number(row['closed_at']),
        outcome: String(row['outcome']) as Incident['outcome'],
        cause: String(row['cause']),
      })),
    disks: (since) =>
      all('SELECT * FROM disks WHERE at >= ? ORDER BY at, path', since).map((row) => ({
        path: String(row['path']),
        at: Number(row['at']),
        freeBytes: Number(row['free_bytes']),
        totalBytes: Number(row['total_bytes']),
      })),
    memory: (since) =>
      all('SELECT * FROM memory WHERE at >= ? ORDER BY at', since).map((row) => ({
        at: Number(row['at']),
        availableBytes: Number(row['available_bytes']),
        totalBytes: Number(row['total_bytes']),
      })),
  };
}
