import { followQuerySchema, type LogBatch } from '../../../core/contract/logs.ts';
import type { Manifest } from '../../../core/contract/manifest.ts';
import type { Logger } from '../../../core/logger.ts';
import type { LogHub, WatchedLog } from '../../../core/logs/hub.ts';
import type { Channel, Sink } from '../channel.ts';
import type { Exchange } from '../context.ts';
import { readQuery } from '../query.ts';
import { findLog, readNames, sourcesOf, type WantedLog } from './names.ts';
import { readStreamCursor, streamCursorText } from './streamCursor.ts';

/** The most bytes of one log in one event. */
const eventBytes = 131_072;
const retryMs = 1000;

interface Wanted {
  readonly logs: readonly WantedLog[];
  readonly tail: number;
  readonly after: string;
}

/**
 * The event `logs`: lines of the logs that the query names, or of the one that the path does. Many lines an event, each
 * event with the places it ends at as its id.
 */
export function createLogsChannel({
  manifest,
  hub,
  logger,
}: {
  manifest: Manifest;
  /** Loaded with the first reader. */
  hub: () => Promise<LogHub>;
  logger: Logger;
}): Channel<Wanted> {
  return {
    prepare(exchange) {
      const { logs = '', stream, tail = 200, after = '' } = readQuery(exchange, followQuerySchema);
      const { id } = exchange.params;
      return {
        logs: id === undefined ? readNames(manifest, logs) : ofPath(id),
        tail,
        after: lastId(exchange) ?? after,
      };
      function ofPath(name: string): WantedLog[] {
        const log = findLog(manifest, name);
        return sourcesOf(log, stream).map((source) => ({ id: log.id, ...source }));
      }
    },
    open({ sink, prepared }) {
      if (prepared.logs.length === 0) return () => {};
      const pump = createPump({ sink, wanted: prepared });
      hub().then(pump.start, (error: unknown) => logger.error({ err: error }, 'logs cannot be followed'));
      return pump.stop;
    },
  };
}

function lastId({ request }: Pick<Exchange, 'request'>): string | null {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && header !== '' ? header : null;
}

interface Watching extends WantedLog {
  readonly watched: WatchedLog;
}

/** Moves lines from the hub to one reader as fast as that one takes them. */
function createPump({ sink, wanted: { logs, tail, after } }: { sink: Sink; wanted: Wanted }) {
  let watching: Watching[] = [];
  let stopped = false;
  let running = false;
  let again = false;
  let retry: NodeJS.Timeout | null = null;

  /** One event with what each log has; false when none has anything. */
  async function step(): Promise<boolean> {
    const batches: LogBatch[] = [];
    for (const { id, stream, watched } of watching) {
      try {
        const taken = await watched.viewer.take(eventBytes);
        for (const batch of taken) batches.push({ log: id, stream, ...batch });
      } catch {
        // What the others have must not be lost with it.
        later();
      }
    }
    if (stopped || batches.length === 0) return false;
    const positions = watching.map(({ id, stream, watched: { viewer } }) => ({
      id,
      stream,
      position: viewer.position,
    }));
    sink.write('logs', JSON.stringify(batches), streamCursorText(positions));
    return true;
  }

  /** A file that cannot be read now may be readable soon. */
  function later(): void {
    retry ??= setTimeout(() => {
      retry = null;
      void run();
    }, retryMs).unref();
  }

  async function run(): Promise<void> {
    again = true;
    if (running) return;
    running = true;
    while (again && !stopped && !sink.blocked) {
      again = false;
      while (!stopped && !sink.blocked && (await step())) {}
    }
    running = false;
  }

  return {
    start(hub: LogHub): void {
      if (stopped) return;
      const placeOf = readStreamCursor(after);
      watching = logs.map((log) => {
        const place = placeOf(log.id, log.stream);
        const from = place ? { after: place } : { tail };
        return { ...log, watched: hub.watch({ path: log.path, from, wake: () => void run() }) };
      });
      sink.onDrain(() => void run());
      void run();
    },
    stop(): void {
      stopped = true;
      if (retry) clearTimeout(retry);
      for (const { watched } of watching) watched.close();
      watching = [];
    },
  };
}
