import { mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
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

export const PREVIEW_STEM = 'ComfyUI_temp';
const PREVIEW_NAME = new RegExp(`^${PREVIEW_STEM}_[a-z]{5}_\\d+_\\.png$`);
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

  /** Removes our own previews, and the folder when nothing else is in it: it may be somebody's. */
  emptyTemp(): void {
    try {
      for (const name of readdirSync(this.paths.temp))
        if (PREVIEW_NAME.test(name)) rmSync(join(this.paths.temp, name), { force: true });
      rmdirSync(this.paths.temp);
    } catch {
      // not there, or not empty
    }
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
