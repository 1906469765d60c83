import { stat } from 'node:fs/promises';
import type { Instant } from './policy/types.ts';
import type { QueueLook } from './probe/comfyQueue.ts';

/** Knows whether ComfyUI works on a job that moves on, also while it does not answer. */
export interface BusyWatch {
  /** After a good health probe: the queue as it is, null when it could not be had. */
  saw(look: QueueLook | null): Promise<void>;
  /** After a failed one: has the job left a trace in the logs since the last good look? */
  silent(): Promise<void>;
  /** For `decide`. */
  readonly busy: { readonly progressAt: Instant } | null;
}

export function createBusyWatch({ logs, now }: { logs: readonly string[]; now: () => Instant }): BusyWatch {
  let running = false;
  let mark = '';
  let sizes = '';
  let progressAt: Instant | null = null;

  async function logSizes(): Promise<string> {
    const found = await Promise.all(logs.map((file) => stat(file).catch(() => null)));
    return found.map((one) => `${one?.ino ?? 0}:${one?.size ?? 0}`).join(' ');
  }

  return {
    async saw(look) {
      const seen = await logSizes();
      if (look === null) {
        // It answers, but not about its queue; the logs may still tell that a job moves.
        if (running && seen !== sizes) progressAt = now();
        sizes = seen;
        return;
      }
      if (look.running && look.mark !== mark && mark !== '') progressAt = now();
      // What came before this look is no progress since it.
      if (!look.running) progressAt = null;
      running = look.running;
      mark = look.mark;
      sizes = seen;
    },
    async silent() {
      if (!running) return;
      const seen = await logSizes();
      if (seen !== sizes) progressAt = now();
      sizes = seen;
    },
    get busy() {
      return running && progressAt !== null ? { progressAt } : null;
    },
  };
}
