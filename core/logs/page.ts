import { readBackward } from './backward.ts';
import { Chain } from './chain.ts';
import type { Mask } from './mask.ts';
import type { Position } from './position.ts';
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
  /** The place of `before` or `after` was not found: its file is gone. */
  readonly lost: boolean;
}

const none = { lines: [], more: false };

/** The last `limit` lines before a place, or of the whole log. An unfinished line at its end belongs to them. */
export async function linesBefore({
  path,
  mask,
  before = null,
  limit,
  withUnfinished = true,
}: {
  path: string;
  mask: Mask;
  before?: Position | null;
  limit: number;
  withUnfinished?: boolean;
}): Promise<StreamPage> {
  if (before?.file === '') return { ...none, lost: false };
  const chain = await Chain.open(path);
  try {
    if (before !== null && (await chain.find(before.file)) < 0) return { ...none, lost: true };
    const blocks: PlacedLine[][] = [];
    let missing = limit;
    let more = false;
    for await (const block of readBackward({ chain, mask, before })) {
      const { lines, placeOf } = block;
      const count = lines.length - (block.unfinished && !withUnfinished ? 1 : 0);
      const from = Math.max(0, count - missing);
      blocks.unshift(lines.slice(from, count).map((text, at) => ({ text, place: placeOf(from + at) })));
      more = from > 0;
      missing -= count - from;
      if (more) break;
    }
    return { lines: blocks.flat(), more, lost: false };
  } finally {
    await chain.close();
  }
}

/** Where the next line of a log will begin: behind its last line, or where its unfinished one does. Null without files. */
export async function endOfLog({ path, mask }: { path: string; mask: Mask }): Promise<Position | null> {
  const chain = await Chain.open(path);
  try {
    const file = await chain.at(chain.length - 1);
    if (!file) return null;
    const end = { file: file.id, offset: (await file.handle.stat()).size };
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

/** The first `limit` lines from a place on; with `skip` the line that begins there is left out. */
export async function linesAfter({
  path,
  mask,
  after,
  skip,
  limit,
}: {
  path: string;
  mask: Mask;
  after: Position;
  skip: boolean;
  limit: number;
}): Promise<StreamPage> {
  const reader = new LogReader({ path, mask, oneByOne: true });
  try {
    if (!(await reader.goTo(after))) return { ...none, lost: after.file !== '' };
    const lines: PlacedLine[] = [];
    let left = skip ? 1 : 0;
    for (let chunk = await reader.read(); chunk; chunk = await reader.read()) {
      const { start } = chunk;
      for (const text of chunk.lines) {
        if (left > 0) left -= 1;
        else if (lines.length >= limit) return { lines, more: true, lost: false };
        else lines.push({ text, place: start });
      }
    }
    const rest = reader.peek();
    if (rest !== null && left === 0) {
      if (lines.length >= limit) return { lines, more: true, lost: false };
      lines.push({ text: rest, place: reader.position });
    }
    return { lines, more: false, lost: false };
  } finally {
    await reader.close();
  }
}
