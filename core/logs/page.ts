import { readBackward } from './backward.ts';
import { Chain } from './chain.ts';
import type { CursorPlace } from './cursor.ts';
import type { Mask } from './mask.ts';
import { beginning, type Position } from './position.ts';
import { readable } from './readable.ts';
import { LogReader } from './reader.ts';

/** One line of one stream, and where it begins. */
export interface PlacedLine {
  readonly text: string;
  readonly place: Position;
}

/** Lines of one stream, oldest first, and where the lines before and after them end and begin. */
export interface StreamPage {
  readonly lines: readonly PlacedLine[];
  /** There are lines before, or after. */
  readonly more: boolean;
  /** Where the page ends. */
  readonly end: CursorPlace;
  /** The place of `before` or `after` was not found: its file is gone. */
  readonly lost: boolean;
}

/** Lines of a page together; one of them may be as long as it likes. */
const pageLength = 4_194_304;

function nothing(end: CursorPlace, lost: boolean): StreamPage {
  return { lines: [], more: false, end, lost };
}

/** The last `limit` lines before a place, or of the whole log. An unfinished line at its end belongs to them. */
export async function linesBefore({
  path,
  mask,
  before = null,
  limit,
}: {
  path: string;
  mask: Mask;
  before?: Position | null;
  limit: number;
}): Promise<StreamPage> {
  if (before?.file === '') return nothing({ place: before, line: false }, false);
  const chain = await Chain.open(path);
  try {
    const place = before ?? (await endOf(chain));
    const end = { place, line: false };
    if (place.file === '') return nothing(end, false);
    if ((await chain.find(place.file)) < 0) return nothing(end, true);
    const newestFirst: PlacedLine[] = [];
    let length = 0;
    for await (const { lines, placeOf } of readBackward({ chain, mask, before: place })) {
      for (let index = lines.length - 1; index >= 0; index -= 1) {
        const text = lines[index] ?? '';
        length += text.length;
        const full = newestFirst.length > 0 && length > pageLength;
        if (full || newestFirst.length >= limit) {
          return { lines: newestFirst.reverse(), more: true, end, lost: false };
        }
        const { file, offset } = placeOf(index);
        newestFirst.push({ text, place: { file, offset } });
      }
    }
    return { lines: newestFirst.reverse(), more: false, end, lost: false };
  } finally {
    await chain.close();
  }
}

/** The end of the newest file. */
async function endOf(chain: Chain): Promise<Position> {
  const file = await chain.at(chain.length - 1);
  return file ? { file: file.id, offset: (await file.handle.stat()).size } : beginning;
}

/** Where the next line of a log will begin: behind its last line, or where its unfinished one does. Null without files. */
export async function endOfLog({ path, mask }: { path: string; mask: Mask }): Promise<Position | null> {
  const chain = await Chain.open(path);
  try {
    const end = await endOf(chain);
    if (end.file === '') return null;
    for await (const { lines, unfinished, placeOf } of readBackward({
      chain,
      mask,
      before: end,
      firstBytes: 4096,
    })) {
      if (unfinished) return placeOf(lines.length - 1);
      break;
    }
    return end;
  } finally {
    await chain.close();
  }
}

/** Lines that are looked through for one that tells a time. */
const timeReach = 200;

/** The time that the last line before a place tells that tells one, milliseconds since 1970; null for none near. */
export async function timeBefore({
  path,
  mask,
  before,
}: {
  path: string;
  mask: Mask;
  before: Position;
}): Promise<number | null> {
  const { lines } = await linesBefore({ path, mask, before, limit: timeReach });
  for (const { text } of lines.toReversed()) {
    const { time } = readable(text);
    if (time !== null) return time;
  }
  return null;
}

/** The first `limit` lines from a place on. An unfinished line at the end belongs to them. */
export async function linesAfter({
  path,
  mask,
  after,
  limit,
}: {
  path: string;
  mask: Mask;
  after: CursorPlace;
  limit: number;
}): Promise<StreamPage> {
  const reader = new LogReader({ path, mask, oneByOne: true });
  const lines: PlacedLine[] = [];
  const page = (more: boolean): StreamPage => {
    const last = lines.at(-1);
    return { lines, more, end: last ? { place: last.place, line: true } : after, lost: false };
  };
  let length = 0;
  let skipped = !after.line;
  /** False when the page is full. */
  function add(text: string, place: Position): boolean {
    if (!skipped) {
      skipped = true;
      return true;
    }
    length += text.length;
    if (lines.length >= limit || (lines.length > 0 && length > pageLength)) return false;
    lines.push({ text, place });
    return true;
  }
  try {
    if (!(await reader.goTo(after.place))) return nothing(after, after.place.file !== '');
    for (let chunk = await reader.read(); chunk; chunk = await reader.read()) {
      for (const text of chunk.lines) if (!add(text, chunk.start)) return page(true);
    }
    const rest = reader.peek();
    return page(rest !== null && !add(rest, reader.position));
  } finally {
    await reader.close();
  }
}
