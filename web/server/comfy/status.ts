import type { Pool } from 'undici';
import { z } from 'zod';
import type { ComfyStatus } from '../../../core/contract/comfy.ts';
import { request } from './pool.ts';

const size = z.number().min(0).catch(0);
const word = z.string().nullish().catch(null);

/** Keys that some versions lack are null; keys that newer ones add are passed over. */
const statsSchema = z.object({
  system: z
    .object({
      os: word,
      ram_total: size.optional(),
      ram_free: size.optional(),
      comfyui_version: word,
      python_version: word,
      pytorch_version: word,
    })
    .catch({ os: null, comfyui_version: null, python_version: null, pytorch_version: null }),
  devices: z
    .array(
      z.object({
        name: z.string().catch(''),
        type: z.string().catch(''),
        vram_total: size,
        vram_free: size,
        torch_vram_total: size.optional(),
        torch_vram_free: size.optional(),
      }),
    )
    .catch([]),
});

const queueSchema = z.object({ queue_running: z.array(z.unknown()), queue_pending: z.array(z.unknown()) });

export type ComfyFacts = Pick<
  ComfyStatus,
  'version' | 'os' | 'python' | 'pytorch' | 'devices' | 'ram' | 'queue' | 'latencyMs'
>;

type Ask = (path: string) => Promise<unknown>;

/** JSON of one address; throws when there is none. `limit`: bytes. */
export function createAsk(pool: Pool, { timeoutMs = 5000, limit = 16 * 2 ** 20 } = {}): Ask {
  return async (path) => {
    const { statusCode, body } = await request(pool, {
      path,
      method: 'GET',
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.byteLength;
      if (length > limit) throw new Error('the answer is too large');
      chunks.push(chunk);
    }
    if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`);
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  };
}

/** Asks what ComfyUI is and does. Throws when it does not answer. */
export async function askFacts(ask: Ask): Promise<ComfyFacts> {
  const began = performance.now();
  const stats = statsSchema.parse(await ask('/system_stats'));
  const latencyMs = Math.round((performance.now() - began) * 10) / 10;
  const queue = queueSchema.safeParse(await ask('/queue').catch(() => null));
  const { system, devices } = stats;
  return {
    latencyMs,
    version: system.comfyui_version ?? null,
    os: system.os ?? null,
    python: system.python_version?.split(' ')[0] ?? null,
    pytorch: system.pytorch_version ?? null,
    devices: devices.map((device) => ({
      name: device.name,
      type: device.type,
      vramTotalBytes: device.vram_total,
      vramFreeBytes: device.vram_free,
      torchVramTotalBytes: device.torch_vram_total ?? null,
      torchVramFreeBytes: device.torch_vram_free ?? null,
    })),
    ram:
      system.ram_total === undefined || system.ram_free === undefined
        ? null
        : { totalBytes: system.ram_total, freeBytes: system.ram_free },
    queue: queue.success
      ? { running: queue.data.queue_running.length, pending: queue.data.queue_pending.length }
      : null,
  };
}

/** Folders whose files a person counts as models. */
const counted = [
  'checkpoints',
  'diffusion_models',
  'unet',
  'loras',
  'vae',
  'text_encoders',
  'clip',
  'controlnet',
];

/** Number of files by folder. A version without such an address, or a folder that it does not know, counts as none. */
export async function askModels(ask: Ask): Promise<Record<string, number>> {
  const known = z.array(z.string()).safeParse(await ask('/models').catch(() => null));
  const folders = counted.filter((folder) => known.success && known.data.includes(folder));
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = z.array(z.unknown()).safeParse(await ask(`/models/${folder}`).catch(() => null));
      return [folder, names.success ? names.data.length : 0] as const;
    }),
  );
  return Object.fromEntries(found);
}
