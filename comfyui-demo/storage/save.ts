import { mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join, normalize, resolve } from 'node:path';
import type { Frame } from '../image/picture.ts';
import { writePng } from '../image/png.ts';
import { toJson } from '../json.ts';
import { type Folders, isInside } from './folders.ts';

export interface SavedImage {
  filename: string;
  subfolder: string;
  type: 'output' | 'temp';
}

export interface SaveOptions {
  folders: Folders;
  type: 'output' | 'temp';
  prefix: string;
  frames: AsyncIterable<Frame>;
  /** zlib level */
  level: number;
  /** graph and extra data to embed, or null */
  metadata: { prompt: unknown; extra: Readonly<Record<string, unknown>> } | null;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Replaces %width%, %year% and the like; %batch_num% waits for each image. */
export function expandPrefix(prefix: string, { width, height }: Frame, now: Date): string {
  const values: Record<string, string> = {
    width: String(width),
    height: String(height),
    year: String(now.getFullYear()),
    month: two(now.getMonth() + 1),
    day: two(now.getDate()),
    hour: two(now.getHours()),
    minute: two(now.getMinutes()),
    second: two(now.getSeconds()),
  };
  return prefix.replace(/%(\w+)%/g, (whole, name: string) => values[name] ?? whole);
}

/** One more than the highest number among `<name>_00001_.png` and its like. */
export function nextCounter(files: readonly string[], name: string): number {
  const numbers = files
    .filter((file) => file.startsWith(`${name}_`))
    .map((file) => Number.parseInt(file.slice(name.length + 1).split('_')[0] ?? '', 10));
  return Math.max(0, ...numbers.filter(Number.isInteger)) + 1;
}

async function placeFor(folder: string, prefix: string) {
  const path = normalize(prefix);
  const subfolder = dirname(path) === '.' ? '' : dirname(path);
  const full = resolve(join(folder, subfolder));
  if (!isInside(folder, full))
    throw new Error('**** ERROR: Saving image outside the output folder is not allowed.');
  await mkdir(full, { recursive: true });
  const name = basename(path);
  return { subfolder, full, name, counter: nextCounter(await readdir(full), name) };
}

/** Writes each frame to a file with the next free number. */
export async function saveFrames({ folders, type, prefix, frames, level, metadata }: SaveOptions) {
  const texts = metadata
    ? [['prompt', metadata.prompt] as const, ...Object.entries(metadata.extra)].map(
        ([key, value]) => [key, toJson(value)] as const,
      )
    : [];
  const saved: SavedImage[] = [];
  let place: Awaited<ReturnType<typeof placeFor>> | undefined;
  for await (const frame of frames) {
    place ??= await placeFor(folders.paths[type], expandPrefix(prefix, frame, new Date()));
    const name = place.name.replaceAll('%batch_num%', String(saved.length));
    const filename = `${name}_${String(place.counter + saved.length).padStart(5, '0')}_.png`;
    await writePng(join(place.full, filename), frame, { texts, level });
    saved.push({ filename, subfolder: place.subfolder.replaceAll('\\', '/'), type });
  }
  return saved;
}
