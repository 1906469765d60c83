import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogBatch } from '../../../core/contract/logs.ts';
import { createFilter, escapePattern } from '../../../web/client/logs/filter.ts';
import { createRows, rowsOf } from '../../../web/client/logs/rows.ts';
import { createStore } from '../../../web/client/logs/store.ts';

const batch = (part: Partial<LogBatch>): LogBatch => ({
  log: 'comfyui',
  stream: 'stderr',
  at: 1000,
  lines: [],
  gap: null,
  mark: null,
  ...part,
});

describe('the lines of a page', () => {
  test('that were there before are put in order by their times; those without stand last', () => {
    const store = createStore();
    const pino = (time: number, msg: string) =>
      JSON.stringify({ level: 'info', time: new Date(time).toISOString(), msg });
    store.add([
      batch({ log: 'panel', at: null, lines: [pino(1000, 'a'), pino(3000, 'c')] }),
      batch({ log: 'guardian', at: null, lines: [pino(2000, 'b')] }),
      batch({ at: null, lines: ['no time'] }),
    ]);
    expect(store.lines.map(({ text }) => text)).toEqual(['a', 'b', 'c', 'no time']);
  });

  test('a traceback is an error to its end, and stderr alone is none', () => {
    const store = createStore();
    store.add([
      batch({
        lines: [
          'got prompt',
          'Traceback (most recent call last):',
          '  File "a.py"',
          'ValueError: no',
          'Prompt executed in 1 seconds',
        ],
      }),
    ]);
    expect(store.lines.map(({ level }) => level)).toEqual([null, 'error', 'error', 'error', null]);
  });

  test('one that is still being written is taken over by what comes next', () => {
    const store = createStore();
    const [first] = store.add([batch({ lines: ['done'], partial: '10%' })]).fresh.slice(-1);
    expect(store.add([batch({ partial: '50%' })]).fresh).toEqual([]);
    expect(store.add([batch({ lines: ['100%', 'next'] })]).fresh.map(({ text }) => text)).toEqual(['next']);
    expect(store.lines.map(({ text }) => text)).toEqual(['done', '100%', 'next']);
    expect(store.lines[1]).toBe(first);
    store.add([batch({ log: 'panel', partial: 'other' }), batch({ lines: ['last'] })]);
    expect(store.lines.map(({ text }) => text)).toEqual(['done', '100%', 'next', 'other', 'last']);
  });

  test('are never more than the limit and its slack, the newest last', () => {
    const store = createStore({ limit: 100, slack: 20 });
    for (let at = 0; at < 500; at += 7)
      store.add([batch({ lines: Array.from({ length: 7 }, (_, index) => `line ${at + index}`) })]);
    expect(store.lines.length).toBeLessThanOrEqual(120);
    expect(store.lines.at(-1)?.text).toBe('line 503');
    store.drop('comfyui');
    expect(store.lines).toEqual([]);
  });

  test('gaps and rotations stand between them', () => {
    const store = createStore();
    store.add([batch({ gap: { lines: 7, bytes: 900 }, mark: 'rotated', lines: ['a'] })]);
    expect(store.lines.map(({ note, text }) => note ?? text)).toEqual([{ gap: 7 }, { mark: 'rotated' }, 'a']);
  });
});

describe('the filter', () => {
  const line = (text: string, level: 'info' | 'warn' | 'error' | null = null) => ({
    log: 'a',
    stream: 'stdout' as const,
    at: null,
    level,
    text,
  });

  test('takes plain text as it is, and a pattern between slashes', () => {
    expect(createFilter({ text: 'a.b', level: 'all' }).accepts(line('xA.By'))).toBe(true);
    expect(createFilter({ text: 'a.b', level: 'all' }).accepts(line('axb'))).toBe(false);
    expect(createFilter({ text: '/a.b/', level: 'all' }).accepts(line('axb'))).toBe(true);
    expect(createFilter({ text: '/A.b/', level: 'all' }).accepts(line('axb'))).toBe(false);
    expect(createFilter({ text: '/A.b/i', level: 'all' }).accepts(line('axb'))).toBe(true);
    const wrong = createFilter({ text: '/(/', level: 'all' });
    expect([wrong.valid, wrong.accepts(line('x'))]).toEqual([false, true]);
  });

  test('by level lets worse ones pass, and counts a line that says nothing as information', () => {
    const levels = [null, 'info', 'warn', 'error'] as const;
    const passed = (level: 'all' | 'info' | 'warn' | 'error') =>
      levels.filter((each) => createFilter({ text: '', level }).accepts(line('x', each)));
    expect(passed('all')).toEqual([...levels]);
    expect(passed('info')).toEqual([...levels]);
    expect(passed('warn')).toEqual(['warn', 'error']);
    expect(passed('error')).toEqual(['error']);
  });

  test('escaped, any text finds itself and nothing shorter', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        const pattern = new RegExp(`^${escapePattern(text)}$`);
        expect(pattern.test(text)).toBe(true);
        expect(pattern.test(text.slice(1))).toBe(text.slice(1) === text);
      }),
    );
  });
});

describe('where lines stand', () => {
  test('every row is of the line that it lies in', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 80 }), (heights) => {
        const rows = createRows();
        for (const height of heights) rows.add(height);
        let row = 0;
        for (const [index, height] of heights.entries()) {
          expect(rows.top(index)).toBe(row);
          for (let within = 0; within < height; within += 1) expect(rows.at(row + within)).toBe(index);
          row += height;
        }
        expect(rows.total).toBe(row);
        expect(rows.at(row + 5)).toBe(heights.length - 1);
      }),
    );
  });

  test('a text takes as many rows as it has columns to fill', () => {
    expect([
      rowsOf('', 10),
      rowsOf('1234567890', 10),
      rowsOf('12345678901', 10),
      rowsOf('漢字漢字漢字', 10),
    ]).toEqual([1, 1, 2, 2]);
    expect(rowsOf('anything', 0)).toBe(1);
  });
});
