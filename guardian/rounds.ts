import type { Clock } from './clock.ts';

/** Work that is done again and again. */
export interface Rounds {
  /** Runs `work` every `ms`, never twice at once. A failure of one round is told and does not end them. */
  every(ms: number, work: () => void | Promise<void>): void;
  stop(): void;
}

export function createRounds({
  clock,
  onTrouble,
}: {
  clock: Clock;
  onTrouble: (error: unknown) => void;
}): Rounds {
  const pending = new Set<() => void>();
  let stopped = false;

  function at(due: number, action: () => void): void {
    if (stopped) return;
    const cancel = clock.after(Math.max(0, due - clock.now()), () => {
      pending.delete(cancel);
      action();
    });
    pending.add(cancel);
  }

  return {
    every(ms, work) {
      const round = async (due: number) => {
        try {
          await work();
        } catch (error) {
          onTrouble(error);
        }
        const now = clock.now();
        // After a sleep of the machine, or with a clock set anew, missed rounds are not made up for.
        const astray = due + ms <= now || due > now;
        const next = astray ? now + ms : due + ms;
        at(next, () => void round(next));
      };
      const first = clock.now() + ms;
      at(first, () => void round(first));
    },
    stop() {
      stopped = true;
      for (const cancel of pending) cancel();
      pending.clear();
    },
  };
}
