import { type LogStream, logStreams } from '../contract/logs.ts';
import { type Position, positionText, readPosition } from './position.ts';

/** A place in one stream. At a `line`, a page after it leaves out the line that begins there; before it, either does. */
export interface CursorPlace {
  readonly place: Position;
  readonly line: boolean;
}

/** A place in a log: in one of its streams, or in both of them. */
export type Cursor = Readonly<Partial<Record<LogStream, CursorPlace>>>;

const letters: Readonly<Record<LogStream, string>> = { stdout: 'o', stderr: 'e' };

export function cursorText(cursor: Cursor): string {
  return logStreams
    .flatMap((stream) => {
      const found = cursor[stream];
      return found ? [`${letters[stream]}${found.line ? 'l' : 'p'}.${positionText(found.place)}`] : [];
    })
    .join('~');
}

/** Null when the text is none. */
export function readCursor(text: string): Cursor | null {
  const cursor: Partial<Record<LogStream, CursorPlace>> = {};
  for (const part of text.split('~')) {
    const [, letter, kind, rest = ''] = /^([oe])([lp])\.(.*)$/s.exec(part) ?? [];
    const place = readPosition(rest);
    const stream = logStreams.find((name) => letters[name] === letter);
    if (!place || !stream) return null;
    cursor[stream] = { place, line: kind === 'l' };
  }
  return cursor;
}
