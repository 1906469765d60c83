import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectEncoding } from '../../../core/logs/encoding.ts';
import { createMask, secretTexts } from '../../../core/logs/mask.ts';
import { LineSplitter } from '../../../core/logs/splitter.ts';

const noMask = createMask([]);

function linesOf(
  chunks: readonly Buffer[],
  { maxLine = 1_048_576, encoding = 'utf8' as const } = {},
): string[] {
  const splitter = new LineSplitter({ mask: noMask, maxLine });
  splitter.switchTo(encoding);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.flush()];
}

/** Cuts bytes at places that fast-check chooses; sizes are in `unit`s. */
function cut(bytes: Buffer, sizes: readonly number[], unit = 1): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) break;
    chunks.push(bytes.subarray(at, at + size * unit));
    at += size * unit;
  }
  return [...chunks, bytes.subarray(at)];
}

const piece = fc.oneof(
  fc.constantFrom(
    '\n',
    '\r\n',
    '\r',
    '\r\r\n',
    '\x1b[31m',
    '\x1b[0m',
    '\x1b]0;t\x07',
    '   ',
    '\t',
    '\0',
    '\ufeff',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('жизнь', '日本語', '🎨', 'plain text', '100%|████| 20/20'),
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 400 });

describe('lines', () => {
  test('are the same however the bytes are cut', () => {
    fc.assert(
      fc.property(text, sizes, (all, chunks) => {
        const bytes = Buffer.from(all);
        expect(linesOf(cut(bytes, chunks))).toEqual(linesOf([bytes]));
      }),
      { numRuns: 1500 },
    );
  });

  test('of UTF-16 are those of UTF-8', () => {
    fc.assert(
      fc.property(text, sizes, (all, chunks) => {
        const little = Buffer.from(all.toWellFormed(), 'utf16le');
        const big = Buffer.from(little).swap16();
        const wanted = linesOf([Buffer.from(all.toWellFormed())]);
        expect(linesOf(cut(little, chunks, 2), { encoding: 'utf16le' as never })).toEqual(wanted);
        expect(linesOf(cut(big, chunks, 2), { encoding: 'utf16be' as never })).toEqual(wanted);
      }),
      { numRuns: 800 },
    );
  });

  test('that are too long are cut alike however the bytes are cut, between two characters', () => {
    const long = fc.array(fc.constantFrom('a', 'ж', '日', '🎨', '\n', '\r'), { maxLength: 80 });
    fc.assert(
      fc.property(long, sizes, fc.integer({ min: 8, max: 20 }), (pieces, chunks, maxLine) => {
        const all = pieces.join('');
        const bytes = Buffer.from(all);
        const lines = linesOf(cut(bytes, chunks), { maxLine });
        expect(lines).toEqual(linesOf([bytes], { maxLine }));
        const whole = linesOf([bytes]);
        expect(lines.length).toBe(whole.length);
        for (const [index, line] of lines.entries()) {
          const [, kept, count] = /^(.*?)(?: \[… (\d+) bytes cut\])?$/.exec(line) ?? [];
          const full = whole[index] ?? '';
          expect(full.startsWith(kept ?? '?')).toBe(true);
          expect(line).not.toContain('\ufffd');
          expect(Buffer.byteLength(kept ?? '') + Number(count ?? 0)).toBe(Buffer.byteLength(full));
          expect(Buffer.byteLength(kept ?? '')).toBeLessThanOrEqual(maxLine);
        }
      }),
      { numRuns: 1500 },
    );
  });

  test('are split at line feeds only, without the carriage return of Windows', () => {
    expect(linesOf([Buffer.from('a\r\nb\n\nc\u2028d\n  \r\ne')])).toEqual([
      'a',
      'b',
      '',
      'c\u2028d',
      '  ',
      'e',
    ]);
  });

  test('of progress show their last state, and the bytes before it are not kept', () => {
    const splitter = new LineSplitter({ mask: noMask });
    const bar = (percent: number) => `\r${String(percent).padStart(3)}%|${'█'.repeat(percent / 10)}`;
    const before = process.memoryUsage().heapUsed + process.memoryUsage().external;
    for (let round = 0; round < 20_000; round += 1) splitter.push(Buffer.from(bar(round % 100)));
    expect(process.memoryUsage().heapUsed + process.memoryUsage().external - before).toBeLessThan(20e6);
    expect(splitter.peek()).toBe(' 99%|█████████');
    expect(splitter.push(Buffer.from(`${bar(100)}\r      \r\n`))).toEqual(['100%|██████████']);
    expect(splitter.empty).toBe(true);
  });

  test('of a mebibyte come whole, of ten with a count, in the memory of one', () => {
    const splitter = new LineSplitter({ mask: noMask });
    const chunk = Buffer.alloc(65_536, 'x');
    for (let at = 0; at < 16; at += 1) expect(splitter.push(chunk)).toEqual([]);
    expect(splitter.push(Buffer.from('\n'))).toEqual(['x'.repeat(1_048_576)]);
    for (let at = 0; at < 160; at += 1) splitter.push(chunk);
    const [line] = splitter.push(Buffer.from('\nnext\n'));
    expect(line).toBe(`${'x'.repeat(1_048_576)} [… ${9 * 1_048_576} bytes cut]`);
  });
});

describe('the encoding', () => {
  test.each([
    ['\ufeffplain', 'utf8', 'utf8'],
    ['\ufeffword', 'utf16le', 'utf16le'],
    ['a line of Latin text', 'utf16le', 'utf16le'],
    ['строка с 1 числом', 'utf8', 'utf8'],
    ['a line of Latin text', 'latin1', 'utf8'],
  ] as const)('of %j written as %s is %s', (words, written, found) => {
    expect(detectEncoding(Buffer.from(words, written))).toBe(found);
  });

  test('is UTF-16 BE by mark and by zeros, plain for zeros everywhere, unknown for three bytes', () => {
    const big = (words: string) => Buffer.from(words, 'utf16le').swap16();
    expect(detectEncoding(big('\ufeffa'))).toBe('utf16be');
    expect(detectEncoding(big('a line of Latin text'))).toBe('utf16be');
    expect(detectEncoding(Buffer.alloc(512))).toBe('utf8');
    expect(detectEncoding(Buffer.from('abc'))).toBeNull();
  });
});

describe('secrets', () => {
  const secret = 'hf_"Geheim" ключ/1';
  const texts = secretTexts([secret, 'on', 'false', 'first-line\nsecond-line']);

  test('are taken out as they are, in JSON and in an address, and short words are left', () => {
    const mask = createMask(texts);
    const all = [secret, JSON.stringify({ secret }), encodeURIComponent(secret), 'first-line', 'second-line'];
    for (const line of all) expect(mask(line)).toContain('[removed]');
    for (const line of all) expect(mask(line)).not.toMatch(/hf_|Geheim|-line/);
    expect(mask('on or false')).toBe('on or false');
  });

  test('never show, however the bytes are cut, nor in an unfinished or shortened line', () => {
    const bytes = Buffer.from(`a ${secret} b\n${'x'.repeat(20)} ${secret}${'y'.repeat(20)}\nlast ${secret}`);
    fc.assert(
      fc.property(sizes, fc.integer({ min: 22, max: 60 }), (chunks, maxLine) => {
        const splitter = new LineSplitter({ mask: createMask(texts), maxLine });
        const seen: string[] = [];
        for (const chunk of cut(bytes, chunks)) seen.push(...splitter.push(chunk), splitter.peek() ?? '');
        seen.push(...splitter.flush());
        expect(seen.join('\n')).not.toMatch(/hf_"|Geheim/);
      }),
    );
  });
});
