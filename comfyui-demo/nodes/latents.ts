import { solidPicture } from '../image/picture.ts';
import type { Arguments, InputSpec, NodeSpec, Outcome } from './spec.ts';
import { take, takeNumber } from './spec.ts';

const MID_GRAY = 0x808080;

const side = (name: string, fallback: number, step: number): InputSpec => ({
  name,
  type: 'INT',
  config: { default: fallback, min: 16, max: 8192, step },
  configSince: ['0.3.12', { max: 16384 }],
});
const batch: InputSpec = { name: 'batch_size', type: 'INT', config: { default: 1, min: 1, max: 4096 } };

/** A latent counts in cells of eight pixels, so sizes round down as they do on the real servers. */
const latent = (args: Arguments): Outcome => ({
  values: [
    {
      kind: 'LATENT',
      width: Math.floor(takeNumber(args, 'width') / 8) * 8,
      height: Math.floor(takeNumber(args, 'height') / 8) * 8,
      count: takeNumber(args, 'batch_size', 1),
      picture: null,
    },
  ],
});

const emptyLatent: NodeSpec = {
  name: 'EmptyLatentImage',
  displayName: 'Empty Latent Image',
  category: 'latent',
  description: 'An empty latent batch for a sampler to start from.',
  inputs: [side('width', 512, 8), side('height', 512, 8), batch],
  outputs: ['LATENT'],
  run: latent,
};

const emptySd3Latent: NodeSpec = {
  name: 'EmptySD3LatentImage',
  category: 'latent/sd3',
  module: 'comfy_extras.nodes_sd3',
  since: '0.3.12',
  inputs: [side('width', 1024, 16), side('height', 1024, 16), batch],
  outputs: ['LATENT'],
  run: latent,
};

const vaeDecode: NodeSpec = {
  name: 'VAEDecode',
  displayName: 'VAE Decode',
  category: 'latent',
  description: 'Turns latents back into images.',
  inputs: [
    { name: 'samples', type: 'LATENT' },
    { name: 'vae', type: 'VAE' },
  ],
  outputs: ['IMAGE'],
  run: (args) => {
    const { width, height, count, picture } = take(args, 'samples', 'LATENT');
    return {
      values: [
        { kind: 'IMAGE', picture: picture ?? solidPicture({ width, height, count, color: MID_GRAY }) },
      ],
    };
  },
};

export const LATENT_NODES: readonly NodeSpec[] = [vaeDecode, emptyLatent, emptySd3Latent];
