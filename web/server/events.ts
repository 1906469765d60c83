import type { ServerResponse } from 'node:http';
import type { Channel, Sink } from './channel.ts';
import type { Exchange } from './context.ts';

export interface EventStream {
  /** Answers with the stream; it lives until the reader leaves or the panel ends. */
  open(exchange: Exchange): Promise<void>;
  /** Says goodbye on every stream and ends it. */
  close(): void;
  readonly size: number;
}

export interface EventStreamOptions {
  /** What the first event `hello` carries beside the reader's role. */
  readonly hello: Readonly<Record<string, unknown>>;
  /** What else goes through each stream, in this order. */
  readonly channels: readonly Channel[];
  readonly pingMs?: number;
  /** A reader that takes nothing for so long is cut off; it may come back. */
  readonly stallMs?: number;
}

/** `GET /api/events`: one stream per browser tab, with the events hello, ping, bye, and those of its channels. */
export function createEventStream({
  hello,
  channels,
  pingMs = 15_000,
  stallMs = 60_000,
}: EventStreamOptions): EventStream {
  const readers = new Set<Reader>();
  let pinger: NodeJS.Timeout | null = null;
  let closed = false;

  function join(reader: Reader): void {
    readers.add(reader);
    pinger ??= setInterval(() => {
      for (const each of readers) each.ping();
    }, pingMs).unref();
  }

  function leave(reader: Reader): void {
    reader.stop();
    readers.delete(reader);
    if (readers.size > 0) return;
    if (pinger) clearInterval(pinger);
    pinger = null;
  }

  return {
    get size() {
      return readers.size;
    },
    async open(exchange) {
      const { request, response, role } = exchange;
      // Before the first byte, so that what cannot be given is refused as any other request.
      const ready = await Promise.all(channels.map((channel) => channel.prepare?.(exchange)));
      if (closed || request.socket.destroyed) {
        response.destroy();
        return;
      }
      startStream(exchange);
      if (request.method === 'HEAD') {
        response.end();
        return;
      }
      const reader = createReader({ response, stallMs });
      reader.sink.write('hello', JSON.stringify({ ...hello, role }));
      response.once('close', () => leave(reader));
      join(reader);
      for (const [index, channel] of channels.entries())
        reader.attach(channel.open({ exchange, sink: reader.sink, prepared: ready[index] }));
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

/** Event of a response that has become a stream: it may stay open for days. */
export const streamBegins = 'streamBegins';

/** The head of an event stream, and how soon a reader that lost it should come back. */
export function startStream({ request, response }: Pick<Exchange, 'request' | 'response'>): void {
  request.socket.setNoDelay(true);
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
  });
  if (request.method === 'HEAD') return;
  response.emit(streamBegins);
  response.write('retry: 2000\n');
}

interface Reader {
  readonly sink: Sink;
  attach(detach: () => void): void;
  ping(): void;
  bye(): void;
  stop(): void;
}

/** One reader's end: keeps nothing for it beyond what the socket holds, and cuts it off when it takes nothing. */
export function createReader({ response, stallMs }: { response: ServerResponse; stallMs: number }): Reader {
  const drained = new Set<() => void>();
  const detachers: (() => void)[] = [];
  let stalled: NodeJS.Timeout | null = null;

  const sink: Sink = {
    get blocked() {
      return response.writableNeedDrain || response.destroyed;
    },
    write(event, data, id) {
      const took = response.write(eventText(event, data, id));
      if (!took && !stalled) stalled = setTimeout(() => response.destroy(), stallMs).unref();
      return took;
    },
    onDrain: (listener) => void drained.add(listener),
  };

  response.on('drain', () => {
    if (stalled) clearTimeout(stalled);
    stalled = null;
    for (const listener of drained) if (!sink.blocked) listener();
  });

  return {
    sink,
    attach: (detach) => void detachers.push(detach),
    ping() {
      if (!sink.blocked) sink.write('ping', JSON.stringify({ at: new Date().toISOString() }));
    },
    bye() {
      response.end(eventText('bye', '{}'));
    },
    stop() {
      if (stalled) clearTimeout(stalled);
      stalled = null;
      drained.clear();
      for (const detach of detachers.splice(0)) detach();
    },
  };
}

/** `data` must be one line, as JSON is. */
function eventText(name: string, data: string, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;
}
