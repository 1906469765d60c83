/** How a log file is written. */
export type Encoding = 'utf8' | 'utf16le' | 'utf16be';

/** Bytes at the start of a file that are looked at. */
export const headBytes = 512;

/**
 * The encoding by the first bytes of a file: a byte order mark, else the zero bytes that mostly Latin text has at every
 * second place in UTF-16. Null when there are too few bytes to say.
 */
export function detectEncoding(head: Uint8Array): Encoding | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf16be';
  if (head.length >= 3 && head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf8';
  const pairs = Math.floor(Math.min(head.length, headBytes) / 2);
  if (pairs < 4) return null;
  let even = 0;
  let odd = 0;
  for (let at = 0; at < pairs * 2; at += 2) {
    if (head[at] === 0) even += 1;
    if (head[at + 1] === 0) odd += 1;
  }
  // A stretch of zeros, as a crash leaves it, has both.
  if (odd > pairs * 0.4 && even < pairs * 0.1) return 'utf16le';
  if (even > pairs * 0.4 && odd < pairs * 0.1) return 'utf16be';
  return 'utf8';
}

export function decode(bytes: Buffer, encoding: Encoding): string {
  if (encoding === 'utf8') return bytes.toString('utf8');
  const even = bytes.subarray(0, bytes.length & ~1);
  return encoding === 'utf16le' ? even.toString('utf16le') : Buffer.from(even).swap16().toString('utf16le');
}

/** Bytes of one character of ASCII. */
export function unitOf(encoding: Encoding): 1 | 2 {
  return encoding === 'utf8' ? 1 : 2;
}

/** Place of an ASCII character at or after `from`; -1 when there is none. `bytes` starts at a whole unit. */
export function indexOfCode(bytes: Buffer, code: number, from: number, encoding: Encoding): number {
  if (encoding === 'utf8') return bytes.indexOf(code, from);
  const shift = encoding === 'utf16le' ? 0 : 1;
  for (let at = bytes.indexOf(code, from); at !== -1; at = bytes.indexOf(code, at + 1)) {
    const start = at - shift;
    if (start >= from && (start & 1) === 0 && bytes[start + 1 - shift] === 0) return start;
  }
  return -1;
}

/** Place of the last one before `until`; -1 when there is none. */
export function lastIndexOfCode(bytes: Buffer, code: number, until: number, encoding: Encoding): number {
  if (until <= 0) return -1;
  if (encoding === 'utf8') return bytes.lastIndexOf(code, until - 1);
  const shift = encoding === 'utf16le' ? 0 : 1;
  for (let at = bytes.lastIndexOf(code, until - 1); at !== -1; ) {
    const start = at - shift;
    if (start >= 0 && (start & 1) === 0 && start + 2 <= until && bytes[start + 1 - shift] === 0) return start;
    at = at === 0 ? -1 : bytes.lastIndexOf(code, at - 1);
  }
  return -1;
}

/** The most bytes up to `limit` that cut no character in two. */
export function wholeCharacters(bytes: Buffer, limit: number, encoding: Encoding): number {
  if (bytes.length <= limit) return bytes.length;
  if (encoding !== 'utf8') {
    const even = limit & ~1;
    const high = bytes[even - (encoding === 'utf16le' ? 1 : 2)] ?? 0;
    // The first half of a pair stays with the second.
    return high >= 0xd8 && high <= 0xdb ? even - 2 : even;
  }
  let end = limit;
  while (end > limit - 4 && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}
