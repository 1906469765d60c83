import type { Watch } from './watchChannel.ts';

export interface Polling<T> extends Watch<T> {
  close(): void;
}

/** Looks every `everyMs` while anybody listens, tells all of them, and a new one at once. */
export function createPolling<T>({
  everyMs,
  look,
}: {
  everyMs: number;
  /** Never rejects. */
  look: () => T | Promise<T>;
}): Polling<T> {
  const listeners = new Set<(value: T) => void>();
  let timer: NodeJS.Timeout | null = null;

  async function tell(): Promise<void> {
    const value = await look();
    for (const listener of listeners) listener(value);
  }

  function stop(): void {
    if (timer) clearInterval(timer);
    timer = null;
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      timer ??= setInterval(() => void tell(), everyMs).unref();
      void Promise.resolve(look()).then((value) => listeners.has(listener) && listener(value));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) stop();
      };
    },
    close() {
      listeners.clear();
      stop();
    },
  };
}
