import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** A JSON logger with ISO times, on stdout unless told otherwise. `level` is pino's: trace, debug, info, warn, error, fatal, silent. */
export function createLogger({
  name,
  level = 'info',
  destination,
}: {
  name: string;
  level?: string;
  destination?: DestinationStream;
}): Logger {
  const known = level in pino.levels.values || level === 'silent';
  const options = {
    level: known ? level : 'info',
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: ['*.authorization', '*.cookie', '*.token', '*.key', '*.prompt'], censor: '[removed]' },
  };
  return destination ? pino(options, destination) : pino(options);
}
