import { expect, test } from 'vitest';
import { comfyStatusSchema } from '../../../core/contract/comfy.ts';
import { panelWithDemo } from './comfyUnderTest.ts';
import { ask } from './panelUnderTest.ts';

test.each(['2023-12', '0.3.12', '0.3.64', '0.8.0'])(
  'a job of ComfyUI %s goes through the panel, from graph to image',
  async (version) => {
    const { port } = await panelWithDemo(['--as', version]);
    const status = comfyStatusSchema.parse((await ask(port, '/api/comfy/status')).json());
    expect(status).toMatchObject({ reachable: true, queue: { running: 0, pending: 0 }, mode: 'demo' });
    expect(status.devices.length).toBeGreaterThan(0);
    const prompt = {
      1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 255 } },
      2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'story' } },
    };
    const submitted = await ask(port, '/api/comfy/prompt', {
      method: 'POST',
      headers: { origin: `http://localhost:${port}`, 'content-type': 'application/json', cookie: 'a=b' },
      body: JSON.stringify({ prompt }),
    });
    expect(submitted.status).toBe(200);
    const id = submitted.json().prompt_id;
    await expect
      .poll(async () => Object.keys((await ask(port, `/api/comfy/history/${id}`)).json()), { timeout: 5000 })
      .toEqual([id]);
    const { outputs } = (await ask(port, `/api/comfy/history/${id}`)).json()[id];
    const [image] = outputs[2].images;
    const view = await ask(port, `/api/comfy/view?${new URLSearchParams(image)}`);
    expect(view.status).toBe(200);
    expect(view.headers['content-type']).toBe('image/png');
  },
);
