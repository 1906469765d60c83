import { open } from 'node:fs/promises';
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import {
  type LogBatch,
  logBatchSchema,
  logListSchema,
  logPageSchema,
  searchLineSchema,
} from '../../../core/contract/logs.ts';
import { sleep, until } from '../../until.ts';
import { panelWithLogs } from './logsUnderTest.ts';
import { ask, openEvents } from './panelUnderTest.ts';

type Events = Awaited<ReturnType<typeof openEvents>>;

function batchesOf({ events }: Events): LogBatch[] {
  return events
    .filter(({ name }) => name === 'logs')
    .flatMap(({ data }) => (data as unknown[]).map((batch) => logBatchSchema.parse(batch)));
}
const linesOf = (stream: Events, log = 'comfyui') =>
  batchesOf(stream).flatMap((batch) => (batch.log === log ? batch.lines : []));
const lastId = ({ events }: Events) => events.findLast(({ id }) => id !== null)?.id ?? '';

describe('GET /api/events?logs=', () => {
  test('brings the last lines and what comes, many lines an event, and takes aliases and streams', async () => {
    const { port, write, append } = await panelWithLogs();
    write('comfyui-stderr', 'old 1\nold 2\nold 3\n');
    write('panel-stdout', 'not asked for\n');
    write('panel-stderr', 'panel\n');
    const stream = await openEvents(port, {}, '/api/events?logs=comfy,panel.stderr&tail=2');
    await stream.next('hello');
    await until(
      'the last lines',
      () => linesOf(stream).length === 2 && linesOf(stream, 'panel').length === 1,
    );
    append('comfyui-stderr', Array.from({ length: 1000 }, (_, at) => `${at}\n`).join(''));
    await until('all', () => linesOf(stream).length === 1002);
    const batches = batchesOf(stream);
    expect(batches.length).toBeLessThan(10);
    expect(batches[0]).toEqual({
      log: 'comfyui',
      stream: 'stderr',
      at: null,
      lines: ['old 2', 'old 3'],
      gap: null,
      mark: null,
    });
    expect(batches.find(({ lines }) => lines[0] === '0')?.at).toBeGreaterThan(Date.now() - 10_000);
    expect(linesOf(stream, 'panel')).toEqual(['panel']);
    expect(stream.events.filter(({ name }) => name === 'status').every(({ id }) => id === null)).toBe(true);
  });

  test('goes on behind the last event over a cut and a rotation, without loss or doubling', async () => {
    const { port, write, append, rotate } = await panelWithLogs();
    write('comfyui-stdout', '1\n');
    write('panel-stdout', 'a\n');
    const path = '/api/events?logs=comfyui,panel';
    const first = await openEvents(port, {}, path);
    await until('the tails', () => linesOf(first).length + linesOf(first, 'panel').length === 2);
    append('comfyui-stdout', '2\n');
    await until('2', () => linesOf(first).length === 2);
    first.close();
    append('comfyui-stdout', '3\n4 to');
    rotate('comfyui-stdout');
    write('comfyui-stdout', 'rn\n');
    append('panel-stdout', 'b\n');
    const id = lastId(first);
    const second = await openEvents(port, { 'last-event-id': id }, `${path}&after=overruled`);
    const third = await openEvents(port, {}, `${path}&after=${encodeURIComponent(id)}`);
    append('comfyui-stdout', '5\n');
    for (const stream of [second, third]) {
      await until('the rest', () => linesOf(stream).length === 3 && linesOf(stream, 'panel').length === 1);
      expect(linesOf(stream)).toEqual(['3', '4 torn', '5']);
      expect(linesOf(stream, 'panel')).toEqual(['b']);
    }
  });

  test('begins anew with a cursor that is none', async () => {
    const { port, write } = await panelWithLogs();
    write('comfyui-stdout', '1\n');
    const stream = await openEvents(port, {}, '/api/events?logs=comfyui&after=..%2F~%00');
    await until('the tail', () => linesOf(stream).length === 1);
  });

  test.each([
    ['logs=comfyui,nobody', 404, 'ORC4020'],
    ['logs=upscaler', 404, 'ORC4020'],
    ['logs=comfyui.stdin', 404, 'ORC4020'],
    ['logs=comfyui&tail=-1', 400, 'ORC4005'],
  ])('?%s is refused before the stream begins', async (query, status, code) => {
    const { port } = await panelWithLogs();
    const reply = await ask(port, `/api/events?${query}`);
    expect([reply.status, reply.json().code]).toEqual([status, code]);
  });

  test('never shows a secret', async () => {
    const { port, write, append } = await panelWithLogs({ HF_TOKEN: 'hf_geheim' });
    write('comfyui-stdout', 'old hf_geheim\n');
    const stream = await openEvents(port, {}, '/api/events?logs=comfyui');
    append('comfyui-stdout', 'new hf_geheim\nhalf hf_geh');
    await until('both', () => linesOf(stream).length === 2);
    await until('the half', () => batchesOf(stream).some(({ partial }) => partial !== undefined));
    expect(JSON.stringify(stream.events)).not.toContain('hf_ge');
    const { text } = await ask(port, '/api/logs/comfyui');
    expect(text).not.toContain('hf_ge');
    expect(text).toContain('old [removed]');
  });

  test('ends with the panel', async () => {
    const { port, write, panel } = await panelWithLogs();
    write('comfyui-stdout', '1\n');
    const stream = await openEvents(port, {}, '/api/events?logs=comfyui');
    await stream.next('logs');
    const began = performance.now();
    await panel.close();
    await stream.next('bye');
    await stream.end();
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('GET /api/logs/{id}', () => {
  test('as a stream has that log alone', async () => {
    const { port, write, append } = await panelWithLogs();
    write('comfyui-stdout', 'out\n');
    write('comfyui-stderr', 'err\n');
    const accept = { accept: 'text/event-stream' };
    const both = await openEvents(port, accept, '/api/logs/comfy');
    const one = await openEvents(port, accept, '/api/logs/comfyui?stream=stderr&tail=0');
    await until('both', () => linesOf(both).length === 2);
    append('comfyui-stdout', 'more out\n');
    append('comfyui-stderr', 'more err\n');
    await until('both', () => linesOf(both).length === 4 && linesOf(one).length === 1);
    expect(linesOf(one)).toEqual(['more err']);
    expect(both.events.map(({ name }) => name)).not.toContain('status');
  });

  test('gives pages of both streams in order of time, back to the beginning and forth to the end', async () => {
    const { port, write, rotate } = await panelWithLogs();
    const second = (at: number) => `2026-01-01T00:00:${String(at).padStart(2, '0')}Z`;
    write('comfyui-stdout', [1, 4, 5, 8].map((at) => `${second(at)} ${at}\n`).join(''));
    rotate('comfyui-stdout');
    write('comfyui-stdout', `${second(10)} 10\nplain\n`);
    write('comfyui-stderr', [2, 3, 6, 7, 9, 11].map((at) => `${second(at)} ${at}\n`).join(''));
    const all = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', 'plain', '11'];
    const get = async (query: string) => {
      const reply = await ask(port, `/api/logs/comfyui?${query}`);
      const page = logPageSchema.parse(reply.json());
      return { ...page, texts: page.lines.map(({ text }) => text.replace(/^2026\S+ /, '')) };
    };
    const whole = await get('tail=100');
    expect(whole.texts).toEqual(all);
    expect([whole.before, whole.after]).toEqual([null, null]);
    expect(whole.lines[0]?.at).toBe(Date.parse(second(1)));
    expect(whole.lines[10]).toMatchObject({ at: null, stream: 'stdout' });
    for (const limit of [1, 2, 3, 5]) {
      let page = await get(`tail=${limit}`);
      const back = [...page.texts];
      while (page.before) {
        page = await get(`before=${page.before}&limit=${limit}`);
        back.unshift(...page.texts);
      }
      expect(back).toEqual(all);
      const forth = [...page.texts];
      while (page.after) {
        page = await get(`after=${page.after}&limit=${limit}`);
        forth.push(...page.texts);
      }
      expect(forth).toEqual(all);
    }
    for (const [index, { cursor }] of whole.lines.entries()) {
      expect((await get(`before=${cursor}`)).texts).toEqual(all.slice(0, index));
      expect((await get(`after=${cursor}`)).texts).toEqual(all.slice(index + 1));
    }
  });

  test.each([
    ['comfyui?before=nonsense', 400, 'ORC4005'],
    ['comfyui?before=ol.gone123456.0', 410, 'ORC4024'],
    ['comfyui?tail=5&before=ol.gone123456.0', 400, 'ORC4005'],
    ['comfyui?stream=stderr&before=ol.gone123456.0', 400, 'ORC4005'],
    ['comfyui?limit=0', 400, 'ORC4005'],
    ['nobody', 404, 'ORC4020'],
    ['nobody/search?pattern=x', 404, 'ORC4020'],
    ['comfyui/search?pattern=(', 400, 'ORC4005'],
    ['comfyui/search', 400, 'ORC4005'],
    ['comfyui/download?file=..%2Forchestrator.json', 404, 'ORC4023'],
    ['comfyui/download?file=panel-stdout.log', 404, 'ORC4023'],
  ])('%s is refused', async (path, status, code) => {
    const { port, write } = await panelWithLogs();
    write('comfyui-stdout', '1\n');
    write('panel-stdout', '1\n');
    const reply = await ask(port, `/api/logs/${path}`);
    expect([reply.status, reply.json().code]).toEqual([status, code]);
  });
});

test('GET /api/logs lists the files of each log; what runs elsewhere has none', async () => {
  const { port, write, rotate } = await panelWithLogs();
  write('comfyui-stdout', '12345\n');
  const rotated = rotate('comfyui-stdout');
  write('comfyui-stdout', '1\n');
  write('comfyui-stdout-notes', 'not a log of ours\n');
  const { logs } = logListSchema.parse((await ask(port, '/api/logs')).json());
  expect(logs.map(({ id }) => id)).toEqual(['panel', 'comfyui', 'guardian', 'trainer']);
  const [stdout, stderr] = logs[1]?.streams ?? [];
  expect(stdout).toMatchObject({ stream: 'stdout', file: 'comfyui-stdout.log', size: 2 });
  expect(stdout?.rotated.map(({ file, size }) => [rotated.endsWith(file), size])).toEqual([[true, 6]]);
  expect(stderr).toMatchObject({ size: null, changedAt: null, rotated: [] });
  // Both streams into one file.
  expect(logs[2]?.streams.map(({ stream }) => stream)).toEqual(['stdout']);
});

describe('GET /api/logs/{id}/search', () => {
  test('answers line by line, the end last', async () => {
    const { port, write, rotate } = await panelWithLogs({ HF_TOKEN: 'hf_geheim' });
    write('comfyui-stdout', 'needle 1 hf_geheim\n');
    rotate('comfyui-stdout');
    write('comfyui-stdout', 'hay\nneedle 2\n');
    const reply = await ask(port, '/api/logs/comfy/search?pattern=NEEDLE');
    expect(reply.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    const lines = reply.text
      .trim()
      .split('\n')
      .map((line) => searchLineSchema.parse(JSON.parse(line)));
    expect(lines.flatMap((line) => (line.kind === 'match' ? line.text : []))).toEqual([
      'needle 2',
      'needle 1 [removed]',
    ]);
    expect(lines.at(-1)).toEqual({ kind: 'end', matches: 2, truncated: false });
    const match = lines.find((line) => line.kind === 'match');
    const around = await ask(port, `/api/logs/comfyui?before=${match?.cursor}`);
    expect(around.json().lines.map(({ text }: { text: string }) => text)).toEqual([
      'needle 1 [removed]',
      'hay',
    ]);
  });

  test('with a hopeless pattern is ended, and /api/health answers meanwhile; two at a time, ended with their readers', async () => {
    const { port, write } = await panelWithLogs();
    write('comfyui-stdout', `${'a'.repeat(40)}!\n`);
    const path = `/api/logs/comfyui/search?pattern=${encodeURIComponent('^(a+)+$')}`;
    const began = performance.now();
    const first = ask(port, path);
    const second = request({ host: '127.0.0.1', port, path, headers: { host: `localhost:${port}` } });
    second.on('error', () => {});
    second.end();
    const refused = await until(
      'the third is too many',
      async () => {
        const third = await ask(port, path);
        return third.status === 429 ? third : null;
      },
      { everyMs: 10 },
    );
    expect(refused.json().code).toBe('ORC4021');
    second.destroy();
    const again = async () => (await ask(port, '/api/logs/comfyui/search?pattern=aaa')).status === 200;
    await until('room for another', again, { timeoutMs: 2000 });
    const latencies: number[] = [];
    while (performance.now() - began < 4000) {
      const asked = performance.now();
      expect((await ask(port, '/api/health')).status).toBe(200);
      latencies.push(performance.now() - asked);
      await sleep(20);
    }
    expect(latencies.sort((a, b) => a - b)[Math.floor(latencies.length * 0.95)]).toBeLessThan(100);
    const reply = await first;
    expect([reply.status, reply.json().code]).toEqual([422, 'ORC4022']);
  }, 20_000);
});

describe('GET /api/logs/{id}/download', () => {
  test('sends the current or a rotated file, or a part of it', async () => {
    const { port, write, rotate } = await panelWithLogs();
    write('comfyui-stderr', 'first файл\n');
    const rotated = rotate('comfyui-stderr');
    write('comfyui-stderr', '0123456789\n');
    const path = '/api/logs/comfyui/download?stream=stderr';
    const whole = await ask(port, path);
    expect(whole.text).toBe('0123456789\n');
    expect(whole.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '11',
      'accept-ranges': 'bytes',
    });
    expect(whole.headers['content-disposition']).toContain('attachment; filename="comfyui-stderr.log"');
    const name = rotated.slice(rotated.lastIndexOf('comfyui'));
    expect((await ask(port, `${path}&file=${name}`)).text).toBe('first файл\n');
    const part = async (range: string) => {
      const { status, text, headers } = await ask(port, path, { headers: { range } });
      return [status, text, headers['content-range']];
    };
    expect(await part('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/11']);
    expect(await part('bytes=8-')).toEqual([206, '89\n', 'bytes 8-10/11']);
    expect(await part('bytes=-3')).toEqual([206, '89\n', 'bytes 8-10/11']);
    expect(await part('bytes=11-')).toEqual([416, '', 'bytes */11']);
    expect(await part('lines=1-2')).toEqual([200, '0123456789\n', undefined]);
    const head = await ask(port, path, { method: 'HEAD' });
    expect([head.text, head.headers['content-length']]).toEqual(['', '11']);
    expect((await ask(port, '/api/logs/comfyui/download')).json().code).toBe('ORC4023');
  });

  test('covers secrets wherever a part or a chunk begins', async () => {
    const secret = 'hf_geheim';
    const { port, write } = await panelWithLogs({ HF_TOKEN: secret });
    const text = `${'x'.repeat(262_140)}${secret} tail ${secret}`;
    write('comfyui-stdout', text);
    const path = '/api/logs/comfyui/download';
    const wanted = text.replaceAll(secret, '*********');
    expect((await ask(port, path)).text).toBe(wanted);
    for (let start = 262_135; start < text.length; start += 1) {
      const reply = await ask(port, path, { headers: { range: `bytes=${start}-${start + 3}` } });
      expect(reply.text).toBe(wanted.slice(start, start + 4));
    }
  });

  test('of 10 GB begins at once and keeps no memory', async () => {
    const { port, file } = await panelWithLogs();
    const handle = await open(file('comfyui-stdout'), 'w');
    await handle.truncate(10 * 2 ** 30);
    await handle.close();
    const path = '/api/logs/comfyui/download';
    const began = performance.now();
    const reply = await ask(port, path, { headers: { range: `bytes=${9 * 2 ** 30}-${9 * 2 ** 30 + 9}` } });
    expect(reply.headers['content-range']).toBe(`bytes ${9 * 2 ** 30}-${9 * 2 ** 30 + 9}/${10 * 2 ** 30}`);
    const before = process.memoryUsage().rss;
    await new Promise<void>((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port, path, headers: { host: `localhost:${port}` } },
        (response) => {
          response.once('data', () => response.pause());
          setTimeout(() => {
            response.destroy();
            resolve();
          }, 500);
        },
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(30e6);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
