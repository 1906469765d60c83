import { open } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { type LogMatch, type SearchLine, searchLineSchema } from '../../../core/contract/logs.ts';
import { readCursor } from '../../../core/logs/cursor.ts';
import { linesAfter, linesBefore } from '../../../core/logs/page.ts';
import { type SearchOptions, SearchStalled, search } from '../../../core/logs/search.ts';
import { createLogFolder, noMask } from './logFolder.ts';

async function found(path: string, options: Partial<SearchOptions> & { pattern: string }) {
  const { pattern, ...rest } = options;
  const lines: SearchLine[] = [];
  for await (const line of search({
    sources: [{ stream: 'stdout', path }],
    query: { pattern, caseSensitive: false, level: null },
    secrets: [],
    limit: 100,
    signal: AbortSignal.timeout(10_000),
    ...rest,
  }))
    lines.push(searchLineSchema.parse(line));
  const matches = lines.filter((line): line is LogMatch => line.kind === 'match');
  return { lines, matches, texts: matches.map(({ text }) => text), end: lines.at(-1) };
}

describe('a search', () => {
  test('goes through all files, the newest first, and tells how far it is', async () => {
    const log = await createLogFolder();
    const oldest = log.rotated('needle 1\nhay\nNee');
    log.rotated('dle 2\n');
    log.write(`${'hay\n'.repeat(100_000)}needle 3\nneedle 4 without an end`);
    const { texts, matches, lines, end } = await found(log.path, { pattern: 'needle \\d' });
    expect(texts).toEqual(['needle 4 without an end', 'needle 3', 'Needle 2', 'needle 1']);
    expect(matches.map(({ file }) => file === 'alpha-stdout.log')).toEqual([true, true, false, false]);
    expect(oldest.endsWith(matches[2]?.file ?? '?')).toBe(true);
    expect(end).toEqual({ kind: 'end', matches: 4, truncated: false });
    expect(lines.find(({ kind }) => kind === 'progress')).toMatchObject({ totalBytes: 400_054 });
    expect(
      (
        await found(log.path, {
          pattern: 'needle',
          query: { pattern: 'needle', caseSensitive: true, level: null },
        })
      ).texts.length,
    ).toBe(3);
  });

  test('stops at its limit and says so', async () => {
    const log = await createLogFolder();
    log.write('a\n'.repeat(50));
    expect((await found(log.path, { pattern: 'a', limit: 7 })).end).toEqual({
      kind: 'end',
      matches: 7,
      truncated: true,
    });
    expect((await found(log.path, { pattern: 'a', limit: 50 })).end).toMatchObject({ truncated: false });
  });

  test('finds lines of a level or worse, and never what is secret', async () => {
    const log = await createLogFolder();
    log.write('word\n[ERROR] word\n{"level":"fatal","msg":"word"}\nWARNING: word\nhf_geheim word\n');
    const query = { pattern: 'word', caseSensitive: true, level: 'error' } as const;
    expect((await found(log.path, { pattern: '', query })).texts).toEqual([
      '{"level":"fatal","msg":"word"}',
      '[ERROR] word',
    ]);
    const secrets = ['hf_geheim'];
    expect((await found(log.path, { pattern: 'hf_g', secrets })).texts).toEqual([]);
    expect((await found(log.path, { pattern: 'removed', secrets })).texts).toEqual(['[removed] word']);
  });

  test('of two streams is in order of time', async () => {
    const log = await createLogFolder();
    const other = await createLogFolder();
    log.write('2026-01-01T00:00:01Z x1\n2026-01-01T00:00:03Z x3\n');
    other.write('2026-01-01T00:00:02Z x2\nplain x after 2\n2026-01-01T00:00:04Z x4\n');
    const sources = [
      { stream: 'stdout', path: log.path },
      { stream: 'stderr', path: other.path },
    ] as const;
    const { texts, matches } = await found('', { pattern: 'x', sources });
    expect(texts.map((text) => text.replace(/^2026\S+ /, ''))).toEqual([
      'x4',
      'x3',
      'plain x after 2',
      'x2',
      'x1',
    ]);
    expect(matches.map(({ stream }) => stream)).toEqual(['stderr', 'stdout', 'stderr', 'stderr', 'stdout']);
    expect(matches[0]?.at).toBe(Date.parse('2026-01-01T00:00:04Z'));
  });

  test('leads to the lines around a match', async () => {
    const log = await createLogFolder();
    log.rotated('1\n2\n3 жа');
    log.write('ба\n4\n5\n');
    const { matches } = await found(log.path, { pattern: 'жаба' });
    const place = readCursor(matches[0]?.cursor ?? '')?.stdout?.place;
    if (!place) throw new Error('no cursor');
    const { path } = log;
    const before = await linesBefore({ path, mask: noMask, before: place, limit: 1 });
    const after = await linesAfter({ path, mask: noMask, after: { place, line: true }, limit: 1 });
    expect([before, after].map(({ lines }) => lines[0]?.text)).toEqual(['2', '4']);
  });

  test('with a pattern that tries without end is ended, and the thread that asked goes on meanwhile', async () => {
    const log = await createLogFolder();
    log.write(`${'a'.repeat(40)}!\n`);
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 10);
    const began = performance.now();
    await expect(found(log.path, { pattern: '^(a+)+$', stallMs: 400 })).rejects.toBeInstanceOf(SearchStalled);
    clearInterval(timer);
    expect(performance.now() - began).toBeLessThan(3000);
    expect(ticks).toBeGreaterThan(20);
  });

  test('through 10 GB ends when it is told to', async () => {
    const log = await createLogFolder();
    const file = await open(log.path, 'w');
    await file.truncate(10 * 2 ** 30);
    await file.close();
    const control = new AbortController();
    const began = performance.now();
    let scanned = 0;
    for await (const line of search({
      sources: [{ stream: 'stdout', path: log.path }],
      query: { pattern: 'x', caseSensitive: false, level: null },
      secrets: [],
      limit: 10,
      signal: control.signal,
      progressMs: 50,
    })) {
      if (line.kind !== 'progress') continue;
      expect(line.totalBytes).toBe(10 * 2 ** 30);
      scanned = line.scannedBytes;
      if (performance.now() - began > 1000) control.abort();
    }
    expect(scanned).toBeGreaterThan(50e6);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
