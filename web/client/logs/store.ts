import type { LogBatch, LogStream } from '../../../core/contract/logs.ts';
import type { Level } from '../../../core/logs/level.ts';
import { readable } from '../../../core/logs/readable.ts';

/** One line as the page shows it. */
export interface LogLine {
  /** Id of the service. */
  readonly log: string;
  readonly stream: LogStream;
  /** Milliseconds since 1970; null when neither the line nor anybody else says. */
  readonly at: number | null;
  readonly level: Level | null;
  readonly text: string;
  /** A remark of the page itself between the lines. */
  readonly note?: { readonly mark: string } | { readonly gap: number };
}

export interface LogStore {
  readonly lines: readonly LogLine[];
  /** Returns the lines that are new; `trimmed` when old ones had to go. */
  add(batches: readonly LogBatch[]): { readonly fresh: readonly LogLine[]; readonly trimmed: boolean };
  /** Forgets the lines of one log. */
  drop(log: string): void;
}

/** Keeps the newest lines of all logs together. So many more may gather before the oldest are dropped at once. */
export function createStore({ limit = 100_000, slack = 10_000 } = {}): LogStore {
  let lines: LogLine[] = [];
  const levels = new Map<string, Level | null>();
  /** The line of each stream that is still being written: what comes next takes its place. */
  const unfinished = new Map<string, LogLine>();

  /** Indented lines belong to the one above: a traceback is an error down to its end. */
  function levelOf(key: string, own: Level | null, text: string): Level | null {
    const level = own ?? (/^\s+\S/.test(text) ? (levels.get(key) ?? null) : null);
    levels.set(key, level);
    return level;
  }

  function read({ log, stream, at, lines: texts, gap, mark, partial }: LogBatch): LogLine[] {
    const note = (what: LogLine['note'] & object): LogLine => ({
      log,
      stream,
      at,
      level: null,
      text: '',
      note: what,
    });
    const fresh: LogLine[] = [];
    if (gap) fresh.push(note({ gap: gap.lines }));
    if (mark) fresh.push(note({ mark }));
    const key = `${log} ${stream}`;
    let last: number | null = null;
    let newest: LogLine | null = null;
    const wanted = partial === undefined ? texts : [...texts, partial];
    for (const raw of wanted) {
      const { level, time, text } = readable(raw);
      last = time ?? at ?? last;
      const line = { log, stream, at: last, level: levelOf(key, level, text), text };
      const open = unfinished.get(key);
      unfinished.delete(key);
      if (!open) fresh.push(line);
      newest = open ? Object.assign(open, line) : line;
    }
    if (newest && partial !== undefined) unfinished.set(key, newest);
    return fresh;
  }

  return {
    get lines() {
      return lines;
    },
    add(batches) {
      const fresh = batches.flatMap(read);
      // What was there before is put in order; what comes live is in order by coming.
      if (batches.some(({ at }) => at === null))
        fresh.sort((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity));
      for (const line of fresh) lines.push(line);
      const trimmed = lines.length > limit + slack;
      if (trimmed) lines = lines.slice(-limit);
      return { fresh, trimmed };
    },
    drop(log) {
      lines = lines.filter((line) => line.log !== log);
    },
  };
}
