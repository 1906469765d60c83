import type { Chain } from './chain.ts';
import { type Encoding, indexOfCode, lastIndexOfCode, unitOf } from './encoding.ts';
import type { Mask } from './mask.ts';
import { encodingOf, type OpenFile } from './openFile.ts';
import type { Position } from './position.ts';
import { LineSplitter, maxLineBytes } from './splitter.ts';

/** Where a line begins, and in which file of the log. */
export interface LinePlace extends Position {
  readonly name: string;
}

/** Lines that stand together, in their order. */
export interface LineBlock {
  readonly lines: readonly string[];
  placeOf(index: number): LinePlace;
  /** The last line is the end of the log, and not finished. */
  readonly unfinished: boolean;
  /** Bytes read since the block before. */
  readonly bytes: number;
}

export interface BackwardOptions {
  readonly chain: Chain;
  readonly mask: Mask;
  /** Only what lies before this place, where a line begins; null begins at the end of the live file. */
  readonly before?: Position | null;
  readonly maxLine?: number;
  /** Bytes of the first block; each is twice the one before, up to `mostBytes`. */
  readonly firstBytes?: number;
  readonly mostBytes?: number;
}

/** A line whose start is not found within so many times the longest line is taken to begin there. */
const reach = 4;

/** The end of a line whose start was not read yet, and where it stands. */
interface Carry {
  readonly bytes: Buffer;
  readonly place: LinePlace;
}

/**
 * Reads a log backwards, on into the rotated files: the newest lines first, however long it is. A line that lies in
 * several files comes whole.
 */
export async function* readBackward({
  chain,
  mask,
  before = null,
  maxLine = maxLineBytes,
  firstBytes = 65_536,
  mostBytes = 1_048_576,
}: BackwardOptions): AsyncGenerator<LineBlock> {
  let encoding: Encoding = 'utf8';
  let carry: Carry | null = null;
  let size = firstBytes;
  let read = 0;
  let first = true;

  const block = (bytes: Buffer, place: LinePlace, length: number): LineBlock => {
    const made = lineBlock({ bytes, place, length, carried: carry?.place ?? place, encoding, mask, maxLine });
    const result = { ...made, unfinished: made.unfinished && first, bytes: read };
    read = 0;
    first = false;
    return result;
  };

  const newest = before === null ? chain.length - 1 : await chain.find(before.file);
  for (let index = newest; index >= 0; index -= 1) {
    const file = await chain.at(index);
    if (!file) continue;
    const next = await encodingOf(file.handle, encoding);
    if (next !== encoding && carry) {
      yield block(carry.bytes, carry.place, carry.bytes.length);
      carry = null;
    }
    encoding = next;
    let end = await endOf(file, encoding);
    if (before !== null && index === newest) end = Math.min(end, before.offset);
    while (end > 0) {
      const start = Math.max(0, end - size);
      const length: number = end - start;
      const bytes: Buffer = await readWith({ file, start, length, carry });
      const place = { file: file.id, offset: start, name: chain.nameOf(index) };
      const from = firstLine(bytes, encoding, reach * maxLine);
      read += length;
      if (from < bytes.length) {
        const at = { ...place, offset: start + from };
        yield block(bytes.subarray(from), at, length - from);
      }
      carry = from > 0 ? { bytes: bytes.subarray(0, from), place } : null;
      end = start;
      size = Math.min(mostBytes, size * 2);
    }
  }
  if (carry) yield block(carry.bytes, carry.place, carry.bytes.length);
}

/** Bytes of whole characters in a file. */
async function endOf({ handle }: OpenFile, encoding: Encoding): Promise<number> {
  const { size } = await handle.stat();
  return size - (size % unitOf(encoding));
}

async function readWith({
  file,
  start,
  length,
  carry,
}: {
  file: OpenFile;
  start: number;
  length: number;
  carry: Carry | null;
}): Promise<Buffer> {
  const bytes = Buffer.alloc(length + (carry?.bytes.length ?? 0));
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.handle.read(bytes, done, length - done, start + done);
    // Emptied meanwhile: zeros stand for what was there.
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  carry?.bytes.copy(bytes, length);
  return bytes;
}

/**
 * Where the first line begins whose start is here; the length when there is none. What stands before the first line
 * feed is the end of a line that begins further back.
 */
function firstLine(bytes: Buffer, encoding: Encoding, most: number): number {
  const at = indexOfCode(bytes, 10, 0, encoding);
  const after = at === -1 ? bytes.length : at + unitOf(encoding);
  return after === bytes.length && bytes.length > most ? 0 : after;
}

/**
 * `bytes` are whole lines. The first `length` of them stand at `place`, the others, which begin with the end of a line,
 * at `carried`.
 */
function lineBlock({
  bytes,
  place,
  length,
  carried,
  encoding,
  mask,
  maxLine,
}: {
  bytes: Buffer;
  place: LinePlace;
  length: number;
  carried: LinePlace;
  encoding: Encoding;
  mask: Mask;
  maxLine: number;
}): Pick<LineBlock, 'lines' | 'placeOf' | 'unfinished'> {
  const splitter = new LineSplitter({ mask, maxLine });
  splitter.switchTo(encoding);
  const lines = splitter.push(bytes);
  const unit = unitOf(encoding);
  const unfinished = lastIndexOfCode(bytes, 10, bytes.length, encoding) !== bytes.length - unit;
  if (unfinished) lines.push(...splitter.flush());
  let starts: number[] | null = null;
  return {
    lines,
    unfinished,
    placeOf(index) {
      starts ??= startsOf(bytes, encoding);
      const start = starts[index] ?? 0;
      return start >= length ? carried : { ...place, offset: place.offset + start };
    },
  };
}

function startsOf(bytes: Buffer, encoding: Encoding): number[] {
  const unit = unitOf(encoding);
  const starts = [0];
  for (let at = indexOfCode(bytes, 10, 0, encoding); at !== -1; ) {
    starts.push(at + unit);
    at = indexOfCode(bytes, 10, at + unit, encoding);
  }
  return starts;
}
