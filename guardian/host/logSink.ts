import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { RotatingFileStream } from 'rotating-file-stream';
import { rotatedAt } from '../../core/logs/rotatedName.ts';
import { createNamer, selectForPruning } from './rotation.ts';

export interface LogSinkOptions {
  readonly file: string;
  readonly rotateBytes: number;
  readonly keepBytes: number;
  readonly keepDays: number;
  /** Told of each fault that does not stop the sink. */
  readonly onTrouble: (message: string) => void;
  readonly now?: () => number;
}

/** Pause after a failed write before the file is tried again; output that comes meanwhile is dropped and counted. */
const retryMs = 1000;
/** How long a file that cannot be renamed (a reader holds it open) grows on before rotation is tried again. */
const noRotationMs = 30_000;

/**
 * One log file that rotates while it is written. `write` resolves when the bytes are with the system, which is the
 * back-pressure; it never rejects: what cannot be written is counted in `dropped`.
 */
export class LogSink {
  readonly file: string;
  dropped = 0;
  /** Bytes taken so far, dropped ones included. */
  taken = 0;
  readonly #options: LogSinkOptions;
  readonly #now: () => number;
  readonly #name: (now: number) => string;
  #stream: RotatingFileStream | null = null;
  #size = 0;
  #tail: Promise<unknown> = Promise.resolve();
  #retryAt = 0;
  #rotateFrom = 0;
  #rotating = false;

  constructor(options: LogSinkOptions) {
    this.file = options.file;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#name = createNamer(options.file);
  }

  /** Throws the system's error when the file cannot be opened. */
  async open(): Promise<void> {
    await mkdir(dirname(this.file), { recursive: true });
    await access(dirname(this.file), constants.W_OK);
    this.dropped = 0;
    await this.#open();
    void this.#prune();
  }

  write(chunk: Buffer): Promise<void> {
    const result = this.#tail.then(() => this.#write(chunk));
    this.#tail = result;
    return result;
  }

  /** Lets go of a file that somebody removed: the next write makes a new one. */
  mend(): void {
    if (existsSync(this.file)) return;
    this.#tail = this.#tail.then(() => this.#closeStream());
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#closeStream();
  }

  async #open(): Promise<void> {
    if (this.#now() >= this.#rotateFrom) {
      this.#rotateFrom = 0;
      try {
        return await this.#openStream(true);
      } catch (error) {
        if (!this.#rotating) throw error;
        this.#rotationFailed(error);
      }
    }
    await this.#openStream(false);
  }

  async #openStream(rotate: boolean): Promise<void> {
    const { createStream } = await import('rotating-file-stream');
    const live = basename(this.file);
    const stream = createStream((time) => (time ? this.#name(this.#now()) : live), {
      path: dirname(this.file),
      ...(rotate ? { size: `${this.#options.rotateBytes}B` } : {}),
    });
    stream.on('rotation', () => {
      this.#rotating = true;
    });
    stream.on('rotated', () => {
      this.#rotating = false;
      this.#size = 0;
      void this.#prune();
    });
    // 'error' rejects the wait; later ones arrive at the write that met them.
    await once(stream, 'open');
    stream.on('error', () => {});
    this.#size = rotate ? await sizeOf(this.file) : Number.NEGATIVE_INFINITY;
    this.#stream = stream;
  }

  #rotationFailed(error: unknown): void {
    this.#rotating = false;
    // Where the file itself is gone, a new one may rotate at once.
    this.#rotateFrom = codeOf(error) === 'ENOENT' ? 0 : this.#now() + noRotationMs;
    this.#options.onTrouble(`${basename(this.file)} could not be rotated (${codeOf(error)})`);
  }

  async #write(chunk: Buffer): Promise<void> {
    this.taken += chunk.length;
    const cut = this.#lineEnd(chunk);
    await this.#put(chunk.subarray(0, cut));
    if (cut < chunk.length) {
      this.taken -= chunk.length - cut;
      await this.#write(chunk.subarray(cut));
    }
  }

  /**
   * Where to cut a chunk that fills the file: after the line that crosses the limit, so that rotation, which follows
   * a write, tears no line (unless that line's end is not here yet).
   */
  #lineEnd(chunk: Buffer): number {
    const room = this.#options.rotateBytes - this.#size;
    if (room >= chunk.length) return chunk.length;
    const end = chunk.indexOf(10, Math.max(0, room - 1));
    return end === -1 ? chunk.length : end + 1;
  }

  async #put(bytes: Buffer): Promise<void> {
    if (!(await this.#ready())) {
      this.dropped += bytes.length;
      return;
    }
    this.#size += bytes.length;
    const error = await writeTo(this.#stream, bytes);
    if (error === null) return;
    this.#stream = null;
    // In a rotation the bytes were written; what failed is the rename after it.
    if (this.#rotating) return this.#rotationFailed(error);
    this.dropped += bytes.length;
    this.#failed('written', error);
  }

  async #ready(): Promise<boolean> {
    if (this.#rotateFrom !== 0 && this.#now() >= this.#rotateFrom) await this.#closeStream();
    if (this.#stream !== null) return true;
    if (this.#now() < this.#retryAt) return false;
    try {
      await this.#open();
      return true;
    } catch (error) {
      this.#failed('opened', error);
      return false;
    }
  }

  #failed(what: string, error: unknown): void {
    this.#retryAt = this.#now() + retryMs;
    this.#options.onTrouble(`${basename(this.file)} cannot be ${what} (${codeOf(error)})`);
  }

  async #closeStream(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    if (stream === null || stream.destroyed) return;
    stream.end();
    await once(stream, 'close').catch(() => {});
  }

  async #prune(): Promise<void> {
    const { keepBytes, keepDays } = this.#options;
    const folder = dirname(this.file);
    try {
      const names = (await readdir(folder)).filter((name) => rotatedAt(this.file, name) !== null);
      const files = await Promise.all(
        names.map(async (name) => ({ name, bytes: await sizeOf(join(folder, name)) })),
      );
      const now = this.#now();
      for (const name of selectForPruning({ live: this.file, files, keepBytes, keepDays, now })) {
        await rm(join(folder, name), { force: true });
      }
    } catch (error) {
      this.#options.onTrouble(`${basename(this.file)}: old files could not be deleted (${codeOf(error)})`);
    }
  }
}

function writeTo(stream: RotatingFileStream | null, bytes: Buffer): Promise<Error | null> {
  return new Promise((resolve) => {
    if (stream === null) resolve(new Error('closed'));
    else stream.write(bytes, (error) => resolve(error ?? null));
  });
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? 'unknown';
}
