import { rotatedAt, rotatedName } from '../../core/logs/rotatedName.ts';

export interface RotatedFile {
  readonly name: string;
  readonly bytes: number;
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
