import type { Incident } from '../../core/contract/state.ts';
import type { Snapshot } from '../../core/status/snapshot.ts';
import type { StatusSource } from '../../core/status/source.ts';
import type { Channel } from './channel.ts';
import { sendNewest } from './newest.ts';

/** The events `status` and `incident`: the picture with each change, and what opened or changed with it. */
export function createStatusChannel({
  source,
  gapMs = 200,
}: {
  source: StatusSource;
  /** Least time between two pictures to one reader. */
  gapMs?: number;
}): Channel<Snapshot> {
  return {
    prepare: () => source.current(),
    open({ exchange: { language }, sink, prepared }) {
      let news: Incident[] = [];
      const newest = sendNewest<Snapshot>({
        sink,
        gapMs,
        send(snapshot) {
          sink.write('status', snapshot.json(language));
          // The picture lists the newest incidents too, so a slow reader misses nothing for long.
          for (const incident of news) sink.write('incident', JSON.stringify(incident));
          news = [];
        },
      });
      const leave = source.subscribe((snapshot, incidents) => {
        news = [...incidents, ...news].slice(0, 20);
        newest.offer(snapshot);
      });
      newest.offer(prepared);
      return () => {
        leave();
        newest.stop();
      };
    },
  };
}
