/** Where lines of different heights stand, in rows of text. */
export interface Rows {
  readonly count: number;
  /** Rows of all lines together. */
  readonly total: number;
  add(height: number): void;
  clear(): void;
  /** First row of a line. */
  top(index: number): number;
  /** The line that stands at a row. */
  at(row: number): number;
}

/** Sums of heights: a line is added in constant time and found in logarithmic time. */
export function createRows(): Rows {
  let ends: number[] = [];
  const top = (index: number) => (index <= 0 ? 0 : (ends[Math.min(index, ends.length) - 1] ?? 0));
  return {
    get count() {
      return ends.length;
    },
    get total() {
      return ends.at(-1) ?? 0;
    },
    add(height) {
      ends.push((ends.at(-1) ?? 0) + height);
    },
    clear() {
      ends = [];
    },
    top,
    at(row) {
      let low = 0;
      let high = ends.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((ends[middle] ?? 0) > row) high = middle;
        else low = middle + 1;
      }
      return Math.max(0, low);
    },
  };
}

/** Rows that a text takes in a monospaced column; wide characters of East Asian scripts and emoji count twice. */
export function rowsOf(text: string, columns: number): number {
  // Most lines need no closer look.
  if (columns <= 0 || text.length * 2 <= columns) return 1;
  let width = 0;
  for (const character of text) width += (character.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1;
  return Math.max(1, Math.ceil(width / columns));
}
