import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

export type FolderType = 'output' | 'input' | 'temp';
export interface FolderPaths {
  output: string;
  input: string;
  temp: string;
}

/** Whether `path` is `folder` or lies in it; both absolute. */
export const isInside = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

const NOTED = /^(.*) ?\[(output|input|temp)\]$/;

/** The three folders of a server, and names of files in them. */
export class Folders {
  readonly paths: FolderPaths;

  constructor(paths: FolderPaths) {
    this.paths = { output: resolve(paths.output), input: resolve(paths.input), temp: resolve(paths.temp) };
  }

  create(): void {
    this.emptyTemp();
    for (const path of Object.values(this.paths)) mkdirSync(path, { recursive: true });
  }

  emptyTemp(): void {
    rmSync(this.paths.temp, { recursive: true, force: true });
  }

  byType(type: string): string | null {
    return type === 'output' || type === 'input' || type === 'temp' ? this.paths[type] : null;
  }

  imageFiles(): string[] {
    try {
      return readdirSync(this.paths.input, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort();
    } catch {
      return [];
    }
  }

  /** Splits "a.png [temp]" into the name and its folder. */
  splitNote(name: string): { name: string; folder: string | null } {
    const [, plain, type] = NOTED.exec(name) ?? [];
    if (plain === undefined || type === undefined) return { name, folder: null };
    return { name: plain.trimEnd(), folder: this.byType(type) };
  }

  /** Path of an existing input file that a node names, or null. */
  annotated(name: string): string | null {
    const split = this.splitNote(name);
    const folder = split.folder ?? this.paths.input;
    const path = resolve(join(folder, split.name));
    return isInside(folder, path) && this.#isFile(path) ? path : null;
  }

  #isFile(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  }
}
