import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { comfyStatusSchema } from '../../../core/contract/comfy.ts';
import { readBinary, readText } from '../../../web/server/comfy/frames.ts';
import { createComfyWatch } from '../../../web/server/comfy/watch.ts';
import { startDemo } from '../comfyui-demo/demo-server.ts';
import { panelWithComfy, panelWithDemo } from './comfyUnderTest.ts';
import { ask, openEvents, startTestPanel } from './panelUnderTest.ts';

const sampling = (seed: number) => ({
  1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: seed } },
  2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'events' } },
});

describe('the events of ComfyUI', () => {
  test('arrive for a job that was submitted with the id that they give, to its end', async () => {
    const { port } = await panelWithDemo(['--as', '0.8.0']);
    const stream = await openEvents(port, {}, '/api/comfy/events');
    const { clientId } = (await stream.next('ready')).data;
    await stream.next('status');
    const body = JSON.stringify({ prompt: sampling(7), client_id: clientId });
    const { prompt_id } = (await ask(port, '/api/comfy/prompt', { method: 'POST', body })).json();
    expect((await stream.next('execution_start')).data).toMatchObject({ prompt_id });
    expect((await stream.next('executed')).data.output.images[0].filename).toMatch(/^events_/);
    await stream.next('execution_success');
  });

  test('a lost ComfyUI is told, and found again under a new id', async () => {
    const demo = await startDemo();
    const { port } = await panelWithComfy(demo.port);
    const stream = await openEvents(port, {}, '/api/comfy/events?clientId=my-own-id');
    expect((await stream.next('ready')).data).toEqual({ clientId: 'my-own-id' });
    await demo.stop();
    expect((await stream.next('disconnected')).data).toMatchObject({
      problem: { code: 'ORC4030', status: 502, fix: expect.stringMatching(/\S/) },
      retryMs: 1000,
    });
    const again = await startDemo(['--port', String(demo.port)]);
    onTestFinished(() => again.stop());
    const { clientId } = (await stream.next('ready', 8000)).data;
    expect(clientId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('previews come as pictures, the newest, at most four a second', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const first: unknown[] = [];
    server.on('connection', (socket, { headers }) => {
      first.push(headers['origin']);
      socket.once('message', (data) => first.push(JSON.parse(String(data))));
      let count = 0;
      const timer = setInterval(() => {
        count += 1;
        const about = Buffer.from(JSON.stringify({ node_id: '3', prompt_id: 'p', image_type: 'image/png' }));
        const head = Buffer.alloc(8);
        head.writeUInt32BE(4, 0);
        head.writeUInt32BE(about.byteLength, 4);
        socket.send(Buffer.concat([head, about, Buffer.from(`picture ${count}`)]));
      }, 20);
      socket.once('close', () => clearInterval(timer));
    });
    const { port } = await panelWithComfy((server.address() as { port: number }).port);
    const stream = await openEvents(port, {}, '/api/comfy/events');
    await pause(1100);
    const previews = stream.events.filter(({ name }) => name === 'preview');
    expect(previews.length).toBeGreaterThanOrEqual(3);
    expect(previews.length).toBeLessThanOrEqual(6);
    expect(previews[0]?.data).toMatchObject({ mime: 'image/png', nodeId: '3', promptId: 'p' });
    const numbers = previews.map(({ data }) =>
      Number(Buffer.from(data.base64, 'base64').toString().slice(8)),
    );
    expect(numbers.at(-1)).toBeGreaterThan(30);
    expect(first).toEqual([undefined, { type: 'feature_flags', data: { supports_preview_metadata: true } }]);
  });

  test('an id that could be something else is refused', async () => {
    const { port } = await panelWithDemo();
    expect((await ask(port, '/api/comfy/events?clientId=a%20b')).status).toBe(400);
  });

  test('frames: only what follows a job passes, and errors without what the nodes were given', () => {
    expect(readText('{"type":"logs","data":{}}')).toBeNull();
    expect(readText('no json')).toBeNull();
    expect(readText('null')).toBeNull();
    const error = readText(
      JSON.stringify({
        type: 'execution_error',
        data: {
          exception_message: 'm',
          current_inputs: { text: ['secret'] },
          traceback: ['a', 'b', 'c', 'd'],
        },
      }),
    );
    expect(error).toEqual({
      kind: 'event',
      type: 'execution_error',
      data: { exception_message: 'm', traceback: ['b', 'c', 'd'] },
    });
    expect(readBinary(Buffer.from([0, 0, 0, 1, 0, 0, 0, 2, 9]))).toMatchObject({
      preview: { mime: 'image/png', base64: 'CQ==' },
    });
    for (const wrong of [
      [],
      [0, 0, 0, 4, 0, 0, 9, 9, 1],
      [0, 0, 0, 4, 0, 0, 0, 1, 120],
      [0, 0, 0, 3, 0, 0, 0, 0],
    ])
      expect(readBinary(Buffer.from(wrong))).toBeNull();
  });
});

describe('the state of ComfyUI', () => {
  test('is in the event stream of those who ask for it', async () => {
    const { port } = await panelWithDemo();
    const stream = await openEvents(port, {}, '/api/events?with=comfy,host');
    expect(comfyStatusSchema.parse((await stream.next('comfy')).data).reachable).toBe(true);
    expect(stream.events.some(({ name }) => name === 'host')).toBe(true);
    const plain = await openEvents(port);
    await plain.next('status');
    await pause(200);
    expect(plain.events.map(({ name }) => name)).toEqual(['hello', 'status']);
  });

  test('is asked once for all, and only while somebody listens', async () => {
    let asked = 0;
    const { panel: _ } = await startTestPanel();
    const source = { current: async () => ({ status: { services: [] } }) };
    const watch = createComfyWatch({
      service: { id: 'comfyui', mode: 'managed', scheme: 'http', host: 'localhost', port: 8188 } as never,
      source: source as never,
      facts: async () => {
        asked += 1;
        await pause(20);
        return {
          version: '1',
          os: null,
          python: null,
          pytorch: null,
          devices: [],
          ram: null,
          queue: null,
          latencyMs: 1,
        };
      },
      models: async () => ({ loras: 2 }),
      everyMs: 30,
      freshMs: 10,
    });
    const [a, b] = await Promise.all([watch.current(), watch.current()]);
    expect(asked).toBe(1);
    expect(a).toBe(b);
    expect(a).toMatchObject({ reachable: true, models: { loras: 2 }, uiAddress: 'http://localhost:8188' });
    const leave = watch.subscribe(() => {});
    await expect.poll(() => asked).toBeGreaterThan(3);
    leave();
    await pause(60);
    const before = asked;
    await pause(120);
    expect(asked).toBe(before);
    watch.close();
  });
});
