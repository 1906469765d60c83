import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BridgeClock } from '../../../core/bridge/clock.ts';
import { createLane } from '../../../core/bridge/lane.ts';

/** A clock that moves when told to. */
function heldClock(): BridgeClock & { advance(ms: number): void } {
  let time = 0;
  let timers: { at: number; action: () => void }[] = [];
  return {
    now: () => time,
    after(ms, action) {
      const timer = { at: time + ms, action };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      time += ms;
      for (const { at, action } of [...timers]) if (at <= time) action();
    },
  };
}

function newLane({ limit = 10, waitMs = 1000 } = {}) {
  const clock = heldClock();
  const refusal = (reason: string) => new Error(reason);
  return { clock, lane: createLane({ limit, waitMs, clock, refusal }) };
}

/** A task that ends when told to. */
function heldTask() {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { task: () => promise, end: resolve };
}

const none = { signal: undefined };

describe('the lane', () => {
  test('runs one task at a time, in the order of arrival, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 12 }), async (fates) => {
        const { lane } = newLane({ limit: 20 });
        const begun: number[] = [];
        let running = 0;
        const task = (fails: boolean, index: number) => async () => {
          begun.push(index);
          running += 1;
          const alone = running === 1;
          await Promise.resolve();
          running -= 1;
          if (fails) throw new Error('failed');
          return alone;
        };
        const runs = fates.map((fails, index) => lane.run(task(fails, index), none));
        const results = await Promise.allSettled(runs);
        expect(begun).toEqual(fates.map((_, index) => index));
        expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual(
          fates.map((fails) => (fails ? 'failed' : true)),
        );
        expect({ busy: lane.busy, waiting: lane.waiting }).toEqual({ busy: false, waiting: 0 });
      }),
    );
  });

  test('refuses the one too many and lets the others be', async () => {
    const { lane } = newLane({ limit: 1 });
    const { task, end } = heldTask();
    const first = lane.run(task, none);
    const second = lane.run(async () => 'second', none);
    await expect(lane.run(async () => 'third', none)).rejects.toThrow('full');
    end('first');
    expect(await Promise.all([first, second])).toEqual(['first', 'second']);
  });

  test('refuses who waited too long, and not who runs long', async () => {
    const { lane, clock } = newLane({ waitMs: 1000 });
    const { task, end } = heldTask();
    const first = lane.run(task, none);
    const second = expect(lane.run(async () => 'second', none)).rejects.toThrow('waited');
    clock.advance(999);
    expect(lane.waiting).toBe(1);
    clock.advance(1);
    await second;
    expect(lane.waiting).toBe(0);
    end('first');
    expect(await first).toBe('first');
  });

  test('lets go who gives up, before or while waiting', async () => {
    const { lane } = newLane();
    const { task, end } = heldTask();
    const controller = new AbortController();
    const first = lane.run(task, none);
    const second = lane.run(async () => 'second', { signal: controller.signal });
    const refused = expect(second).rejects.toThrow('aborted');
    const third = lane.run(async () => 'third', none);
    controller.abort();
    await refused;
    await expect(lane.run(async () => 'late', { signal: controller.signal })).rejects.toThrow('aborted');
    end('first');
    expect(await Promise.all([first, third])).toEqual(['first', 'third']);
  });

  test('once closed it takes nobody, and the task under way ends by itself', async () => {
    const { lane } = newLane();
    const { task, end } = heldTask();
    const first = lane.run(task, none);
    const second = expect(lane.run(async () => 'second', none)).rejects.toThrow('closed');
    lane.close();
    await second;
    await expect(lane.run(async () => 'third', none)).rejects.toThrow('closed');
    end('first');
    expect(await first).toBe('first');
  });
});
