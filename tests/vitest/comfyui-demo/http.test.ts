import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, finished, idle, Listener, startDemo, submit } from './demo-server.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo(['--test-nodes', '--preview-method', 'auto']);
});
afterAll(() => demo.stop());

let color = 0;
const solid = (prefix = 'http', size = 32) => ({
  a: { class_type: 'EmptyImage', inputs: { width: size, height: size, batch_size: 1, color: color++ } },
  b: { class_type: 'SaveImage', inputs: { images: ['a', 0], filename_prefix: prefix } },
});
const slow = () => ({
  a: { class_type: 'TestSteps', inputs: { steps: 500, seconds: 0.01, preview: false, seed: color++ } },
  b: { class_type: 'PreviewImage', inputs: { images: ['a', 0] } },
});
const done = async (graph: unknown, more = {}) => finished(demo, (await submit(demo, graph, more)).prompt_id);
const readJson = async <T>(path: string): Promise<T> => (await (await demo.get(path)).json()) as T;

async function upload(name: string, bytes: Buffer, fields: Record<string, string> = {}): Promise<Response> {
  const form = new FormData();
  form.set('image', new Blob([new Uint8Array(bytes)]), name);
  for (const [key, value] of Object.entries(fields)) form.set(key, value);
  return demo.get('/upload/image', { method: 'POST', body: form });
}

function picture(width: number, height: number, shade: number): Buffer {
  const png = new PNG({ width, height });
  png.data.fill(shade);
  return PNG.sync.write(png);
}

describe('addresses', () => {
  it.each([
    '/system_stats',
    '/queue',
    '/prompt',
    '/history',
    '/features',
    '/models',
    '/object_info',
    '/embeddings',
  ])('%s is there twice', async (path) => {
    const [plain, twin] = [await demo.get(path), await demo.get(`/api${path}`)];
    expect([plain.status, twin.status]).toEqual([200, 200]);
    expect(plain.headers.get('content-type')).toBe('application/json; charset=utf-8');
    if (path !== '/system_stats') expect(await twin.json()).toEqual(await plain.json());
  });

  it('say that something is not there, or not for that method', async () => {
    const missing = await demo.get('/nothing');
    expect([missing.status, await missing.text()]).toEqual([404, '404: Not Found']);
    const wrong = await demo.post('/system_stats', '');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET,HEAD']);
    expect((await demo.get('/queue', { method: 'HEAD' })).status).toBe(200);
    expect((await demo.get('/anything', { method: 'OPTIONS' })).status).toBe(200);
    expect((await demo.get('/models/unet')).status).toBe(404);
    expect(await readJson('/object_info/Nothing')).toEqual({});
  });

  it('start with a page that says what this is', async () => {
    const page = await demo.get('/');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('This is the demo ComfyUI');
  });

  it('list the same models as the nodes take', async () => {
    const info =
      await readJson<Record<string, { input: { required: Record<string, [string[]]> } }>>(
        '/object_info/UNETLoader',
      );
    expect(info.UNETLoader?.input.required.unet_name?.[0]).toEqual(
      await readJson('/models/diffusion_models'),
    );
  });
});

describe('the queue', () => {
  it('runs lower numbers first, and "front" before all', async () => {
    const blocker = await submit(demo, slow());
    const [late, early, front] = [
      await submit(demo, solid(), { number: 900 }),
      await submit(demo, solid(), { number: 800 }),
      await submit(demo, solid(), { front: true }),
    ];
    const queue = await readJson<{ queue_pending: [number, string][] }>('/queue');
    const ids = queue.queue_pending.map(([, id]) => id);
    expect(ids).toEqual([front, early, late].map(({ prompt_id: id }) => id));
    await demo.post('/queue', { delete: [early.prompt_id, 'unknown'] });
    expect((await readJson<{ queue_pending: unknown[] }>('/queue')).queue_pending).toHaveLength(2);
    await demo.post('/queue', { clear: true });
    await demo.post('/interrupt', { prompt_id: 'some other' });
    expect(await readJson('/prompt')).toEqual({ exec_info: { queue_remaining: 1 } });
    await demo.post('/interrupt', { prompt_id: blocker.prompt_id });
    const entry = await finished(demo, blocker.prompt_id);
    expect(entry.status.messages.at(-1)?.[0]).toBe('execution_interrupted');
    await idle(demo);
  });

  it('tells no start or end of a job without a client, but its progress to all', async () => {
    const listener = new Listener(demo, 'someone');
    const graph = {
      ...slow(),
      a: { class_type: 'TestSteps', inputs: { steps: 2, seconds: 0, preview: false, seed: color++ } },
    };
    await listener.until(() => true);
    await done(graph);
    await idle(demo);
    const types = listener.messages.map((message) => ('type' in message ? message.type : 'binary'));
    expect(new Set(types)).toEqual(new Set(['status', 'progress', 'progress_state']));
    listener.close();
  });

  it('tells the running node again to a client that comes back', async () => {
    const first = new Listener(demo, 'back');
    await submit(demo, slow(), { client_id: 'back' });
    await first.until((message) => 'type' in message && message.type === 'progress');
    first.close();
    const second = new Listener(demo, 'back');
    const again = await second.until((message) => 'type' in message && message.type === 'executing');
    expect(again).toEqual({ type: 'executing', data: { node: 'a' } });
    await demo.post('/interrupt', '');
    await idle(demo);
    second.close();
  });

  it('shows previews of sampling when they are on', async () => {
    const listener = new Listener(demo, 'viewer');
    await listener.until(() => true);
    const graph = {
      m: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd_xl_base_1.0.safetensors' } },
      t: { class_type: 'CLIPTextEncode', inputs: { text: 'a lighthouse', clip: ['m', 1] } },
      l: { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
      k: {
        class_type: 'KSampler',
        inputs: {
          ...{ model: ['m', 0], positive: ['t', 0], negative: ['t', 0], latent_image: ['l', 0], seed: 5 },
          ...{ steps: 3, cfg: 1, sampler_name: 'euler', scheduler: 'simple', denoise: 1 },
        },
      },
      d: { class_type: 'VAEDecode', inputs: { samples: ['k', 0], vae: ['m', 2] } },
      p: { class_type: 'PreviewImage', inputs: { images: ['d', 0] } },
    };
    const { prompt_id: id } = await submit(demo, graph, { client_id: 'viewer' });
    await listener.over(id);
    const previews = listener.messages.filter((message) => 'binary' in message);
    expect(previews).toEqual(Array(3).fill({ binary: { event: 1, image_type: 1, magic: 'ffd8ffe0' } }));
    listener.close();
  });
});

describe('the history', () => {
  it('can be cut to the newest, deleted from and cleared', async () => {
    await demo.post('/history', { clear: true });
    const ids: string[] = [];
    for (let index = 0; index < 4; index++) {
      const { prompt_id: id } = await submit(demo, solid());
      await finished(demo, id);
      ids.push(id);
    }
    const keys = async (query: string) => Object.keys(await readJson<object>(`/history${query}`));
    expect(await keys('')).toEqual(ids);
    expect(await keys('?max_items=2')).toEqual(ids.slice(2));
    expect(await keys('?max_items=2&offset=1')).toEqual(ids.slice(1, 3));
    expect((await demo.get('/history?max_items=few')).status).toBe(500);
    await demo.post('/history', { delete: [ids[0]] });
    expect(await keys('')).toEqual(ids.slice(1));
    expect(await readJson(`/history/${ids[0]}`)).toEqual({});
    await demo.post('/history', { clear: true });
    expect(await keys('')).toEqual([]);
  });

  it('is what /api/jobs tells', async () => {
    await demo.post('/history', { clear: true });
    const workflow = { extra_pnginfo: { workflow: { id: 'w1' } } };
    const good = await done(solid(), { extra_data: workflow });
    await done({
      ...solid(),
      a: { class_type: 'TestFail', inputs: { steps: 1, seconds: 0, preview: false, seed: 1 } },
    });
    const { jobs, pagination } = await readJson<{ jobs: Record<string, unknown>[]; pagination: unknown }>(
      '/api/jobs',
    );
    expect(pagination).toEqual({ offset: 0, limit: null, total: 2, has_more: false });
    expect(jobs.map(({ status }) => status).sort()).toEqual(['completed', 'failed']);
    const completed = jobs.find(({ status }) => status === 'completed');
    expect(completed).toMatchObject({
      id: good.prompt[1],
      workflow_id: 'w1',
      outputs_count: 1,
      preview_output: { nodeId: 'b', mediaType: 'images', type: 'output' },
    });
    const one = await readJson<Record<string, unknown>>(`/api/jobs/${good.prompt[1]}`);
    expect(one).toMatchObject({ ...completed, outputs: good.outputs, workflow: { prompt: good.prompt[2] } });
    const failed = await readJson<{ jobs: unknown[] }>('/api/jobs?status=failed&limit=1');
    expect(failed.jobs).toHaveLength(1);
    expect((await demo.get('/api/jobs?status=odd')).status).toBe(400);
    expect((await demo.get('/api/jobs/unknown')).status).toBe(404);
    expect((await demo.get('/jobs')).status).toBe(404);
  });

  it('forgets cached results when memory is freed', async () => {
    const graph = solid();
    const cached = async () => {
      const entry = await done(graph);
      return (entry.status.messages[1]?.[1].nodes as string[] | undefined)?.length;
    };
    expect([await cached(), await cached()]).toEqual([0, 2]);
    await demo.post('/free', { unload_models: true, free_memory: true });
    expect(await cached()).toBe(0);
  });
});

describe('files', () => {
  it.each([
    ['', 404],
    ['?filename=', 400],
    ['?filename=../x.png', 400],
    ['?filename=/etc/passwd', 400],
    ['?filename=x.png&type=secret', 400],
    ['?filename=x.png&subfolder=../..', 403],
    ['?filename=x.png', 404],
  ])('/view%s is %i', async (query, status) => {
    expect((await demo.get(`/view${query}`)).status).toBe(status);
  });

  it('are numbered in their folder, and carry the graph', async () => {
    const entry = await done(solid('deep/er/name'), {
      extra_data: { extra_pnginfo: { workflow: { é: 1 } } },
    });
    const [image] = entry.outputs.b?.images ?? [];
    expect(image).toEqual({ filename: 'name_00001_.png', subfolder: 'deep/er', type: 'output' });
    const second = await done(solid('deep/er/name'));
    expect(second.outputs.b?.images[0]?.filename).toBe('name_00002_.png');
    expect(readdirSync(join(demo.folder, 'output', 'deep', 'er'))).toHaveLength(2);
    const bytes = Buffer.from(
      await (await demo.get('/view?filename=name_00001_.png&subfolder=deep/er')).arrayBuffer(),
    ).toString('latin1');
    expect(bytes).toContain('tEXtprompt\0{"a":{"class_type":"EmptyImage"');
    expect(bytes).toContain('tEXtworkflow\0{"\\u00e9":1}');
  });

  it('may not be saved outside their folder', async () => {
    const entry = await done(solid('../../outside'));
    expect(entry.status.messages.at(-1)).toMatchObject(['execution_error', { node_id: 'b' }]);
  });

  it('can be read in part, as a JPEG, and by channel', async () => {
    const entry = await done(solid('parts', 64));
    const name = entry.outputs.b?.images[0]?.filename;
    const part = await demo.get(`/view?filename=${name}`, { headers: { Range: 'bytes=0-7' } });
    expect([part.status, Buffer.from(await part.arrayBuffer()).toString('hex')]).toEqual([
      206,
      '89504e470d0a1a0a',
    ]);
    const jpeg = await demo.get(`/view?filename=${name}&preview=jpeg;80`);
    expect(jpeg.headers.get('content-type')).toBe('image/jpeg');
    const alpha = await demo.get(`/view?filename=${name}&channel=a`);
    const pixels = PNG.sync.read(Buffer.from(await alpha.arrayBuffer())).data;
    expect(new Set(pixels)).toEqual(new Set([255]));
  });

  it('are taken in, under a name that is free', async () => {
    const [one, two] = [picture(24, 16, 200), picture(24, 16, 100)];
    const name = async (bytes: Buffer, fields = {}) =>
      (await (await upload('in.png', bytes, fields)).json()) as unknown;
    expect(await name(one)).toEqual({ name: 'in.png', subfolder: '', type: 'input' });
    expect(await name(one)).toEqual({ name: 'in.png', subfolder: '', type: 'input' });
    expect(await name(two)).toEqual({ name: 'in (1).png', subfolder: '', type: 'input' });
    expect(await name(two, { overwrite: 'true' })).toEqual({ name: 'in.png', subfolder: '', type: 'input' });
    expect(await name(one, { type: 'temp', subfolder: 's' })).toEqual({
      name: 'in.png',
      subfolder: 's',
      type: 'temp',
    });
    expect((await upload('../../out.png', one)).status).toBe(400);
    expect((await upload('a.png', one, { subfolder: '../..' })).status).toBe(400);
    expect((await upload('a.png', one, { type: 'odd' })).status).toBe(500);
    expect((await demo.post('/upload/image', 'nothing')).status).toBe(400);
  });

  it('can be loaded by a graph, and count as changed when they change', async () => {
    const graph = {
      l: { class_type: 'LoadImage', inputs: { image: 'load.png' } },
      s: { class_type: 'SaveImage', inputs: { images: ['l', 0], filename_prefix: 'loaded' } },
    };
    await upload('load.png', picture(40, 30, 90));
    const first = await done(graph);
    const file = first.outputs.s?.images[0]?.filename;
    const png = PNG.sync.read(Buffer.from(await (await demo.get(`/view?filename=${file}`)).arrayBuffer()));
    expect([png.width, png.height, png.data[0]]).toEqual([40, 30, 90]);
    await upload('load.png', picture(40, 30, 91), { overwrite: 'true' });
    const second = await done(graph);
    expect(second.status.messages[1]?.[1].nodes).toEqual([]);
  });
});
