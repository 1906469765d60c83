import fc from 'fast-check';

export interface Node {
  class_type: string;
  inputs: Record<string, unknown>;
}
export type Graph = Record<string, Node>;

/** A generated graph and what must come of it. */
export interface Case {
  graph: Graph;
  width: number;
  height: number;
  count: number;
  /** ids of the output nodes */
  outputs: string[];
  /** ids by role, in the order in which the graph was thought out */
  ids: Record<string, string>;
}

/** JSON text in which bigints are whole numbers. */
export const toText = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `<<${item}>>` : item)).replace(
    /"<<(\d+)>>"/g,
    '$1',
  );

const ids = (roles: readonly string[]) =>
  fc
    .uniqueArray(
      fc.string({ unit: fc.constantFrom(...'abcXYZ0123456789:-_ё'), minLength: 1, maxLength: 6 }),
      {
        minLength: roles.length,
        maxLength: roles.length,
      },
    )
    .map((names) => Object.fromEntries(roles.map((role, index) => [role, names[index] ?? ''])));

const side = fc.integer({ min: 2, max: 24 }).map((cells) => cells * 8);
const count = fc.integer({ min: 1, max: 3 });
const seed = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const prompt = fc.string({ unit: fc.constantFrom(...'abc DEF 123 .,!? жщъ日"\\'), maxLength: 40 });
const prefix = fc.stringMatching(/^[a-z]{1,8}$/);
const save = (image: string, name: string): Node => ({
  class_type: 'SaveImage',
  inputs: { images: [image, 0], filename_prefix: name },
});

const solidCase = (): fc.Arbitrary<Case> =>
  fc
    .record({
      ids: ids(['image', 'save', 'preview']),
      ...{ count, prefix },
      width: fc.integer({ min: 1, max: 300 }),
      height: fc.integer({ min: 1, max: 300 }),
      color: fc.integer({ min: 0, max: 0xffffff }),
      both: fc.boolean(),
    })
    .map(({ ids: names, width, height, count: batch, color, prefix: name, both }) => {
      const { image = '', save: saved = '', preview = '' } = names;
      const graph: Graph = {
        [image]: { class_type: 'EmptyImage', inputs: { width, height, batch_size: batch, color } },
        [saved]: save(image, name),
        ...(both && { [preview]: { class_type: 'PreviewImage', inputs: { images: [image, 0] } } }),
      };
      return { graph, width, height, count: batch, outputs: both ? [saved, preview] : [saved], ids: names };
    });

const SD_ROLES = ['model', 'positive', 'negative', 'latent', 'sampler', 'decode', 'save'];
const sdCase = (): fc.Arbitrary<Case> =>
  fc
    .record({ ids: ids(SD_ROLES), width: side, height: side, count, seed, prompt, prefix })
    .map(({ ids: names, width, height, count: batch, seed: noise, prompt: text, prefix: name }) => {
      const { model = '', positive = '', negative = '', latent = '', sampler = '', decode = '' } = names;
      const graph: Graph = {
        [names.save ?? '']: save(decode, name),
        [decode]: { class_type: 'VAEDecode', inputs: { samples: [sampler, 0], vae: [model, 2] } },
        [sampler]: {
          class_type: 'KSampler',
          inputs: {
            ...{ model: [model, 0], positive: [positive, 0], negative: [negative, 0] },
            ...{ latent_image: [latent, 0], seed: noise, steps: 2, cfg: 7.5, denoise: 1 },
            ...{ sampler_name: 'euler', scheduler: 'normal' },
          },
        },
        [latent]: { class_type: 'EmptyLatentImage', inputs: { width, height, batch_size: batch } },
        [positive]: { class_type: 'CLIPTextEncode', inputs: { text, clip: [model, 1] } },
        [negative]: { class_type: 'CLIPTextEncode', inputs: { text: `not ${text}`, clip: [model, 1] } },
        [model]: {
          class_type: 'CheckpointLoaderSimple',
          inputs: { ckpt_name: 'v1-5-pruned-emaonly.safetensors' },
        },
      };
      return { graph, width, height, count: batch, outputs: [names.save ?? ''], ids: names };
    });

const FLUX_ROLES = [
  'unet',
  'lora',
  'clip',
  'vae',
  'text',
  'guidance',
  'guider',
  'noise',
  'select',
  'sigmas',
].concat(['latent', 'sampler', 'decode', 'save']);
const fluxCase = (): fc.Arbitrary<Case> =>
  fc
    .record({ ids: ids(FLUX_ROLES), width: side, height: side, count, seed, prompt, prefix })
    .map(({ ids: names, width, height, count: batch, seed: noise, prompt: text, prefix: name }) => {
      const id = (role: string): string => names[role] ?? '';
      const graph: Graph = {
        [id('unet')]: {
          class_type: 'UNETLoader',
          inputs: { unet_name: 'flux1-dev.safetensors', weight_dtype: 'default' },
        },
        [id('lora')]: {
          class_type: 'LoraLoaderModelOnly',
          inputs: { model: [id('unet'), 0], lora_name: 'demo-style-lora.safetensors', strength_model: 1 },
        },
        [id('clip')]: {
          class_type: 'DualCLIPLoader',
          inputs: { clip_name1: 't5xxl_fp16.safetensors', clip_name2: 'clip_l.safetensors', type: 'flux' },
        },
        [id('vae')]: { class_type: 'VAELoader', inputs: { vae_name: 'ae.safetensors' } },
        [id('text')]: { class_type: 'CLIPTextEncode', inputs: { text, clip: [id('clip'), 0] } },
        [id('guidance')]: {
          class_type: 'FluxGuidance',
          inputs: { conditioning: [id('text'), 0], guidance: 3.5 },
        },
        [id('guider')]: {
          class_type: 'BasicGuider',
          inputs: { model: [id('lora'), 0], conditioning: [id('guidance'), 0] },
        },
        [id('noise')]: { class_type: 'RandomNoise', inputs: { noise_seed: noise } },
        [id('select')]: { class_type: 'KSamplerSelect', inputs: { sampler_name: 'euler' } },
        [id('sigmas')]: {
          class_type: 'BasicScheduler',
          inputs: { model: [id('lora'), 0], scheduler: 'simple', steps: 3, denoise: 1 },
        },
        [id('latent')]: {
          class_type: 'EmptySD3LatentImage',
          inputs: { width, height, batch_size: batch },
        },
        [id('sampler')]: {
          class_type: 'SamplerCustomAdvanced',
          inputs: {
            ...{ noise: [id('noise'), 0], guider: [id('guider'), 0], sampler: [id('select'), 0] },
            ...{ sigmas: [id('sigmas'), 0], latent_image: [id('latent'), 0] },
          },
        },
        [id('decode')]: {
          class_type: 'VAEDecode',
          inputs: { samples: [id('sampler'), 0], vae: [id('vae'), 0] },
        },
        [id('save')]: save(id('decode'), name),
      };
      const rounded = (pixels: number): number => Math.floor(pixels / 8) * 8;
      return {
        graph,
        ...{ width: rounded(width), height: rounded(height), count: batch },
        outputs: [id('save')],
        ids: names,
      };
    });

/** Any graph that must run. */
export const anyCase = (): fc.Arbitrary<Case> => fc.oneof(solidCase(), sdCase(), fluxCase());
export { fluxCase, sdCase, solidCase };

const isLink = (value: unknown): value is [string, number] => Array.isArray(value);

/** A node and all that uses it, directly or through others. */
export function downstream(graph: Graph, id: string): Set<string> {
  const found = new Set([id]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const [user, { inputs }] of Object.entries(graph))
      if (Object.values(inputs).some((value) => isLink(value) && found.has(value[0]))) found.add(user);
  }
  return found;
}
