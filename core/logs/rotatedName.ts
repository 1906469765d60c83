import { basename, parse } from 'node:path';

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
