import type { LogStream } from '../../../core/contract/logs.ts';
import { type Position, positionText, readPosition } from '../../../core/logs/position.ts';

/** One stream of one log, and where its reader is. */
export interface LogPosition {
  readonly id: string;
  readonly stream: LogStream;
  readonly position: Position;
}

const key = (id: string, stream: LogStream) => `${id}.${stream === 'stdout' ? 'o' : 'e'}`;

/**
 * One text that holds the places in all logs of a stream of events: parts with `~` between, each beginning with its
 * service and a dot. So a page that no longer wants a log can leave its place out.
 */
export function streamCursorText(logs: readonly LogPosition[]): string {
  return logs.map(({ id, stream, position }) => `${key(id, stream)}.${positionText(position)}`).join('~');
}

export type FindPosition = (id: string, stream: LogStream) => Position | null;

/** What is no cursor of ours holds no place: its reader begins as one without. */
export function readStreamCursor(text: string): FindPosition {
  const places = new Map<string, Position>();
  for (const part of text.split('~')) {
    const [, name = '', rest = ''] = /^([a-z][a-z0-9-]*\.[oe])\.(.*)$/s.exec(part) ?? [];
    const position = readPosition(rest);
    if (position) places.set(name, position);
  }
  return (id, stream) => places.get(key(id, stream)) ?? null;
}
