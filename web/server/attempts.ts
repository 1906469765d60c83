export interface Attempts {
  /** Seconds until this address may try again; null when it may now. */
  blockedFor(address: string | undefined): number | null;
  /** A wrong token came from this address. */
  failed(address: string | undefined): void;
}

/**
 * Counts wrong tokens by address and altogether, so that nobody can try many. Counts run out by themselves: a window
 * begins with its first failure. Memory is bounded; when too many addresses fail at once, the total is what blocks.
 */
export function createAttempts({
  perAddress = 10,
  total = 100,
  windowMs = 60_000,
  addresses = 1000,
  clock = Date.now,
}: {
  /** Failures in a window before an address, and everybody, is made to wait. */
  perAddress?: number;
  total?: number;
  windowMs?: number;
  addresses?: number;
  clock?: () => number;
} = {}): Attempts {
  interface Window {
    readonly began: number;
    count: number;
  }
  const windows = new Map<string, Window>();
  let all: Window = { began: Number.NEGATIVE_INFINITY, count: 0 };

  const left = ({ began }: Window) => began + windowMs - clock();
  const wait = (window: Window, limit: number) =>
    window.count >= limit && left(window) > 0 ? Math.ceil(left(window) / 1000) : null;

  function windowOf(key: string): Window {
    const known = windows.get(key);
    if (known && left(known) > 0) return known;
    windows.delete(key);
    // The oldest stand first; what has run out goes before anything else does.
    for (const [each, window] of windows) {
      if (windows.size < addresses && left(window) > 0) break;
      windows.delete(each);
    }
    const fresh = { began: clock(), count: 0 };
    windows.set(key, fresh);
    return fresh;
  }

  return {
    blockedFor(address) {
      const known = windows.get(keyOf(address));
      return wait(all, total) ?? (known ? wait(known, perAddress) : null);
    },
    failed(address) {
      windowOf(keyOf(address)).count += 1;
      if (left(all) <= 0) all = { began: clock(), count: 0 };
      all.count += 1;
    },
  };
}

/** One network of IPv6 counts as one address: its owner has more of them than could ever be counted. */
function keyOf(address = ''): string {
  const plain = address.replace(/^::ffff:/, '');
  return plain.includes(':') ? plain.split(':').slice(0, 4).join(':') : plain;
}
