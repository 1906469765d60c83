/** `2026-01-31T12:00:00.000Z`, with a blank or a comma as some write it, perhaps in brackets, at the start of a line. */
const stamp = /^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,3}))?\d*(Z|[+-]\d\d:?\d\d)?/;

/** Milliseconds since 1970 that a line says of itself; null when it says none. Without a zone it is local time. */
export function lineTime(text: string): number | null {
  const [, day, time, fraction = '0', zone = ''] = stamp.exec(text) ?? [];
  if (day === undefined) return null;
  const ms = Date.parse(`${day}T${time}.${fraction.padEnd(3, '0')}${zone.replace(/^(...)(\d\d)$/, '$1:$2')}`);
  return Number.isNaN(ms) ? null : ms;
}

/** A time as pino writes it: ISO 8601, or milliseconds since 1970. */
export function pinoTime(time: unknown): number | null {
  if (typeof time === 'number' && Number.isFinite(time)) return time;
  return typeof time === 'string' ? lineTime(time) : null;
}
