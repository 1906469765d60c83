import type { Choices, NodeSpec } from './spec.ts';
import { take, takeText } from './spec.ts';

/** The files of a model folder. */
const files =
  (folder: string): Choices =>
  ({ models }) =>
    models[folder] ?? [];

/** The one choice that needs no file; it came with the pixel-space models. */
const vaeFiles: Choices = (catalog) => [
  ...(catalog.models.vae ?? []),
  ...(catalog.profile.execution.progressState ? ['pixel_space'] : []),
];

const CLIP_TYPES: Choices = ({ profile }) =>
  profile.execution.progressState
    ? ['sdxl', 'sd3', 'flux', 'hunyuan_video', 'hidream', 'hunyuan_image']
    : ['sdxl', 'sd3', 'flux', 'hunyuan_video'];

const WEIGHT_TYPES: Choices = () => ['default', 'fp8_e4m3fn', 'fp8_e4m3fn_fast', 'fp8_e5m2'];

const checkpointLoader: NodeSpec = {
  name: 'CheckpointLoaderSimple',
  displayName: 'Load Checkpoint',
  category: 'loaders',
  description: 'Loads a checkpoint: a model, its text encoder and its VAE from one file.',
  inputs: [
    {
      name: 'ckpt_name',
      type: files('checkpoints'),
      tooltip: 'The name of the checkpoint (model) to load.',
    },
  ],
  outputs: ['MODEL', 'CLIP', 'VAE'],
  run: (args) => ({
    values: [
      { kind: 'MODEL', name: takeText(args, 'ckpt_name'), loras: [] },
      { kind: 'CLIP' },
      { kind: 'VAE' },
    ],
  }),
};

const unetLoader: NodeSpec = {
  name: 'UNETLoader',
  displayName: 'Load Diffusion Model',
  oldDisplayName: 'UNETLoader',
  category: 'advanced/loaders',
  inputs: [
    { name: 'unet_name', type: files('diffusion_models') },
    { name: 'weight_dtype', type: WEIGHT_TYPES, since: '0.3.12' },
  ],
  outputs: ['MODEL'],
  run: (args) => ({ values: [{ kind: 'MODEL', name: takeText(args, 'unet_name'), loras: [] }] }),
};

const dualClipLoader: NodeSpec = {
  name: 'DualCLIPLoader',
  category: 'advanced/loaders',
  inputs: [
    { name: 'clip_name1', type: files('text_encoders') },
    { name: 'clip_name2', type: files('text_encoders') },
    { name: 'type', type: CLIP_TYPES, since: '0.3.12' },
    {
      name: 'device',
      type: () => ['default', 'cpu'],
      section: 'optional',
      config: { advanced: true },
      since: '0.3.12',
    },
  ],
  outputs: ['CLIP'],
  run: () => ({ values: [{ kind: 'CLIP' }] }),
};

const clipLoader: NodeSpec = {
  name: 'CLIPLoader',
  displayName: 'Load CLIP',
  category: 'advanced/loaders',
  inputs: [
    { name: 'clip_name', type: files('text_encoders') },
    { name: 'type', type: () => ['stable_diffusion', 'stable_cascade', 'sd3', 'flux2'], since: '0.3.12' },
  ],
  outputs: ['CLIP'],
  run: () => ({ values: [{ kind: 'CLIP' }] }),
};

const vaeLoader: NodeSpec = {
  name: 'VAELoader',
  displayName: 'Load VAE',
  category: 'loaders',
  inputs: [{ name: 'vae_name', type: vaeFiles }],
  outputs: ['VAE'],
  run: () => ({ values: [{ kind: 'VAE' }] }),
};

const STRENGTH = { default: 1, min: -100, max: 100, step: 0.01 };

const loraModelOnly: NodeSpec = {
  name: 'LoraLoaderModelOnly',
  category: 'loaders',
  inputs: [
    { name: 'model', type: 'MODEL' },
    { name: 'lora_name', type: files('loras') },
    { name: 'strength_model', type: 'FLOAT', config: STRENGTH },
  ],
  outputs: ['MODEL'],
  run: (args) => {
    const model = take(args, 'model', 'MODEL');
    return { values: [{ ...model, loras: [...model.loras, takeText(args, 'lora_name')] }] };
  },
};

export const LOADER_NODES: readonly NodeSpec[] = [
  checkpointLoader,
  unetLoader,
  dualClipLoader,
  clipLoader,
  vaeLoader,
  loraModelOnly,
];
