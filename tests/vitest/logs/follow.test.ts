import { fork } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sleep, until } from '../../until.ts';
import { createLogFolder, createTestHub, view } from './logFolder.ts';

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `${from + at}`);

describe('a watched log', () => {
  test('brings what is appended, whole lines only, soon', async () => {
    const log = await createLogFolder();
    log.write('before\nhalf');
    const seen = view(createTestHub(), log.path);
    await seen.ready;
    const began = performance.now();
    log.append(' done\nnext');
    await seen.until(1);
    expect(performance.now() - began).toBeLessThan(200);
    log.append('\n');
    await seen.until(2);
    expect(seen.lines()).toEqual(['half done', 'next']);
    expect(
      seen.batches.filter(({ lines }) => lines.length > 0).every(({ at }) => typeof at === 'number'),
    ).toBe(true);
  });

  test('begins with its last lines, also those of rotated files', async () => {
    const log = await createLogFolder();
    log.write('1\n2\n3 ha');
    log.rotate();
    log.write('lf\n4\n5\nunfinished');
    const seen = view(createTestHub(), log.path, { tail: 3 });
    await seen.until(3);
    log.append(' no more\n');
    await seen.until(4);
    expect(seen.lines()).toEqual(['3 half', '4', '5', 'unfinished no more']);
    expect(seen.batches[0]).toMatchObject({ at: null, gap: null, mark: null });
  });

  test('shows the line that is being written, at most some times a second', async () => {
    const log = await createLogFolder();
    log.write('');
    const seen = view(createTestHub(), log.path);
    await seen.ready;
    for (let step = 1; step <= 100; step += 1) {
      log.append(`\r${step}%`);
      await sleep(10);
    }
    await until('the last state', () => seen.batches.at(-1)?.partial === '100%', { timeoutMs: 2000 });
    expect(seen.batches.length).toBeLessThan(12);
    expect(seen.lines()).toEqual([]);
    log.append('\n');
    await seen.until(1);
    expect(seen.batches.at(-1)?.partial).toBeUndefined();
    expect(seen.lines()).toEqual(['100%']);
  });

  test('is followed over a rotation, several at once, a torn line, a truncation and a replacement', async () => {
    const log = await createLogFolder();
    log.write('before\n');
    const seen = view(createTestHub(), log.path);
    await seen.ready;
    log.append('1\n2\n3 half');
    await seen.until(2);
    log.append(' done\n4 to');
    log.rotate();
    log.rotated('rn over ');
    log.rotated('three files\n5\n');
    log.write('6\n');
    await seen.until(6);
    log.rotate();
    await sleep(250);
    log.write('7 is a longer line\n');
    await seen.until(7);
    truncateSync(log.path, 0);
    await sleep(250);
    log.append('8\n');
    await seen.until(8);
    writeFileSync(join(log.folder, 'other'), '9\n');
    renameSync(join(log.folder, 'other'), log.path);
    await seen.until(9);
    expect(seen.lines()).toEqual([
      '1',
      '2',
      '3 half done',
      '4 torn over three files',
      '5',
      '6',
      '7 is a longer line',
      '8',
      '9',
    ]);
    expect(seen.marks()).toEqual(['rotated', 'rotated', 'rotated', 'truncated', 'replaced']);
  });

  test('may come later, folder and all, vanish and come again', async () => {
    const log = await createLogFolder();
    rmSync(log.folder, { recursive: true });
    const seen = view(createTestHub(), log.path, { tail: 10 });
    await seen.ready;
    await sleep(150);
    mkdirSync(log.folder);
    log.write('1\n2');
    await seen.until(1);
    rmSync(log.path);
    await sleep(250);
    log.write('3\n');
    await seen.until(3);
    expect(seen.lines()).toEqual(['1', '2', '3']);
  });

  test('loses nothing that was written before its rotated file was pruned or after', async () => {
    const log = await createLogFolder();
    log.write('');
    const seen = view(createTestHub(), log.path);
    await seen.ready;
    log.append('1\n');
    await seen.until(1);
    log.append('2\n');
    rmSync(log.rotate());
    log.rotated('3\n');
    log.write('4\n');
    await seen.until(4);
    expect(seen.lines()).toEqual(['1', '2', '3', '4']);
  });

  test('in UTF-16 is read as such', async () => {
    const log = await createLogFolder();
    log.write(Buffer.from('\ufeffпервая\r\n', 'utf16le'));
    const seen = view(createTestHub(), log.path, { tail: 5 });
    await seen.until(1);
    const next = Buffer.from('вторая ਊ\r\nthird\r\n', 'utf16le');
    log.append(next.subarray(0, 7));
    await sleep(150);
    log.append(next.subarray(7));
    await seen.until(3);
    expect(seen.lines()).toEqual(['первая', 'вторая ਊ', 'third']);
  });

  test('gives a line of a mebibyte whole', async () => {
    const log = await createLogFolder();
    log.write('');
    const seen = view(createTestHub(), log.path);
    await seen.ready;
    for (let part = 0; part < 16; part += 1) log.append('x'.repeat(65_536));
    log.append('\nend\n');
    await seen.until(2);
    expect(seen.lines().map(({ length }) => length)).toEqual([1_048_576, 3]);
  });
});

describe('rotation under load', () => {
  test.each([1, 2, 3])('every line comes once and in order (%i)', async (seed) => {
    const log = await createLogFolder();
    log.write('');
    const hub = createTestHub();
    const seen = view(hub, log.path);
    await seen.ready;
    const writer = fork(join(import.meta.dirname, 'rotatingWriter.ts'), [log.path, '60000', String(seed)]);
    onTestFinished(() => void writer.kill('SIGKILL'));
    await until('a good part', () => seen.lines().length > 10_000, { timeoutMs: 10_000, everyMs: 5 });
    // One who comes in the middle goes on where another one was.
    const count = seen.lines().length;
    const { position } = seen;
    const late = view(hub, log.path, { after: position });
    const alone = view(createTestHub(), log.path, { after: position });
    for (const each of [seen, late, alone])
      await until('all', () => each.lines().at(-1) === '60000', { timeoutMs: 10_000, everyMs: 5 });
    expect(seen.lines()).toEqual(numbers(1, 60_000));
    expect(late.lines()).toEqual(numbers(count + 1, 60_000));
    expect(alone.lines()).toEqual(numbers(count + 1, 60_000));
    expect(seen.marks().length).toBeGreaterThan(5);
  });
});

describe('going on behind a place', () => {
  test('brings what came meanwhile, over rotations', async () => {
    const log = await createLogFolder();
    log.write('1\n');
    const first = view(createTestHub(), log.path, { tail: 1 });
    await first.until(1);
    first.close();
    log.append('2\n3 is ');
    log.rotate();
    log.write('torn\n4\n');
    const second = view(createTestHub(), log.path, { after: first.position });
    await second.until(3);
    log.append('5\n');
    await second.until(4);
    expect(second.lines()).toEqual(['2', '3 is torn', '4', '5']);
  });

  test('of a log that had no file brings all of it', async () => {
    const log = await createLogFolder();
    const first = view(createTestHub(), log.path, { tail: 1 });
    await first.ready;
    const { position } = first;
    log.write('1\n');
    const second = view(createTestHub(), log.path, { after: position });
    await second.until(1);
    expect(second.lines()).toEqual(['1']);
  });

  test('that is gone brings the last lines, and says so', async () => {
    const log = await createLogFolder();
    log.write('1\n2\n');
    const seen = view(createTestHub(), log.path, { after: { file: 'gone', offset: 7 } });
    await seen.until(2);
    expect(seen.batches[0]).toMatchObject({ at: null, mark: 'replaced', lines: ['1', '2'] });
  });
});

describe('a slow viewer', () => {
  test('finds a counted gap, and holds up nobody', async () => {
    const log = await createLogFolder();
    log.write('');
    const hub = createTestHub({ keepBytes: 100_000 });
    const fast = view(hub, log.path);
    const slow = hub.watch({ path: log.path, from: { tail: 0 }, wake: () => {} });
    onTestFinished(() => slow.close());
    await Promise.all([fast.ready, slow.viewer.take(1)]);
    const line = `${'x'.repeat(99)}\n`;
    for (let round = 0; round < 20; round += 1) {
      log.append(line.repeat(1000));
      await fast.until((round + 1) * 1000);
    }
    const batches = await slow.viewer.take(10_000_000);
    const [first] = batches;
    const came = batches.flatMap(({ lines }) => lines).length;
    expect(came).toBeLessThanOrEqual(2000);
    expect(first?.gap).toEqual({ lines: 20_000 - came, bytes: (20_000 - came) * 100 });
    expect(batches.slice(1).every(({ gap }) => gap === null)).toBe(true);
  });
});

test('one reading serves all viewers, from the first until a while after the last', async () => {
  const log = await createLogFolder();
  log.write('1\n');
  let watches = 0;
  const hub = createTestHub({
    watch: () => {
      watches += 1;
      return () => {
        watches -= 1;
      };
    },
  });
  expect(hub.size).toBe(0);
  const viewers = Array.from({ length: 10 }, () => view(hub, log.path, { tail: 1 }));
  for (const viewer of viewers) await viewer.until(1);
  expect([hub.size, watches]).toEqual([1, 1]);
  log.append('2\n');
  for (const viewer of viewers) await viewer.until(2);
  for (const viewer of viewers) viewer.close();
  view(hub, log.path).close();
  await sleep(50);
  expect(hub.size).toBe(1);
  await until('let go', () => hub.size === 0 && watches === 0, { timeoutMs: 1000 });
});
