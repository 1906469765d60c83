import type { LogMatch, LogPage } from '../../../core/contract/logs.ts';
import type { Incident } from '../../../core/contract/state.ts';
import { get } from '../api.ts';
import { escapePattern } from './filter.ts';
import { searchLog } from './search.ts';
import { createStore, type LogLine } from './store.ts';

/** Lines before and after a match, each. */
const around = 300;

/** The lines around a match, with the match itself among them. */
export async function readAround(
  log: string,
  { stream, cursor, text, at }: LogMatch,
): Promise<{ lines: readonly LogLine[]; target: LogLine }> {
  const page = (side: 'before' | 'after') =>
    get<LogPage>(
      `/api/logs/${log}?${new URLSearchParams({ stream, [side]: cursor, limit: String(around) })}`,
    );
  const [before, after] = await Promise.all([page('before'), page('after')]);
  const store = createStore();
  const target = { stream, text, at };
  const all = [...(before?.lines ?? []), target, ...(after?.lines ?? [])];
  for (const line of all) store.add([{ log, ...line, lines: [line.text], gap: null, mark: null }]);
  return { lines: store.lines, target: store.lines[before?.lines.length ?? 0] as LogLine };
}

/** Where an incident's last words stand in the log; null when they are no longer there. */
export async function findIncident({ service, evidence }: Incident): Promise<LogMatch | null> {
  // What was removed from the evidence is still in the log, so such a line would not be found.
  const whole = evidence.filter((line) => !line.includes('[removed]'));
  const [telling] = whole.sort((a, b) => b.length - a.length);
  if (!telling) return null;
  const found: LogMatch[] = [];
  const query = { log: service, pattern: escapePattern(telling), caseSensitive: true, limit: 1 };
  await searchLog(query, { found: (match) => found.push(match) }).catch(() => null);
  return found[0] ?? null;
}
