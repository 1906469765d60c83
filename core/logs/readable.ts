import { type Level, pinoLevel, plainLevel } from './level.ts';
import { lineTime, pinoTime } from './lineTime.ts';

export interface ReadableLine {
  /** Null when the line shows none. */
  readonly level: Level | null;
  /** Milliseconds since 1970; null when the line says none. */
  readonly time: number | null;
  /** For a person: of a JSON line its message, and behind it what else it says. */
  readonly text: string;
}

/** Keys of a JSON log line that say nothing to a reader of its text. */
const silent = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'v', 'name', 'service']);

/** Reads a line as pino writes it, or a plain one. */
export function readable(line: string): ReadableLine {
  if (line.startsWith('{') && line.endsWith('}')) {
    try {
      return fromJson(JSON.parse(line));
    } catch {
      // Only looks like JSON.
    }
  }
  return { level: plainLevel(line), time: lineTime(line), text: line };
}

function fromJson(json: Readonly<Record<string, unknown>>): ReadableLine {
  const message = typeof json['msg'] === 'string' ? json['msg'] : '';
  const rest = Object.entries(json).flatMap(([key, value]) => {
    if (silent.has(key) || value === null) return [];
    const text = valueText(value);
    // Structured for programs; a person has read it in the message.
    return text.length > 3 && message.includes(text) ? [] : [`${key}=${text}`];
  });
  const text = [message, ...rest].filter(Boolean).join(' ');
  return { level: pinoLevel(json['level']), time: pinoTime(json['time']), text };
}

function valueText(value: unknown): string {
  if (typeof value !== 'object') return String(value);
  const { message } = value as { message?: unknown };
  return typeof message === 'string' ? message : JSON.stringify(value);
}
