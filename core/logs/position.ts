/** A place in a log: a file by what it is, whatever its name is by now, and a byte in it. */
export interface Position {
  /** See `fileId`; empty for a log that had no file yet. */
  readonly file: string;
  readonly offset: number;
}

/** The place before everything in a log that has no file. */
export const beginning: Position = { file: '', offset: 0 };

export function positionText({ file, offset }: Position): string {
  return `${file}.${offset.toString(36)}`;
}

/** Null when the text is none. */
export function readPosition(text: string): Position | null {
  const [, file = '', digits = ''] = /^([\w-]{0,16})\.([0-9a-z]{1,11})$/.exec(text) ?? [];
  const offset = Number.parseInt(digits, 36);
  return Number.isSafeInteger(offset) ? { file, offset } : null;
}

export function samePosition(a: Position, b: Position): boolean {
  return a.file === b.file && a.offset === b.offset;
}
