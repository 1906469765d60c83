import type { ServerResponse } from 'node:http';
import type { Language } from '../../core/contract/errors.ts';
import type { Incident } from '../../core/contract/state.ts';
import type { Snapshot } from '../../core/status/snapshot.ts';
import type { StatusSource } from '../../core/status/source.ts';
import type { Exchange } from './context.ts';

export interface EventStream {
  /** Answers with the stream; it lives until the reader leaves or the panel ends. */
  open(exchange: Exchange): Promise<void>;
  /** Says goodbye on every stream and ends it. */
  close(): void;
  readonly size: number;
}

export interface EventStreamOptions {
  readonly source: StatusSource;
  /** What the first event `hello` carries beside the reader's role. */
  readonly hello: Readonly<Record<string, unknown>>;
  readonly pingMs?: number;
  /** Least time between two snapshots to one reader. */
  readonly gapMs?: number;
  /** A reader that takes nothing for so long is cut off; it may come back. */
  readonly stallMs?: number;
}

/** `GET /api/events`: one stream per browser tab, with the events hello, status, incident, ping and bye. */
export function createEventStream({
  source,
  hello,
  pingMs = 15_000,
  gapMs = 200,
  stallMs = 60_000,
}: EventStreamOptions): EventStream {
  const readers = new Set<Reader>();
  let unsubscribe: (() => void) | null = null;
  let pinger: NodeJS.Timeout | null = null;
  let closed = false;

  function join(reader: Reader): void {
    readers.add(reader);
    unsubscribe ??= source.subscribe((snapshot, incidents) => {
      for (const each of readers) each.offer(snapshot, incidents);
    });
    pinger ??= setInterval(() => {
      for (const each of readers) each.ping();
    }, pingMs).unref();
  }

  function leave(reader: Reader): void {
    reader.stop();
    readers.delete(reader);
    if (readers.size > 0) return;
    unsubscribe?.();
    unsubscribe = null;
    if (pinger) clearInterval(pinger);
    pinger = null;
  }

  return {
    get size() {
      return readers.size;
    },
    async open({ request, response, language, role }) {
      const first = await source.current();
      if (closed || request.socket.destroyed) return void response.destroy();
      request.socket.setNoDelay(true);
      response.writeHead(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-cache, no-transform',
        'X-Accel-Buffering': 'no',
      });
      if (request.method === 'HEAD') return void response.end();
      response.write(`retry: 2000\n${event('hello', JSON.stringify({ ...hello, role }))}`);
      const reader = createReader({ response, language, gapMs, stallMs });
      response.once('close', () => leave(reader));
      join(reader);
      reader.offer(first, []);
    },
    close() {
      closed = true;
      for (const reader of [...readers]) {
        leave(reader);
        reader.bye();
      }
    },
  };
}

interface Reader {
  offer(snapshot: Snapshot, incidents: readonly Incident[]): void;
  ping(): void;
  bye(): void;
  stop(): void;
}

/** Keeps nothing for a slow reader but the newest snapshot, which lists the newest incidents too. */
function createReader({
  response,
  language,
  gapMs,
  stallMs,
}: {
  response: ServerResponse;
  language: Language;
  gapMs: number;
  stallMs: number;
}): Reader {
  let latest: Snapshot | null = null;
  let news: Incident[] = [];
  let sentAt = Number.NEGATIVE_INFINITY;
  let waiting: NodeJS.Timeout | null = null;
  let stalled: NodeJS.Timeout | null = null;

  function write(text: string): void {
    if (response.write(text) || stalled) return;
    stalled = setTimeout(() => response.destroy(), stallMs).unref();
  }

  function flush(): void {
    waiting = null;
    if (!latest || response.writableNeedDrain) return;
    const status = event('status', latest.json(language), latest.version);
    const incidents = news.map((incident) => event('incident', JSON.stringify(incident)));
    latest = null;
    news = [];
    sentAt = performance.now();
    write([status, ...incidents].join(''));
  }

  response.on('drain', () => {
    if (stalled) clearTimeout(stalled);
    stalled = null;
    if (!waiting) flush();
  });

  return {
    offer(snapshot, incidents) {
      latest = snapshot;
      news = [...incidents, ...news].slice(0, 20);
      const wait = sentAt + gapMs - performance.now();
      if (wait <= 0 && !waiting) flush();
      else waiting ??= setTimeout(flush, Math.max(0, wait));
    },
    ping() {
      if (!response.writableNeedDrain) write(event('ping', JSON.stringify({ at: new Date().toISOString() })));
    },
    bye() {
      response.end(event('bye', '{}'));
    },
    stop() {
      if (waiting) clearTimeout(waiting);
      if (stalled) clearTimeout(stalled);
      waiting = null;
      stalled = null;
    },
  };
}

/** `data` must be one line, as JSON is. */
function event(name: string, data: string, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;
}
