/** Text without the values of secrets. An `unfinished` text may end within one. */
export type Mask = (text: string, options?: { unfinished?: boolean }) => string;

const removed = '[removed]';

/** Shorter values are words like `on`: taking them out of everything would leave no log. */
const minLength = 4;
/** Said of settings, and in every log. */
const words = new Set(['true', 'false', 'none', 'null']);

/** The texts by which secret values show: as they are, in JSON and in an address. */
export function secretTexts(values: readonly string[]): string[] {
  const shapes = values.flatMap((value) =>
    value
      .split(/[\r\n]+/)
      .map((line) => line.trim())
      .filter((line) => line.length >= minLength && !words.has(line.toLowerCase()))
      .flatMap((line) => [line, JSON.stringify(line).slice(1, -1), encodeURIComponent(line)]),
  );
  // The longest first: one may be a part of another.
  return [...new Set(shapes)].sort((a, b) => b.length - a.length);
}

/** Puts `[removed]` where a secret stands. A text without one costs a search for each. */
export function createMask(secrets: readonly string[]): Mask {
  return (text, { unfinished = false } = {}) => {
    let result = text;
    for (const secret of secrets) if (result.includes(secret)) result = result.replaceAll(secret, removed);
    return unfinished ? withoutBeginning(result, secrets) : result;
  };
}

/** A text that stops within a secret loses that part too. */
function withoutBeginning(text: string, secrets: readonly string[]): string {
  for (const secret of secrets) {
    for (let length = Math.min(secret.length - 1, text.length); length >= minLength; length -= 1) {
      if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + removed;
    }
  }
  return text;
}
