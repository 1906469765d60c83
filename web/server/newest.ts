import type { Sink } from './channel.ts';

export interface Newest<T> {
  offer(value: T): void;
  stop(): void;
}

/**
 * Sends the newest value and keeps nothing else for a slow reader; at most one every `gapMs`.
 */
export function sendNewest<T>({
  sink,
  gapMs,
  send,
}: {
  sink: Sink;
  gapMs: number;
  send: (value: T) => void;
}): Newest<T> {
  let latest: { readonly value: T } | null = null;
  let sentAt = Number.NEGATIVE_INFINITY;
  let waiting: NodeJS.Timeout | null = null;

  function flush(): void {
    waiting = null;
    if (!latest || sink.blocked) return;
    const { value } = latest;
    latest = null;
    sentAt = performance.now();
    send(value);
  }

  sink.onDrain(() => {
    if (!waiting) flush();
  });

  return {
    offer(value) {
      latest = { value };
      const wait = sentAt + gapMs - performance.now();
      if (wait <= 0 && !waiting) flush();
      else waiting ??= setTimeout(flush, Math.max(0, wait));
    },
    stop() {
      if (waiting) clearTimeout(waiting);
      waiting = null;
      latest = null;
    },
  };
}
