import { stat } from 'node:fs/promises';
import { Chain, rotatedNames } from './chain.ts';
import { indexOfCode, unitOf } from './encoding.ts';
import type { Mask } from './mask.ts';
import { encodingOf, fileNumber, isGone, type OpenFile } from './openFile.ts';
import { beginning, type Position } from './position.ts';
import { LineSplitter } from './splitter.ts';

export type Mark = 'rotated' | 'truncated' | 'replaced';

/** Whole lines that were read at once. */
export interface LogChunk {
  readonly lines: readonly string[];
  /** Of these lines. */
  readonly bytes: number;
  /** What happened to the file before these lines. */
  readonly mark: Mark | null;
  /** Where they begin, and where the next line does. */
  readonly start: Position;
  readonly end: Position;
}

export interface LogReaderOptions {
  /** The live file. */
  readonly path: string;
  readonly mask: Mask;
  readonly maxLine?: number;
  readonly chunkBytes?: number;
  /** Gives every line alone, so that `start` is that of the line. */
  readonly oneByOne?: boolean;
  /** Reads no further than this. */
  readonly until?: Position | null;
}

/**
 * Reads a log forwards, over rotations (also several at once, also in the middle of a line), truncations and
 * replacements, each line once. It never waits: `read` returns null when nothing more is there for now.
 */
export class LogReader {
  readonly #path: string;
  readonly #splitter: LineSplitter;
  readonly #buffer: Buffer;
  readonly #oneByOne: boolean;
  #until: Position | null;
  #file: OpenFile | null = null;
  /** Whether `#file` was the live one when it was opened; the name of the last rotated file then. */
  #live = false;
  #newest = '';
  /** What of `#buffer` is still to be looked at. */
  #unread: Buffer = Buffer.alloc(0);
  /** Of the next byte to be read from the file. */
  #offset = 0;
  /** Where the unfinished line begins. */
  #line: Position = beginning;
  #bytes = 0;
  #mark: Mark | null = null;
  /** Lines that ended without a line feed, with their file. */
  #left: string[] = [];
  #closed = false;

  constructor({
    path,
    mask,
    maxLine,
    chunkBytes = 262_144,
    oneByOne = false,
    until = null,
  }: LogReaderOptions) {
    this.#path = path;
    this.#splitter = new LineSplitter({ mask, ...(maxLine === undefined ? {} : { maxLine }) });
    this.#buffer = Buffer.allocUnsafe(chunkBytes & ~1);
    this.#oneByOne = oneByOne;
    this.#until = until;
  }

  /** Where the next line begins. */
  get position(): Position {
    return this.#line;
  }

  set until(position: Position | null) {
    this.#until = position;
  }

  /** The unfinished line at the end; null when there is none. */
  peek(): string | null {
    return this.#splitter.peek();
  }

  /** Goes to a place. False when its file is gone or ends before it; the reader is then where it was. */
  async goTo(position: Position): Promise<boolean> {
    const chain = await Chain.open(this.#path);
    try {
      if (position.file === '') return await this.#enter(chain, 0, 0);
      const index = await chain.find(position.file);
      const size = index < 0 ? -1 : ((await (await chain.at(index))?.handle.stat())?.size ?? -1);
      if (size < position.offset) return false;
      return await this.#enter(chain, index, position.offset);
    } finally {
      await chain.close();
    }
  }

  async read(): Promise<LogChunk | null> {
    while (!this.#closed) {
      const chunk = this.#takeUnread();
      if (chunk) return chunk;
      if (this.#file === null) {
        if (!(await this.goTo(beginning)) || this.#file === null) return null;
      }
      if (await this.#fill()) continue;
      if (this.#ended()) return null;
      if (await this.#shrunk()) continue;
      if (!(await this.#next())) return null;
    }
    return null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.handle.close();
  }

  #takeUnread(): LogChunk | null {
    const start = this.#line;
    const left = this.#left.splice(0);
    if (left.length > 0) return this.#chunk(left, start, null);
    const lines = this.#unread.length > 0 ? this.#split() : [];
    if (lines.length === 0) return null;
    const mark = this.#mark;
    this.#mark = null;
    return this.#chunk(lines, start, mark);
  }

  #chunk(lines: readonly string[], start: Position, mark: Mark | null): LogChunk {
    const rest = this.#splitter.sinceLine;
    const bytes = this.#bytes - rest;
    this.#bytes = rest;
    return { lines, bytes, mark, start, end: this.#line };
  }

  /** Lines of what was read last; all of them, or the first. */
  #split(): string[] {
    const unread = this.#unread;
    const { encoding } = this.#splitter;
    const unit = unitOf(encoding);
    const first = this.#oneByOne ? indexOfCode(unread, 10, 0, encoding) : -1;
    const now = first === -1 ? unread : unread.subarray(0, first + unit);
    this.#unread = unread.subarray(now.length);
    this.#bytes += now.length;
    const lines = this.#splitter.push(now);
    if (lines.length > 0 && this.#file) {
      const offset = this.#offset - this.#unread.length - this.#splitter.sinceLine;
      this.#line = { file: this.#file.id, offset };
    }
    return lines;
  }

  async #fill(): Promise<boolean> {
    const file = this.#file;
    if (!file) return false;
    let length = this.#buffer.length;
    const until = this.#until;
    if (until?.file === file.id) length = Math.min(length, until.offset - this.#offset);
    if (length <= 0) return false;
    if (this.#offset === 0) await this.#learnEncoding(file);
    const { bytesRead } = await file.handle.read(this.#buffer, 0, length, this.#offset);
    // Half a unit of UTF-16 waits for the other half.
    const whole = bytesRead & ~(unitOf(this.#splitter.encoding) - 1);
    this.#unread = this.#buffer.subarray(0, whole);
    this.#offset += whole;
    return whole > 0;
  }

  async #learnEncoding({ handle, id }: OpenFile): Promise<void> {
    const rest = this.#splitter.switchTo(await encodingOf(handle, this.#splitter.encoding));
    if (rest.length > 0) this.#line = { file: id, offset: this.#offset };
    this.#left.push(...rest);
  }

  /** True when the file has a whole character behind what was read. */
  async #hasMore({ handle }: OpenFile): Promise<boolean> {
    return (await handle.stat()).size - this.#offset >= unitOf(this.#splitter.encoding);
  }

  #ended(): boolean {
    const until = this.#until;
    return until !== null && until.file === this.#file?.id && this.#offset >= until.offset;
  }

  /** Somebody emptied the file under its writer: it is read from its start. */
  async #shrunk(): Promise<boolean> {
    const file = this.#file;
    if (!file) return false;
    if ((await file.handle.stat()).size >= this.#offset) return false;
    this.#mark = 'truncated';
    this.#left.push(...this.#splitter.flush());
    this.#offset = 0;
    this.#line = { file: file.id, offset: 0 };
    return true;
  }

  /** Goes on in the file after this one, if there is one. */
  async #next(): Promise<boolean> {
    if (this.#live && (await this.#stillLive())) return false;
    const chain = await Chain.open(this.#path);
    try {
      const file = this.#file as OpenFile;
      const index = await chain.findOpen(file);
      if (index >= 0) {
        if (index === chain.length - 1) {
          this.#live = index === chain.rotated.length;
          return false;
        }
        // Written between the last look and the rotation.
        if (await this.#hasMore(file)) return true;
        this.#mark = 'rotated';
        return await this.#enter(chain, index + 1, 0, { goOn: true });
      }
      return await this.#lost(chain);
    } finally {
      await chain.close();
    }
  }

  /** This file is neither the live one nor among the rotated ones: it was replaced, or pruned right after a rotation. */
  async #lost(chain: Chain): Promise<boolean> {
    const file = this.#file as OpenFile;
    if (await this.#hasMore(file)) return true;
    const later = chain.rotated.findIndex((name) => name > this.#newest);
    const index = later < 0 ? chain.rotated.length : later;
    if (index >= chain.length) return false;
    this.#mark = later < 0 ? 'replaced' : 'rotated';
    this.#left.push(...this.#splitter.flush());
    return this.#enter(chain, index, 0);
  }

  async #stillLive(): Promise<boolean> {
    try {
      return fileNumber(await stat(this.#path, { bigint: true })) === this.#file?.number;
    } catch (error) {
      // Gone, or held by its writer who is about to rename it: the next look will tell.
      return !isGone(error) || (await rotatedNames(this.#path)).at(-1) === this.#newest;
    }
  }

  /** With `goOn` the line that the file before ended in goes on in this one. */
  async #enter(chain: Chain, index: number, offset: number, { goOn = false } = {}): Promise<boolean> {
    let at = index;
    let file = await chain.take(at);
    // Pruned meanwhile.
    while (file === null && at < chain.length - 1) {
      at += 1;
      this.#left.push(...this.#splitter.flush());
      file = await chain.take(at);
    }
    if (file === null) return false;
    await this.#letGo();
    this.#file = file;
    this.#live = at === chain.rotated.length;
    this.#newest = (this.#live ? chain.rotated.at(-1) : chain.rotated[at]) ?? '';
    this.#offset = at === index ? offset : 0;
    this.#unread = Buffer.alloc(0);
    const lost = !goOn && !this.#splitter.empty;
    if (lost) this.#left.push(...this.#splitter.flush());
    if (this.#splitter.empty) this.#line = { file: file.id, offset: this.#offset };
    if (this.#offset > 0) await this.#learnEncoding(file);
    return true;
  }
}
