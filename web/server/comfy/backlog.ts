import type { Sink } from '../channel.ts';

export interface Backlog {
  send(name: string, data: unknown): void;
  /** Forgets what waits. */
  clear(): void;
}

/** Of these a reader who comes late needs the last one only. */
const replaced = new Set(['status', 'progress', 'progress_state']);

/**
 * Keeps for a slow reader what it has not taken: of a running state the newest alone, of all else up to `most` events
 * and `mostCharacters`; then the oldest go.
 */
export function createBacklog({
  sink,
  most = 200,
  mostCharacters = 2_000_000,
}: {
  sink: Sink;
  most?: number;
  mostCharacters?: number;
}): Backlog {
  let waiting: (readonly [name: string, data: string])[] = [];
  let characters = 0;

  function flush(): void {
    while (!sink.blocked) {
      const next = waiting.shift();
      if (!next) return;
      characters -= next[1].length;
      sink.write(...next);
    }
  }

  function forget(index: number): void {
    const [gone] = waiting.splice(index, 1);
    characters -= gone?.[1].length ?? 0;
  }

  sink.onDrain(flush);

  return {
    send(name, data) {
      const text = JSON.stringify(data ?? null);
      if (replaced.has(name)) {
        const before = waiting.findIndex(([each]) => each === name);
        if (before >= 0) forget(before);
      }
      waiting.push([name, text]);
      characters += text.length;
      flush();
      while (waiting.length > most || characters > mostCharacters) forget(0);
    },
    clear() {
      waiting = [];
      characters = 0;
    },
  };
}
