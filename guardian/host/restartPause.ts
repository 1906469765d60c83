const firstMs = 1000;
const longestMs = 60_000;
const steadyMs = 60_000;

/** Pause before the next restart, after the one before and how long the program then ran. All in milliseconds. */
export function restartPause({ previousMs, ranMs }: { previousMs: number | null; ranMs: number }): number {
  if (previousMs === null || ranMs >= steadyMs) return firstMs;
  return Math.min(previousMs * 2, longestMs);
}
