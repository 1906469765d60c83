import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBacklog } from '../../../web/server/comfy/backlog.ts';

/** A reader whose end is shut and opened by hand, and takes `room` events while it is open. */
function fakeSink() {
  const written: (readonly [string, unknown])[] = [];
  let room = 0;
  let drained = () => {};
  return {
    written,
    open(count: number) {
      room = count;
      drained();
    },
    sink: {
      get blocked() {
        return room === 0;
      },
      write(name: string, data: string) {
        expect(room).toBeGreaterThan(0);
        room -= 1;
        written.push([name, JSON.parse(data)]);
        return room > 0;
      },
      onDrain(listener: () => void) {
        drained = listener;
      },
    },
  };
}

const names = ['status', 'progress', 'progress_state', 'executing', 'executed', 'ready'];
const states = new Set(['status', 'progress', 'progress_state']);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ name: fc.constantFrom(...names) }) },
  { weight: 1, arbitrary: fc.record({ room: fc.nat({ max: 5 }) }) },
);

test('what a slow reader gets is in order, whole, and of each state the newest', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const { sink, open, written } = fakeSink();
      const backlog = createBacklog({ sink });
      const sent: (readonly [string, number])[] = [];
      for (const each of steps) {
        if ('room' in each) open(each.room);
        else {
          sent.push([each.name, sent.length]);
          backlog.send(each.name, sent.length - 1);
        }
      }
      open(1000);
      const numbers = written.map(([, number]) => Number(number));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      const lasting = ([name]: readonly [string, unknown]) => !states.has(name);
      expect(written.filter(lasting)).toEqual(sent.filter(lasting));
      for (const name of states) {
        const last = sent.findLast(([each]) => each === name);
        expect(written.findLast(([each]) => each === name)).toEqual(last);
      }
    }),
  );
});

test('what waits is bounded by number and by size; the newest stay', () => {
  const { sink, open, written } = fakeSink();
  const backlog = createBacklog({ sink, most: 3, mostCharacters: 100 });
  for (let each = 0; each < 10; each += 1) backlog.send('executed', each);
  backlog.send('executed', 'x'.repeat(90));
  open(1000);
  expect(written).toEqual([
    ['executed', 8],
    ['executed', 9],
    ['executed', 'x'.repeat(90)],
  ]);
  open(0);
  backlog.send('executed', 'y'.repeat(200));
  backlog.send('executed', 1);
  open(1000);
  expect(written.slice(3)).toEqual([['executed', 1]]);
});
