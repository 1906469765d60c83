import type { Channel } from './channel.ts';
import { queryOf } from './context.ts';
import { sendNewest } from './newest.ts';

/** Something that is looked at again and again while anybody listens. */
export interface Watch<T> {
  /** Called with each new look, and at once when there is one already. */
  subscribe(listener: (value: T) => void): () => void;
}

/** An event with the newest look, for readers that ask for it: `?with=host,comfy`. */
export function createWatchChannel<T>({
  name,
  watch,
  gapMs = 1000,
}: {
  name: string;
  watch: Watch<T>;
  gapMs?: number;
}): Channel {
  return {
    open({ exchange, sink }) {
      const wanted = (queryOf(exchange).get('with') ?? '').split(',');
      if (!wanted.includes(name)) return () => {};
      const newest = sendNewest<T>({
        sink,
        gapMs,
        send: (value) => void sink.write(name, JSON.stringify(value)),
      });
      const leave = watch.subscribe((value) => newest.offer(value));
      return () => {
        leave();
        newest.stop();
      };
    },
  };
}
