import { open } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesAfter, linesBefore } from '../../../core/logs/page.ts';
import type { Position } from '../../../core/logs/position.ts';
import { createLogFolder, noMask } from './logFolder.ts';

const texts = ({ lines }: { lines: readonly { text: string }[] }) => lines.map(({ text }) => text);

async function tail(path: string, limit: number, before: Position | null = null) {
  return linesBefore({ path, mask: noMask, limit, before });
}

describe('the last lines', () => {
  test('go on into the rotated files, oldest first, and stop at the beginning', async () => {
    const log = await createLogFolder();
    log.rotated('one\ntwo\n');
    log.rotated('three\r\nчетыре\r\n');
    log.write('five\n\nsix without an end');
    expect(texts(await tail(log.path, 50))).toEqual([
      'one',
      'two',
      'three',
      'четыре',
      'five',
      '',
      'six without an end',
    ]);
    const three = await tail(log.path, 3);
    expect(texts(three)).toEqual(['five', '', 'six without an end']);
    expect(three.more).toBe(true);
    expect((await tail(log.path, 7)).more).toBe(false);
  });

  test('of no file at all are none', async () => {
    const log = await createLogFolder();
    expect(await tail(log.path, 5)).toMatchObject({ lines: [], more: false, lost: false });
  });

  test('of 10 GB are there within 30 ms', async () => {
    const log = await createLogFolder();
    const file = await open(log.path, 'w');
    await file.truncate(10 * 2 ** 30);
    const lines = Array.from({ length: 300 }, (_, at) => `${at} ${'x'.repeat(100)}`);
    await file.write(`\n${lines.join('\n')}\n`, 10 * 2 ** 30);
    await file.close();
    const times: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const began = performance.now();
      expect(texts(await tail(log.path, 200))).toEqual(lines.slice(-200));
      times.push(performance.now() - began);
    }
    expect(times.sort((a, b) => a - b)[3]).toBeLessThan(30);
    // The stretch without a line feed is one line, of which no more is read than a line may have.
    const before = process.memoryUsage().rss;
    expect((await tail(log.path, 400)).lines.length).toBeGreaterThan(300);
    expect(process.memoryUsage().rss - before).toBeLessThan(64e6);
  });

  test('in UTF-16 and of a line that is longer than many blocks come whole', async () => {
    const log = await createLogFolder();
    log.rotated(Buffer.from('\ufeffпервая\r\nsecond\r\n', 'utf16le'));
    log.rotated(`a${'x'.repeat(900_000)}z\nend\n`);
    log.write(Buffer.from('third ਊ\r\n', 'utf16le').swap16());
    const seen = texts(await tail(log.path, 10));
    expect(seen.map((line) => line.length)).toEqual([6, 6, 900_002, 3, 7]);
    expect(seen[0]).toBe('первая');
    expect(seen[4]).toBe('third ਊ');
  });
});

describe('pages', () => {
  const content = fc.array(
    fc.constantFrom('a', 'ж', '🎨', '\n', '\n', '\r\n', 'word', 'x'.repeat(70), '\r', 'long '.repeat(40)),
    { maxLength: 60 },
  );

  test('forwards and backwards show the same lines, whatever files they lie in', async () => {
    const log = await createLogFolder();
    await fc.assert(
      fc.asyncProperty(
        content,
        fc.array(fc.nat(300), { maxLength: 3 }),
        fc.integer({ min: 1, max: 7 }),
        async (pieces, cuts, limit) => {
          const bytes = Buffer.from(pieces.join(''));
          const places = [...new Set(cuts.map((at) => Math.min(at, bytes.length)))].sort((a, b) => a - b);
          const one = await createLogFolder();
          let from = 0;
          for (const at of places) {
            one.rotated(bytes.subarray(from, at));
            from = at;
          }
          one.write(bytes.subarray(from));
          log.write(bytes);
          const whole = texts(await tail(log.path, 10_000));

          const back: string[] = [];
          let before: Position | null = null;
          for (;;) {
            const page = await tail(one.path, limit, before);
            back.unshift(...texts(page));
            if (!page.more) break;
            before = page.lines[0]?.place ?? null;
          }
          expect(back).toEqual(whole);

          const first = await tail(one.path, 10_000);
          const forth: string[] = texts({ lines: first.lines.slice(0, 1) });
          let after = first.lines[0]?.place;
          while (after) {
            const page = await linesAfter({
              path: one.path,
              mask: noMask,
              after: { place: after, line: true },
              limit,
            });
            forth.push(...texts(page));
            after = page.more ? page.lines.at(-1)?.place : undefined;
          }
          expect(forth).toEqual(whole);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('stay where they are over a rotation', async () => {
    const log = await createLogFolder();
    log.write('1\n2\n3\n');
    const page = await tail(log.path, 1);
    const place = page.lines[0]?.place as Position;
    log.rotate();
    log.write('4\n5\n');
    expect(texts(await tail(log.path, 5, place))).toEqual(['1', '2']);
    const after = await linesAfter({ path: log.path, mask: noMask, after: { place, line: true }, limit: 1 });
    expect([texts(after), after.more]).toEqual([['4'], true]);
  });

  test('of a file that is gone are lost', async () => {
    const log = await createLogFolder();
    log.write('1\n');
    const gone = { file: 'gone', offset: 0 };
    expect((await tail(log.path, 5, gone)).lost).toBe(true);
    const after = await linesAfter({
      path: log.path,
      mask: noMask,
      after: { place: gone, line: false },
      limit: 1,
    });
    expect(after.lost).toBe(true);
  });
});
