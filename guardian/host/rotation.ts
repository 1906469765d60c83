import { basename, parse } from 'node:path';

export interface RotatedFile {
  readonly name: string;
  readonly bytes: number;
}

const stampPattern = '(\\d{4})(\\d{2})(\\d{2})T(\\d{2})(\\d{2})(\\d{2})\\.(\\d{3})';

/** `panel-stdout.log` at 04:30 UTC → `panel-stdout-20261125T043000.123.log`. */
export function rotatedName(live: string, at: number): string {
  const { name, ext } = parse(basename(live));
  const stamp = new Date(at).toISOString().replaceAll(/[-:]/g, '').slice(0, -1);
  return `${name}-${stamp}${ext}`;
}

/** The instant in a rotated file's name; null when the name is not exactly one of this live file's. */
export function rotatedAt(live: string, candidate: string): number | null {
  const { name, ext } = parse(basename(live));
  if (!candidate.startsWith(`${name}-`) || !candidate.endsWith(ext)) return null;
  const stamp = candidate.slice(name.length + 1, candidate.length - ext.length);
  const parts = new RegExp(`^${stampPattern}$`).exec(stamp);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second, ms] = parts;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(at) || rotatedName(live, at) !== candidate ? null : at;
}

/**
 * Names rotated files so that no two are alike and their order by name is the order they were written in, also when
 * two fall into one millisecond or the clock goes back.
 */
export function createNamer(live: string): (now: number) => string {
  let last = Number.NEGATIVE_INFINITY;
  return (now) => {
    last = Math.max(now, last + 1);
    return rotatedName(live, last);
  };
}

/**
 * Which of a folder's files to delete: this stream's rotated ones that are older than `keepDays`, and the oldest of
 * the rest until they fit `keepBytes`. Never the live file, never a name that is not exactly of this stream.
 */
export function selectForPruning({
  live,
  files,
  keepBytes,
  keepDays,
  now,
}: {
  live: string;
  files: readonly RotatedFile[];
  keepBytes: number;
  keepDays: number;
  now: number;
}): string[] {
  const oldest = now - keepDays * 86_400_000;
  const newestFirst = files
    .flatMap((file) => {
      const at = rotatedAt(live, file.name);
      return at === null ? [] : [{ ...file, at }];
    })
    .sort((a, b) => b.at - a.at);
  let total = 0;
  let full = false;
  return newestFirst
    .filter(({ bytes, at }) => {
      total += bytes;
      full ||= total > keepBytes;
      return full || at < oldest;
    })
    .map(({ name }) => name);
}
