import type { BridgeClock } from './clock.ts';

/** Runs tasks strictly one after another, first come first served. */
export interface Lane {
  /** Rejects with the refusal when the lane is full or closed, the wait too long, or `signal` fires while waiting. */
  run<T>(task: () => Promise<T>, options: { signal?: AbortSignal | undefined }): Promise<T>;
  /** Tasks that wait. */
  readonly waiting: number;
  readonly busy: boolean;
  /** Refuses those who wait and all who come. The task under way is not touched. */
  close(): void;
}

export type Refusal = 'full' | 'waited' | 'aborted' | 'closed';

interface Ticket {
  start(): void;
  refuse(reason: Refusal): void;
}

export function createLane({
  limit,
  waitMs,
  clock,
  refusal,
}: {
  /** Tasks that may wait. */
  limit: number;
  /** How long one may wait. */
  waitMs: number;
  clock: BridgeClock;
  /** Makes the error of a refusal. */
  refusal: (reason: Refusal, cause?: unknown) => Error;
}): Lane {
  const queue: Ticket[] = [];
  let busy = false;
  let closed = false;

  const next = () => {
    busy = false;
    queue.shift()?.start();
  };

  /** Resolves when it is this caller's turn. */
  const turn = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const leave = () => {
        cancel();
        signal?.removeEventListener('abort', onAbort);
        const place = queue.indexOf(ticket);
        if (place >= 0) queue.splice(place, 1);
      };
      const ticket: Ticket = {
        start() {
          leave();
          busy = true;
          resolve();
        },
        refuse(reason) {
          leave();
          reject(refusal(reason, signal?.reason));
        },
      };
      const onAbort = () => ticket.refuse('aborted');
      const cancel = clock.after(waitMs, () => ticket.refuse('waited'));
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.push(ticket);
    });

  return {
    async run(task, { signal }) {
      if (closed) throw refusal('closed');
      if (signal?.aborted) throw refusal('aborted', signal.reason);
      if (busy) {
        if (queue.length >= limit) throw refusal('full');
        await turn(signal);
      }
      busy = true;
      try {
        return await task();
      } finally {
        next();
      }
    },
    get waiting() {
      return queue.length;
    },
    get busy() {
      return busy;
    },
    close() {
      closed = true;
      for (const ticket of [...queue]) ticket.refuse('closed');
    },
  };
}
