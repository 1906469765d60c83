import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface IdleMemory {
  /** Somebody was answered. */
  touched(): void;
  close(): void;
}

/**
 * Gives memory back when nobody is there: V8 collects garbage only when it needs room, so a panel would keep for days
 * what a busy minute took. Collected once after each busy time, when nothing is open and nothing came for `quietMs`.
 */
export function createIdleMemory({
  open,
  quietMs = 15_000,
  collect = collectGarbage,
}: {
  /** How many event streams are open. */
  open: () => number;
  quietMs?: number;
  collect?: () => void;
}): IdleMemory {
  let timer: NodeJS.Timeout | null = null;

  function look(): void {
    timer = null;
    if (open() > 0) touched();
    else collect();
  }

  function touched(): void {
    if (timer) timer.refresh();
    else timer = setTimeout(look, quietMs).unref();
  }

  return {
    touched,
    close() {
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
}
