import type { LogLine } from './store.ts';

export const levelChoices = ['all', 'info', 'warn', 'error'] as const;
export type LevelChoice = (typeof levelChoices)[number];

/** Higher is worse; a line that says nothing of itself counts as information. */
const weights: Readonly<Record<string, number>> = {
  trace: 0,
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  fatal: 3,
};
const least: Readonly<Record<LevelChoice, number>> = { all: 0, info: 1, warn: 2, error: 3 };

export interface Filter {
  accepts(line: LogLine): boolean;
  /** What is to be marked in the text; null for nothing. */
  readonly pattern: RegExp | null;
  readonly valid: boolean;
}

/** `text` is plain text, case ignored, or a regular expression between slashes. */
export function createFilter({ text, level }: { text: string; level: LevelChoice }): Filter {
  const pattern = patternOf(text.trim());
  const valid = pattern !== undefined;
  const test = pattern ?? null;
  return {
    valid,
    pattern: test,
    accepts: (line) =>
      line.note !== undefined ||
      ((weights[line.level ?? 'info'] ?? 1) >= least[level] && (test === null || test.test(line.text))),
  };
}

function patternOf(text: string): RegExp | null | undefined {
  if (text === '') return null;
  const [, source, flags = ''] = /^\/(.+)\/(i?)$/.exec(text) ?? [];
  try {
    return source === undefined ? new RegExp(escapePattern(text), 'i') : new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

export function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
