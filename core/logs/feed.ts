import type { Mask } from './mask.ts';
import { endOfLog } from './page.ts';
import { beginning, type Position } from './position.ts';
import { type LogChunk, LogReader } from './reader.ts';
import type { WatchFile } from './watchFile.ts';

/** Lines of the feed, with what came before them in all. */
export interface FeedChunk extends LogChunk {
  /** When they were read, milliseconds since 1970. */
  readonly at: number;
  readonly linesBefore: number;
  readonly bytesBefore: number;
}

export interface LogFeedOptions {
  /** The live file. */
  readonly path: string;
  readonly mask: Mask;
  readonly watch: WatchFile;
  readonly now?: () => number;
  /** Called when the log cannot be read; it is tried again. */
  readonly onTrouble?: (error: unknown) => void;
  /** How long a log in which nothing happens is left alone, in ms. */
  readonly pollMs?: number;
  /** Pause between two readings of a log that is written, in ms: more lines come at once. */
  readonly gatherMs?: number;
  /** Bytes of lines that are kept for slow viewers. */
  readonly keepBytes?: number;
}

/** Pause after a fault, in ms. */
const faultMs = 1000;
/** An unfinished line is shown so often at most, in ms, and so much of it, in characters. */
const partialMs = 250;
const partialLength = 4096;

/**
 * One log that is read once for all its viewers. It keeps the newest lines within a limit; a viewer knows its place in
 * them and nothing else.
 */
export class LogFeed {
  readonly #options: Required<Omit<LogFeedOptions, 'onTrouble'>> & Pick<LogFeedOptions, 'onTrouble'>;
  readonly #listeners = new Set<() => void>();
  readonly #reader: LogReader;
  readonly #ready: Promise<void>;
  #ring: FeedChunk[] = [];
  #ringBytes = 0;
  /** Number of the first chunk in the ring. */
  #first = 0;
  #lines = 0;
  #bytes = 0;
  #end: Position = beginning;
  #partial: string | null = null;
  #partialAt = Number.NEGATIVE_INFINITY;
  #unwatch: () => void = () => {};
  #timer: NodeJS.Timeout | null = null;
  #reading = false;
  #again = false;
  #closed = false;

  constructor(options: LogFeedOptions) {
    this.#options = { now: Date.now, pollMs: 100, gatherMs: 20, keepBytes: 4_194_304, ...options };
    const { path, mask } = options;
    this.#reader = new LogReader({ path, mask });
    this.#ready = this.#start();
  }

  /** Resolves when the place is known at which the feed begins. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  get path(): string {
    return this.#options.path;
  }

  get mask(): Mask {
    return this.#options.mask;
  }

  now(): number {
    return this.#options.now();
  }

  /** Where the next chunk begins. */
  get position(): Position {
    return this.#end;
  }

  /** Number of the next chunk. */
  get next(): number {
    return this.#first + this.#ring.length;
  }

  /** The line that is being written, as far as it goes; null when there is none. */
  get partial(): string | null {
    return this.#partial;
  }

  /** What came in all: to count what a viewer missed. */
  get total(): { readonly lines: number; readonly bytes: number } {
    return { lines: this.#lines, bytes: this.#bytes };
  }

  /** The chunk of a number, or the oldest that is kept; null when it is still to come. */
  chunk(number: number): { readonly number: number; readonly chunk: FeedChunk } | null {
    const at = Math.max(number, this.#first);
    const chunk = this.#ring[at - this.#first];
    return chunk ? { number: at, chunk } : null;
  }

  /** `listener` is called when there is something new. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#unwatch();
    await this.#ready;
    if (!this.#reading) await this.#reader.close();
  }

  async #start(): Promise<void> {
    const { path, mask, watch } = this.#options;
    try {
      const end = await endOfLog({ path, mask });
      if (end !== null) await this.#reader.goTo(end);
      this.#end = this.#reader.position;
    } catch (error) {
      this.#options.onTrouble?.(error);
    }
    if (this.#closed) return;
    this.#unwatch = watch(path, () => this.#look());
    this.#look();
  }

  /** Reads what is there, now or as soon as the reading that is on has ended. */
  #look(): void {
    if (this.#closed) return;
    this.#again = true;
    if (this.#reading) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#reading = true;
    void this.#readAll();
  }

  async #readAll(): Promise<void> {
    const { pollMs, gatherMs, onTrouble } = this.#options;
    let pause = pollMs;
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        for (
          let chunk = await this.#reader.read();
          chunk && !this.#closed;
          chunk = await this.#reader.read()
        ) {
          pause = gatherMs;
          this.#add(chunk);
        }
        this.#see(this.#reader.peek());
      }
    } catch (error) {
      pause = faultMs;
      onTrouble?.(error);
    }
    this.#reading = false;
    if (this.#closed) await this.#reader.close();
    else this.#timer = setTimeout(() => this.#look(), pause).unref();
  }

  #add(chunk: LogChunk): void {
    const { now, keepBytes } = this.#options;
    this.#ring.push({ ...chunk, at: now(), linesBefore: this.#lines, bytesBefore: this.#bytes });
    this.#lines += chunk.lines.length;
    this.#bytes += chunk.bytes;
    this.#ringBytes += chunk.bytes;
    this.#end = chunk.end;
    this.#partial = null;
    while (this.#ringBytes > keepBytes && this.#ring.length > 1) {
      this.#ringBytes -= this.#ring.shift()?.bytes ?? 0;
      this.#first += 1;
    }
    this.#tell();
  }

  /** A line of progress is rewritten many times a second: that is too often to tell. */
  #see(line: string | null): void {
    const partial = line?.slice(0, partialLength) ?? null;
    if (partial === this.#partial || performance.now() - this.#partialAt < partialMs) return;
    this.#partialAt = performance.now();
    this.#partial = partial;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
