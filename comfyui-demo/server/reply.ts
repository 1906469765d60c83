import { toJson } from '../json.ts';

/** An answer; a file is streamed, everything else is in `body`. */
export interface Reply {
  status: number;
  headers: Record<string, string | number>;
  body?: string | Buffer;
  file?: { path: string; start: number; end: number };
}

export const jsonText = (body: string, status = 200): Reply => ({
  status,
  headers: { 'Content-Type': 'application/json; charset=utf-8' },
  body,
});

export const json = (value: unknown, status = 200): Reply => jsonText(toJson(value), status);

export const text = (body: string, status = 200): Reply => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body,
});

/** A bare status, as the real servers give when there is nothing to say. */
export const empty = (status = 200): Reply => ({
  status,
  headers: { 'Content-Type': 'application/octet-stream' },
  body: '',
});

export const html = (body: string): Reply => ({
  status: 200,
  headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' },
  body,
});

export const notFound = (): Reply => text('404: Not Found', 404);

export const serverError = (): Reply =>
  text('500 Internal Server Error\n\nServer got itself in trouble', 500);
