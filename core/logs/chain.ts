import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type OpenFile, openFile } from './openFile.ts';
import { rotatedAt } from './rotatedName.ts';

/** How often the live file is opened anew because the log was rotated meanwhile. */
const tries = 20;

/** Names of the rotated files of a log, the oldest first. */
export async function rotatedNames(path: string): Promise<string[]> {
  const live = basename(path);
  const names = await readdir(dirname(path)).catch(() => [] as string[]);
  return names.filter((name) => rotatedAt(live, name) !== null).sort();
}

/**
 * The files of one log as they follow one another at one moment: the rotated ones, then the live one, if there is one.
 * They are opened when they are asked for; the live one is open from the beginning, since its name may go to another.
 */
export class Chain {
  readonly #path: string;
  readonly #opened = new Map<number, OpenFile | null>();
  readonly rotated: readonly string[];
  /** How many files there are. */
  readonly length: number;

  private constructor(path: string, rotated: readonly string[], live: OpenFile | null) {
    this.#path = path;
    this.rotated = rotated;
    this.length = rotated.length + (live ? 1 : 0);
    if (live) this.#opened.set(rotated.length, live);
  }

  /**
   * A rotation may fall between the look at the folder and the opening of the live file, also several of them: what was
   * opened follows on the last rotated file only when no other came meanwhile.
   */
  static async open(path: string): Promise<Chain> {
    let rotated = await rotatedNames(path);
    for (let left = tries; ; left -= 1) {
      const live = await openFile(path);
      const after = await rotatedNames(path);
      if (after.at(-1) === rotated.at(-1) || left === 0) return new Chain(path, rotated, live);
      await live?.handle.close();
      rotated = after;
    }
  }

  nameOf(index: number): string {
    return this.rotated[index] ?? basename(this.#path);
  }

  /** Null when the file is gone by now. */
  async at(index: number): Promise<OpenFile | null> {
    const known = this.#opened.get(index);
    const name = this.rotated[index];
    if (known !== undefined || name === undefined) return known ?? null;
    const opened = await openFile(join(dirname(this.#path), name));
    this.#opened.set(index, opened);
    return opened;
  }

  /** Where a file stands; -1 when it is not here. The newest are looked at first. */
  find(id: string): Promise<number> {
    return this.#findBy((file) => file.id === id);
  }

  /** The same for a file that is open. */
  findOpen({ number }: OpenFile): Promise<number> {
    return this.#findBy((file) => file.number === number);
  }

  async #findBy(wanted: (file: OpenFile) => boolean): Promise<number> {
    for (let index = this.length - 1; index >= 0; index -= 1) {
      const file = await this.at(index);
      if (file && wanted(file)) return index;
    }
    return -1;
  }

  /** Gives a file away: closing it is then the caller's business. */
  async take(index: number): Promise<OpenFile | null> {
    const opened = await this.at(index);
    this.#opened.delete(index);
    return opened;
  }

  async close(): Promise<void> {
    const files = [...this.#opened.values()];
    this.#opened.clear();
    await Promise.all(files.map((file) => file?.handle.close()));
  }
}
