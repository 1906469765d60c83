/** Time as the bridge uses it, injected so that tests can hold it. Milliseconds throughout. */
export interface BridgeClock {
  /** Monotonic. */
  now(): number;
  /** Runs `action` once after `ms`; the answer cancels it. */
  after(ms: number, action: () => void): () => void;
}

/** The machine's own clock. Its timers do not keep the program alive. */
export const systemClock: BridgeClock = {
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms).unref();
    return () => clearTimeout(timer);
  },
};
