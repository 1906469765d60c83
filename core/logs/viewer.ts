import type { LogBatch } from '../contract/logs.ts';
import type { LogFeed } from './feed.ts';
import { linesBefore } from './page.ts';
import { beginning, type Position, samePosition } from './position.ts';
import { type LogChunk, LogReader } from './reader.ts';

/** What a viewer gets of one log; which log it is, its owner knows. */
export type ViewedBatch = Omit<LogBatch, 'log' | 'stream'>;

/** Where to begin: behind a place, or with so many of the last lines. */
export type ViewFrom = { readonly after: Position } | { readonly tail: number };

/** Lines that a viewer gets whose place is gone. */
const lostTail = 200;

/**
 * One viewer of a feed. It keeps its place and nothing else: lines are taken when somebody wants them. One that is too
 * slow for what the feed keeps finds a gap; one that begins further back reads files by itself until it has caught up.
 */
export class LogViewer {
  readonly #feed: LogFeed;
  readonly #from: ViewFrom;
  /** Number of the chunk that comes next; null until the viewer has reached the feed. */
  #next: number | null = null;
  #seen = { lines: 0, bytes: 0 };
  #position: Position = beginning;
  #behind: LogReader | null = null;
  #started = false;
  /** The place up to which `#behind` reads. */
  #aim: Position = beginning;
  #partial: string | null = null;
  #closed = false;

  constructor({ feed, from }: { feed: LogFeed; from: ViewFrom }) {
    this.#feed = feed;
    this.#from = from;
    if ('after' in from) this.#position = from.after;
  }

  /** Where the lines end that were taken: a viewer that begins there goes on behind them. */
  get position(): Position {
    return this.#position;
  }

  /** The next lines, at least one batch of them when there are any, and no more when they have `mostBytes`. */
  async take(mostBytes: number): Promise<readonly ViewedBatch[]> {
    await this.#feed.ready;
    const batches: ViewedBatch[] = [];
    try {
      if (!this.#started) await this.#start(batches);
      await this.#fill(batches, mostBytes);
    } catch (error) {
      // What was taken already must not be lost with it.
      if (batches.length === 0) throw error;
    }
    this.#addPartial(batches);
    return batches;
  }

  async #fill(batches: ViewedBatch[], mostBytes: number): Promise<void> {
    for (let bytes = 0; bytes < mostBytes && !this.#closed; ) {
      const got = this.#next === null ? await this.#catchUp() : this.#takeChunk(this.#next);
      if (got !== null) {
        batches.push(got.batch);
        bytes += got.bytes;
      } else if (this.#next !== null) return;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#behind?.close();
    this.#behind = null;
  }

  async #start(batches: ViewedBatch[]): Promise<void> {
    this.#started = true;
    if ('tail' in this.#from) return this.#startWithTail(this.#from.tail, batches, null);
    const { path, mask, position } = this.#feed;
    this.#aim = position;
    const reader = new LogReader({ path, mask, until: position });
    if (await reader.goTo(this.#from.after)) {
      this.#behind = reader;
      return;
    }
    await reader.close();
    if (this.#from.after.file === '') this.#join();
    // Its file is gone, or was emptied: what is there now is all there is.
    else await this.#startWithTail(lostTail, batches, 'replaced');
  }

  async #startWithTail(limit: number, batches: ViewedBatch[], mark: LogBatch['mark']): Promise<void> {
    this.#join();
    const { path, mask } = this.#feed;
    const before = this.#position;
    if (limit === 0 || before.file === '') return;
    const { lines } = await linesBefore({ path, mask, before, limit });
    if (lines.length > 0) batches.push({ at: null, lines: lines.map(({ text }) => text), gap: null, mark });
  }

  /** Goes on with what the feed reads from now on. */
  #join(): void {
    this.#next = this.#feed.next;
    this.#seen = this.#feed.total;
    this.#position = this.#feed.position;
  }

  /** Lines that the feed has passed already; null when there are none, for now or for good. */
  async #catchUp(): Promise<Got | null> {
    const reader = this.#behind;
    const chunk = (await reader?.read()) ?? null;
    if (chunk) {
      this.#position = chunk.end;
      return { batch: batchOf(chunk, { at: null }), bytes: chunk.bytes };
    }
    const { position } = this.#feed;
    if (reader && !this.#closed && !samePosition(this.#aim, position)) {
      this.#aim = position;
      reader.until = position;
      return null;
    }
    // No other place in the feed until here: it goes on exactly where the files end.
    this.#join();
    this.#behind = null;
    await reader?.close();
    return null;
  }

  #takeChunk(number: number): Got | null {
    const found = this.#feed.chunk(number);
    if (!found) return null;
    const { chunk } = found;
    const { linesBefore: lines, bytesBefore: bytes } = chunk;
    const gap =
      found.number > number ? { lines: lines - this.#seen.lines, bytes: bytes - this.#seen.bytes } : null;
    this.#next = found.number + 1;
    this.#seen = { lines: lines + chunk.lines.length, bytes: bytes + chunk.bytes };
    this.#position = chunk.end;
    return { batch: batchOf(chunk, { at: chunk.at, gap }), bytes: chunk.bytes };
  }

  /** The unfinished line goes with what was taken last, or alone when only it has changed. */
  #addPartial(batches: ViewedBatch[]): void {
    if (this.#next !== this.#feed.next) return;
    const { partial } = this.#feed;
    const last = batches.at(-1);
    if (!last && partial === this.#partial) return;
    this.#partial = partial;
    const batch = last ?? { at: this.#feed.now(), lines: [], gap: null, mark: null };
    batches.splice(-1, 1, partial === null ? batch : { ...batch, partial });
  }
}

interface Got {
  readonly batch: ViewedBatch;
  readonly bytes: number;
}

function batchOf(
  { lines, mark }: LogChunk,
  { at, gap = null }: { at: number | null; gap?: LogBatch['gap'] },
): ViewedBatch {
  return { at, lines: [...lines], gap, mark };
}
