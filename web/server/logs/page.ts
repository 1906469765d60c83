import type { z } from 'zod';
import { OrchestratorError } from '../../../core/contract/errors.ts';
import type { LogPage, LogStream, pageQuerySchema } from '../../../core/contract/logs.ts';
import { type Cursor, type CursorPlace, cursorText, readCursor } from '../../../core/logs/cursor.ts';
import type { Mask } from '../../../core/logs/mask.ts';
import { linesAfter, linesBefore, type StreamPage, timeBefore } from '../../../core/logs/page.ts';
import type { Position } from '../../../core/logs/position.ts';
import { readable } from '../../../core/logs/readable.ts';
import type { LogSource } from '../../../core/logs/searchLog.ts';

export type PageQuery = z.infer<typeof pageQuerySchema>;

interface StreamPart {
  readonly stream: LogStream;
  readonly page: StreamPage;
  /** Time of the line before the first one, as far as it matters. */
  readonly since: number | null;
}

interface Line {
  readonly stream: LogStream;
  readonly text: string;
  readonly at: number | null;
  readonly place: Position;
}

/**
 * A page of one log. Lines of two streams are in order of time, where a line without one belongs to the line before it.
 * A page that goes on from a cursor has the streams which that one names. Throws ORC4005 and ORC4024.
 */
export async function readPage(options: {
  sources: readonly LogSource[];
  query: PageQuery;
  mask: Mask;
}): Promise<LogPage> {
  return options.query.after === undefined
    ? pageBefore(options)
    : pageAfter({ ...options, after: options.query.after });
}

async function pageBefore({
  sources,
  query: { tail, before, limit },
  mask,
}: {
  sources: readonly LogSource[];
  query: PageQuery;
  mask: Mask;
}): Promise<LogPage> {
  const from = before === undefined ? null : cursorOf(before, sources);
  const count = tail ?? limit;
  const parts = await Promise.all(
    sources
      .filter(({ stream }) => from === null || from[stream])
      .map(async ({ stream, path }) => {
        const place = from?.[stream]?.place ?? null;
        const page = await linesBefore({ path, mask, before: place, limit: count });
        return withTime({ stream, page, path, mask, alone: sources.length === 1 });
      }),
  );
  const lines = merge(parts);
  const ends: Cursor = Object.fromEntries(parts.map(({ stream, page }) => [stream, page.end]));
  const { placed, start } = withCursors(lines.slice(-count), ends);
  const more = hasMore(parts) || lines.length > count;
  return { lines: placed, before: more ? cursorText(start) : null, after: from && cursorText(ends) };
}

async function pageAfter({
  sources,
  query: { limit },
  after,
  mask,
}: {
  sources: readonly LogSource[];
  query: PageQuery;
  after: string;
  mask: Mask;
}): Promise<LogPage> {
  const from = cursorOf(after, sources);
  const parts = await Promise.all(
    sources.flatMap(({ stream, path }) => {
      const place = from[stream];
      return place
        ? [
            linesAfter({ path, mask, after: place, limit }).then((page) =>
              withTime({ stream, page, path, mask, alone: sources.length === 1 }),
            ),
          ]
        : [];
    }),
  );
  const lines = merge(parts);
  const kept = lines.slice(0, limit);
  const ends: Partial<Record<LogStream, CursorPlace>> = {};
  for (const { stream } of parts) {
    const last = kept.findLast((line) => line.stream === stream);
    const end = last ? { place: last.place, line: true } : from[stream];
    if (end) ends[stream] = end;
  }
  const { placed, start } = withCursors(kept, ends);
  const more = hasMore(parts) || lines.length > limit;
  return { lines: placed, before: cursorText(start), after: more ? cursorText(ends) : null };
}

function cursorOf(text: string, sources: readonly LogSource[]): Cursor {
  const cursor = readCursor(text);
  if (cursor && sources.some(({ stream }) => cursor[stream])) return cursor;
  throw new OrchestratorError('ORC4005', { detail: 'The cursor is none of this log.' });
}

function hasMore(parts: readonly StreamPart[]): boolean {
  if (parts.some(({ page }) => page.lost)) throw new OrchestratorError('ORC4024');
  return parts.some(({ page }) => page.more);
}

/** A first line without a time has that of a line which is not on the page. */
async function withTime({
  stream,
  page,
  path,
  mask,
  alone,
}: {
  stream: LogStream;
  page: StreamPage;
  path: string;
  mask: Mask;
  /** There is nothing to put it in order with. */
  alone: boolean;
}): Promise<StreamPart> {
  const [first] = page.lines;
  const missing = !alone && first !== undefined && readable(first.text).time === null;
  return { stream, page, since: missing ? await timeBefore({ path, mask, before: first.place }) : null };
}

/** Lines of several streams in one order; each stream keeps its own, whatever times it tells. */
function merge(parts: readonly StreamPart[]): Line[] {
  const queues = parts.map(({ stream, page, since }) => {
    let key = since ?? Number.NEGATIVE_INFINITY;
    return page.lines.map(({ text, place }) => {
      const at = readable(text).time;
      key = Math.max(key, at ?? key);
      return { key, line: { stream, text, at, place } };
    });
  });
  // Sorting is stable, and the keys of a stream never fall.
  return queues
    .flat()
    .sort((a, b) => (a.key === b.key ? 0 : a.key - b.key))
    .map(({ line }) => line);
}

/** Gives each line the place that it has in its own stream, and the one that the page has reached in the other. */
function withCursors(
  lines: readonly Line[],
  ends: Cursor,
): { readonly placed: LogPage['lines']; readonly start: Cursor } {
  let next = ends;
  const placed: LogPage['lines'] = [];
  for (const { stream, text, at, place } of lines.toReversed()) {
    placed.push({ stream, text, at, cursor: cursorText({ ...next, [stream]: { place, line: true } }) });
    next = { ...next, [stream]: { place, line: false } };
  }
  return { placed: placed.reverse(), start: next };
}
