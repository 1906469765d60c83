import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

/** A JSON logger on stdout with ISO times. `level` is pino's: trace, debug, info, warn, error, fatal, silent. */
export function createLogger({ name, level = 'info' }: { name: string; level?: string }): Logger {
  const known = level in pino.levels.values || level === 'silent';
  return pino({
    level: known ? level : 'info',
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: ['*.authorization', '*.cookie', '*.token', '*.key', '*.prompt'], censor: '[removed]' },
  });
}
