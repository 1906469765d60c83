export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof levels)[number];

/** What a plain line begins with, or Python's sign of a fault, the most specific first; as Get-OrchestratorLog has it. */
const plain: readonly (readonly [Level, RegExp])[] = [
  ['fatal', /^[^\p{L}\p{N}_]*(?:FATAL|CRITICAL)\b/u],
  ['error', /^[^\p{L}\p{N}_]*(?:ERROR|Error)\b|^Traceback \(|^[A-Za-z_.]*(?:Error|Exception)(?::|$)|^!!! /u],
  ['warn', /^[^\p{L}\p{N}_]*(?:WARN|WARNING|Warning)\b|Warning:/u],
  ['debug', /^[^\p{L}\p{N}_]*DEBUG\b/u],
  ['trace', /^[^\p{L}\p{N}_]*TRACE\b/u],
];
const hint = /FATAL|CRITICAL|ERROR|Error|Exception|Traceback|!!!|WARN|Warning|DEBUG|TRACE/;

/**
 * The level that a plain line shows; null when it shows none. The stream is not asked: ComfyUI writes all it has to say
 * to stderr.
 */
export function plainLevel(text: string): Level | null {
  // Most lines hold none of these words, and are asked nothing else.
  if (!hint.test(text)) return null;
  return plain.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}

/** A level as pino writes it: a word, or a number from 10 to 60. */
export function pinoLevel(level: unknown): Level | null {
  const word = typeof level === 'number' ? levels[level / 10 - 1] : String(level).toLowerCase();
  return levels.find((known) => known === word) ?? null;
}
