import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createIdleMemory } from '../../../web/server/idleMemory.ts';

describe('memory of an idle panel', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is given back once after a busy time, when nothing is open and nothing came for a while', () => {
    let open = 0;
    let collected = 0;
    const memory = createIdleMemory({
      open: () => open,
      quietMs: 1000,
      collect: () => {
        collected += 1;
      },
    });
    vi.advanceTimersByTime(10_000);
    expect(collected).toBe(0);
    for (let count = 0; count < 20; count += 1) {
      memory.touched();
      vi.advanceTimersByTime(900);
    }
    expect(collected).toBe(0);
    vi.advanceTimersByTime(200);
    expect(collected).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect(collected).toBe(1);
    open = 1;
    memory.touched();
    vi.advanceTimersByTime(5000);
    expect(collected).toBe(1);
    open = 0;
    vi.advanceTimersByTime(1000);
    expect(collected).toBe(2);
    memory.touched();
    memory.close();
    vi.advanceTimersByTime(5000);
    expect(collected).toBe(2);
  });

  test('the collector is there without a flag of the program', () => {
    const memory = createIdleMemory({ open: () => 0, quietMs: 10 });
    memory.touched();
    expect(() => vi.advanceTimersByTime(20)).not.toThrow();
  });
});
