/** Kinds of causes, the most specific first. The guardian's sentences hold numbers and names, which no label may. */
const kinds: readonly (readonly [string, RegExp])[] = [
  ['port', /^port \d+ is held by/],
  ['silent', /^no answer/],
  ['start', /^could not be started/],
  ['killed', /^was killed|\(killed by/],
  ['exited', /^exited/],
  ['host', /host process/],
  ['answers', /^(?:HTTP|status|answered)/i],
];

/** One of a fixed few words for the cause of an incident. */
export function causeClass(cause: string): string {
  return kinds.find(([, pattern]) => pattern.test(cause))?.[0] ?? 'other';
}
