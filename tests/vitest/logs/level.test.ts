import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { levels } from '../../../core/logs/level.ts';
import { lineTime } from '../../../core/logs/lineTime.ts';
import { readable } from '../../../core/logs/readable.ts';

// The first part is the table of tests/pester/unit/Log.Tests.ps1: both languages read a line alike. `info` there is what
// a line is called that shows no level.
describe('a line', () => {
  test.each([
    ['{"level":"warn","time":"2026-01-01T00:00:00.000Z","name":"panel","msg":"slow"}', 'warn', 'slow'],
    ['{"level":50,"time":1767225600000,"pid":1,"hostname":"x","msg":"bad","code":7}', 'error', 'bad code=7'],
    [
      '{"level":"info","msg":"with error","err":{"type":"E","message":"boom","stack":"..."}}',
      'info',
      'with error err=boom',
    ],
    ['{ not json }', null, '{ not json }'],
    ['got prompt', null, 'got prompt'],
    ['Traceback (most recent call last):', 'error', null],
    ['torch.cuda.OutOfMemoryError: CUDA out of memory.', 'error', null],
    ['!!! Exception during processing !!! x', 'error', null],
    ['[ERROR] no such model', 'error', null],
    ['no errors were found', null, null],
    ['WARNING: old driver', 'warn', null],
    ['/x/y.py:1: UserWarning: careful', 'warn', null],
    ['DEBUG: noise', 'debug', null],
    ['[FATAL] the end', 'fatal', null],
    ['CRITICAL: the end', 'fatal', null],
    ['ValueError', 'error', null],
    ['Ошибка: ERROR', null, null],
    ['ERRORS', null, null],
    ['{"level":35,"msg":"between"}', null, 'between'],
    ['{"msg":"no more than that","what":null,"list":[1,2]}', null, 'no more than that list=[1,2]'],
    ['{"level":"info","msg":"said x1234 already","id":"x1234"}', 'info', 'said x1234 already'],
    ['[1,2]', null, '[1,2]'],
    ['{}', null, ''],
  ] as const)('%s', (line, level, text) => {
    expect(readable(line).level).toBe(level);
    expect(readable(line).text).toBe(text ?? line);
    expect([...levels, null]).toContain(level);
  });
});

describe('the time of a line', () => {
  const at = Date.UTC(2026, 0, 31, 12, 30, 15);
  test.each([
    ['2026-01-31T12:30:15Z x', at],
    ['2026-01-31T12:30:15.250Z x', at + 250],
    ['2026-01-31T12:30:15.250999Z x', at + 250],
    ['[2026-01-31T14:30:15+02:00] x', at],
    ['2026-01-31T14:30:15+0200 x', at],
    ['2026-01-31 12:30:15,007 - x', new Date(2026, 0, 31, 12, 30, 15, 7).getTime()],
    ['[2026-01-31 12:30:15.5] x', new Date(2026, 0, 31, 12, 30, 15, 500).getTime()],
    ['2026-13-31T12:30:15Z', null],
    ['x 2026-01-31T12:30:15Z', null],
    ['', null],
  ] as const)('%s', (line, time) => {
    expect(lineTime(line)).toBe(time);
    expect(readable(line).time).toBe(time);
  });

  test('in JSON is ISO 8601 or milliseconds', () => {
    expect(readable('{"time":"2026-01-31T12:30:15Z"}').time).toBe(at);
    expect(readable(`{"time":${at}}`).time).toBe(at);
    expect(readable('{"time":true}').time).toBeNull();
  });
});

test('what pages load of this is below 1.2 kB, as it travels', async () => {
  const { outputFiles } = await build({
    entryPoints: ['core/logs/readable.ts'],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  expect(gzipSync(outputFiles[0]?.contents ?? Buffer.alloc(9999), { level: 9 }).length).toBeLessThan(1200);
});
