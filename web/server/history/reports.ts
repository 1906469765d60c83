import type { LatencyReport, Span, UptimeReport } from '../../../core/contract/history.ts';
import { spans } from '../../../core/contract/history.ts';
import type { History } from '../../../core/history/history.ts';

/** Points of a latency chart: more than a screen has room for says no more. */
const chartParts = 240;

export interface ReportOptions {
  /** Null when there is no history that can be read. */
  readonly history: Pick<History, 'uptime' | 'uptimeBars' | 'latency'> | null;
  readonly span: Span;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function uptimeReport({
  history,
  services,
  span,
  parts,
  now,
}: ReportOptions & { services: readonly string[]; parts: number }): UptimeReport {
  const from = now - spans[span];
  const none = Array.from({ length: parts }, () => null);
  return {
    available: history !== null,
    from,
    until: now,
    services: services.map((id) => ({
      id,
      ratio: history?.uptime(id, from, now).ratio ?? null,
      bars: history?.uptimeBars(id, from, now, parts).map(({ ratio }) => ratio) ?? none,
    })),
  };
}

export function latencyReport({ history, id, span, now }: ReportOptions & { id: string }): LatencyReport {
  const from = now - spans[span];
  return {
    available: history !== null,
    id,
    from,
    until: now,
    points: history?.latency(id, from, now, chartParts) ?? [],
  };
}
