import { LogFeed, type LogFeedOptions } from './feed.ts';
import type { Mask } from './mask.ts';
import { LogViewer, type ViewFrom } from './viewer.ts';

export interface WatchedLog {
  readonly viewer: LogViewer;
  /** Ends the watching; the last one to leave lets the log go after a while. */
  close(): void;
}

export interface LogHub {
  /** Watches the log of a live file. `wake` is called when there is something to take. */
  watch(options: { path: string; from: ViewFrom; wake: () => void }): WatchedLog;
  close(): Promise<void>;
  /** Logs that are read at the moment. */
  readonly size: number;
}

interface Shared {
  readonly feed: LogFeed;
  viewers: number;
  linger: NodeJS.Timeout | null;
}

export interface LogHubOptions extends Omit<LogFeedOptions, 'path' | 'mask'> {
  /** Asked whenever the reading of a log begins: secrets change. */
  readonly mask: () => Mask;
  readonly lingerMs?: number;
}

/** Reads each log once for all who watch it, from the first one's coming until a while after the last one's going. */
export function createLogHub({ lingerMs = 10_000, mask, ...feedOptions }: LogHubOptions): LogHub {
  const logs = new Map<string, Shared>();

  function enter(path: string): Shared {
    let shared = logs.get(path);
    if (!shared) {
      shared = { feed: new LogFeed({ ...feedOptions, mask: mask(), path }), viewers: 0, linger: null };
      logs.set(path, shared);
    }
    if (shared.linger) clearTimeout(shared.linger);
    shared.linger = null;
    shared.viewers += 1;
    return shared;
  }

  function leave(path: string, shared: Shared): void {
    shared.viewers -= 1;
    if (shared.viewers > 0 || logs.get(path) !== shared) return;
    shared.linger = setTimeout(() => {
      logs.delete(path);
      void shared.feed.close();
    }, lingerMs).unref();
  }

  return {
    get size() {
      return logs.size;
    },
    watch({ path, from, wake }) {
      const shared = enter(path);
      const viewer = new LogViewer({ feed: shared.feed, from });
      const unsubscribe = shared.feed.subscribe(wake);
      let open = true;
      return {
        viewer,
        close() {
          if (!open) return;
          open = false;
          unsubscribe();
          void viewer.close();
          leave(path, shared);
        },
      };
    },
    async close() {
      const all = [...logs.values()];
      logs.clear();
      await Promise.all(
        all.map(({ feed, linger }) => {
          if (linger) clearTimeout(linger);
          return feed.close();
        }),
      );
    },
  };
}
