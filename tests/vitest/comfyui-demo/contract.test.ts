import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Demo, finished, idle, Listener, startDemo, submit } from './demo-server.ts';
import { normalize, RECORDED, recorded, recordedMessages, shapeOf } from './recorded.ts';

const random = (below: number): number => Math.floor(Math.random() * below);

/** Graphs of the recordings, with values of our own so that nothing is found in the cache by chance. */
const solid = (prefix = 'probe') => ({
  1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: random(2 ** 24) } },
  2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: prefix } },
});
const steps = ({
  count = 4,
  preview = false,
  kind = 'TestSteps',
  seed = random(1e6),
  seconds = 0.001,
} = {}) => ({
  1: { class_type: kind, inputs: { steps: count, seconds, preview, seed } },
  2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'steps' } },
});

interface Recording {
  request?: unknown;
  request_text?: string;
  status: number;
  content_type: string;
  response: Record<string, unknown>;
}

/** Headers that fetch would not let through. */
function rawStatus(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, method, path, headers, setHost: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', reject);
    call.end();
  });
}

function socketStatus(port: number, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => {});
  });
}

describe.each(RECORDED)('as %s', (version, folder) => {
  let demo: Demo;
  const client = `client-${random(1e9)}`;

  beforeAll(async () => {
    demo = await startDemo(['--as', version, '--no-models', '--test-nodes', '--disable-api-nodes']);
    const form = new FormData();
    form.set('image', new Blob([Buffer.from('not a picture')]), 'up.png');
    const uploaded = await demo.get('/upload/image', { method: 'POST', body: form });
    expect(await uploaded.json()).toEqual(recorded<Recording>(folder, 'upload')?.response);
  });
  afterAll(() => demo.stop());

  it('tells the same system facts', async () => {
    const ours = (await (await demo.get('/system_stats')).json()) as Record<string, unknown>;
    expect(shapeOf(ours)).toEqual(shapeOf(recorded(folder, 'system_stats')));
    expect(JSON.stringify(ours)).toContain('demo (no GPU)');
  });

  it.each(['features', 'models', 'jobs'])('has /%s, or has not', async (name) => {
    const expected = recorded(folder, name);
    const path = name === 'jobs' ? '/api/jobs' : `/${name}`;
    const response = await demo.get(path);
    expect(response.status).toBe(expected === undefined ? 404 : 200);
    if (expected !== undefined) expect(await response.json()).toEqual(expected);
    if (name !== 'jobs') expect((await demo.get(`/api/${name}`)).status).toBe(response.status);
  });

  it.each(['EmptyImage', 'KSampler', 'SaveImage', 'UNETLoader'])('describes %s alike', async (name) => {
    const ours = await (await demo.get(`/object_info/${name}`)).text();
    expect(JSON.parse(ours)).toEqual(recorded(folder, `object_info_${name}`));
    if (name === 'KSampler') expect(ours).toMatch(/"max":18446744073709551615.*"default":8\.0/);
  });

  it('answers every odd request with the same status, type and errors', async () => {
    const cases = recorded<Record<string, Recording>>(folder, 'prompt_invalid') ?? {};
    expect(Object.keys(cases)).toHaveLength(24);
    for (const [name, expected] of Object.entries(cases)) {
      const response = await fetch(`${demo.url}/prompt`, {
        method: 'POST',
        body: bodyOf(name, expected),
        ...(name === 'text_plain' && { headers: { 'Content-Type': 'text/plain' } }),
      });
      const text = await response.text();
      const answer = {
        status: response.status,
        content_type: response.headers.get('content-type'),
        response: expected.content_type.startsWith('text/') ? text : withoutNumber(JSON.parse(text)),
      };
      const { status, content_type, response: recordedAnswer } = expected;
      expect(normalize(answer), name).toEqual(
        normalize({ status, content_type, response: withoutNumber(recordedAnswer) }),
      );
    }
    await idle(demo);
  });

  function bodyOf(name: string, { request: graph, request_text: text }: Recording): string {
    if (graph !== undefined) return JSON.stringify(graph);
    if (name === 'missing_image')
      return JSON.stringify({
        prompt: {
          1: { class_type: 'LoadImage', inputs: { image: 'nope.png' } },
          2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
        },
      });
    return name === 'text_plain' ? JSON.stringify({ prompt: solid() }) : (text ?? '');
  }

  function withoutNumber(response: unknown): unknown {
    if (typeof response !== 'object' || response === null || !('number' in response)) return response;
    const { number, ...rest } = response;
    expect(typeof number).toBe('number');
    return rest;
  }

  /** Runs a graph and gives what its client heard and what the history keeps. */
  async function watch(graph: unknown, { flags = false, fresh = false } = {}) {
    const listener = new Listener(demo, client, { flags });
    await listener.until((message) => 'type' in message && message.type === 'status');
    if (flags && recorded(folder, 'features'))
      await listener.until((message) => 'type' in message && message.type === 'feature_flags');
    const from = fresh ? 0 : listener.messages.length;
    const { prompt_id: id } = await submit(demo, graph, { client_id: client });
    await listener.over(id);
    listener.close();
    return { id, messages: listener.messages.slice(from), history: await finished(demo, id) };
  }
  const sids = (value: unknown) =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll(client, 'CLIENT')
        .replace(/probe-client-1|"ff"/g, (m) => (m === '"ff"' ? '"CLIENT"' : 'CLIENT')),
    ) as unknown;
  const heard = (messages: unknown) => normalize(sids(messages));
  const expectHistory = (ours: unknown, name: string) => {
    const [theirs] = Object.values(recorded<Record<string, unknown>>(folder, name) ?? {});
    expect(normalize(sids(withoutGraph(ours)))).toEqual(normalize(sids(withoutGraph(theirs))));
  };
  /** Graphs and numbers are our own. */
  const withoutGraph = (entry: unknown) => {
    const { prompt, ...rest } = entry as { prompt: unknown[] };
    const [number, id, , extra, outputs] = prompt;
    return { ...rest, prompt: [typeof number, id, extra, outputs] };
  };

  it('tells a job and its repetition in the same messages, and keeps the same history', async () => {
    const other = new Listener(demo, null);
    await other.until(() => true);
    const graph = solid();
    const first = await watch(graph, { fresh: true });
    expect(heard(first.messages)).toEqual(heard(recordedMessages(folder, 'ok')));
    expectHistory(first.history, 'history_ok');
    expect(normalize(other.messages)).toEqual(normalize(recordedMessages(folder, 'ok_other_client')));
    other.close();

    const second = await watch(graph);
    expect(heard(second.messages)).toEqual(heard(recordedMessages(folder, 'cached')));
    expectHistory(second.history, 'history_cached');

    const extra_data = { extra_pnginfo: { workflow: { a: 1 } }, note: 'x' };
    const { prompt_id: id } = await submit(demo, graph, { extra_data, number: 7.5 });
    expectHistory(await finished(demo, id), 'history_extra_data');
  });

  it.each([
    ['progress', steps(), false],
    ['preview', steps({ count: 2, preview: true }), false],
    ['preview_ff', steps({ count: 2, preview: true }), true],
  ])('tells %s alike', async (name, graph, flags) => {
    const { messages } = await watch(graph, { flags, fresh: flags });
    const expected = recordedMessages(folder, name);
    expect(heard(messages)).toEqual(heard(expected));
  });

  it('tells a failure alike', async () => {
    const { messages, history } = await watch(steps({ kind: 'TestFail', count: 2, seed: 5, seconds: 0.05 }));
    const sorted = (value: unknown) => {
      const text = JSON.stringify(value).replaceAll('["1","2"]', '["2","1"]');
      return JSON.parse(text) as unknown;
    };
    expect(sorted(heard(messages))).toEqual(sorted(heard(recordedMessages(folder, 'error'))));
    const [theirs] = Object.values(recorded<Record<string, unknown>>(folder, 'history_error') ?? {});
    expect(sorted(normalize(sids(withoutGraph(history))))).toEqual(
      sorted(normalize(sids(withoutGraph(theirs)))),
    );
  });

  it('shows a busy queue and an interruption alike', async () => {
    const listener = new Listener(demo, client);
    await listener.until(() => true);
    const from = listener.messages.length;
    const send = async (tag: number) =>
      (await submit(demo, steps({ count: 600, seconds: 0.02 }), { client_id: client, extra_data: { tag } }))
        .prompt_id;
    const first = await send(0);
    await listener.until((message) => 'type' in message && message.type === 'progress');
    const second = await send(1);
    const third = await send(2);
    const busy = await (await demo.get('/queue')).json();
    expect(shapeOf(sids(busy))).toEqual(shapeOf(recorded(folder, 'queue_busy')));
    await demo.post('/queue', { delete: [third] });
    await demo.post('/interrupt', '');
    await listener.over(first);
    await listener.until(
      (message) => 'type' in message && message.type === 'executing' && message.data.prompt_id === second,
    );
    await demo.post('/interrupt', '');
    await listener.over(second);
    listener.close();
    const quiet = (messages: unknown[]) =>
      messages.filter((message) => !/^\{"type":"progress/.test(JSON.stringify(message)));
    const theirs = quiet(recordedMessages(folder, 'interrupt'));
    expect((heard(quiet(listener.messages.slice(from))) as unknown[]).slice(0, theirs.length)).toEqual(
      heard(theirs),
    );
    expectHistory(await finished(demo, first), 'history_interrupted');
    expect(await (await demo.get('/queue')).json()).toEqual(recorded(folder, 'queue_idle'));
  });

  it('serves a picture with the same headers', async () => {
    const { history } = await watch(solid('headers'));
    const { filename } = Object.values(history.outputs)[0]?.images[0] ?? { filename: '' };
    const response = await demo.get(`/view?filename=${filename}`);
    const expected = recorded<{ headers: Record<string, string>; magic: string }>(folder, 'view_headers');
    const names = Object.keys(expected?.headers ?? {}).map((name) => name.toLowerCase());
    const transport = new Set(['date', 'connection', 'keep-alive']);
    expect([...response.headers.keys()].filter((name) => !transport.has(name)).sort()).toEqual(names.sort());
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('content-disposition')).toBe(`filename="${filename}"`);
    expect(response.headers.get('etag')).toMatch(/^"[0-9a-f]+-[0-9a-f]+"$/);
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.toString('hex', 0, 8)).toBe(expected?.magic);
    const again = await demo.get(`/view?filename=${filename}`, {
      headers: { 'If-None-Match': response.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });

  it('lets the same origins in', async () => {
    type Row = { host: string; origin: string | null; get: number; post: number; ws: number };
    for (const row of recorded<(Row & Record<string, unknown>)[]>(folder, 'origin') ?? []) {
      const { host, origin, get, post, ws } = row;
      const fill = (text: string): string => text.replace('PORT', String(demo.port));
      const site = row['Sec-Fetch-Site'];
      const headers = {
        Host: fill(host),
        ...(origin !== null && { Origin: fill(origin) }),
        ...(typeof site === 'string' && { 'Sec-Fetch-Site': site }),
      };
      const ours = {
        get: await rawStatus(demo.port, 'GET', '/system_stats', headers),
        post: await rawStatus(demo.port, 'POST', '/interrupt', headers),
        ws: await socketStatus(demo.port, headers),
      };
      expect(ours, `${host} ${origin}`).toEqual({ get, post, ws });
    }
  });
});
