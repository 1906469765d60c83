import { createHash } from 'node:crypto';

/** A source of numbers in [0, 1) that always gives the same ones for the same text. */
export function randomFrom(text: string): () => number {
  let state = createHash('sha256').update(text).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A smooth random line through 0…1 values, `knots` of them; read at any place. */
export function smoothLine(random: () => number, knots: number): (at: number) => number {
  const values = Array.from({ length: knots + 2 }, random);
  return (at) => {
    const place = Math.max(0, Math.min(knots, at * knots));
    const index = Math.floor(place);
    const part = place - index;
    const ease = part * part * (3 - 2 * part);
    const from = values[index] ?? 0;
    return from + ((values[index + 1] ?? 0) - from) * ease;
  };
}
