/** Escape sequences of terminals, and the control characters but tab and line feed; a byte order mark as well. */
const unprintable =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f\ufeff]/g;

/** Text without what only a terminal understands. */
export function stripTerminal(text: string): string {
  return text.replace(unprintable, '');
}

/**
 * What a terminal would show of a line that was rewritten with carriage returns: the last state that is not blank. The
 * carriage return of a Windows line end counts for nothing.
 */
export function lastState(line: string): string {
  if (!line.includes('\r')) return line;
  const states = (line.endsWith('\r') ? line.slice(0, -1) : line).split('\r');
  return states.findLast((state) => /[^\x00-\x20]/.test(state)) ?? states.at(-1) ?? '';
}

/** Whole lines, each with its line feed, as they are shown: lines of progress by their last state, no escapes. */
export function plainText(block: string): string {
  if (!block.includes('\r')) return stripTerminal(block);
  const plain = block.replaceAll('\r\n', '\n');
  return stripTerminal(plain.includes('\r') ? block.split('\n').map(lastState).join('\n') : plain);
}
