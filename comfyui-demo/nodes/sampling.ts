import { scenePicture } from '../image/picture.ts';
import type { Json } from '../json.ts';
import { samplersOf, schedulersOf } from '../versions/samplers.ts';
import type { Choices, InputSpec, NodeSpec, Outcome, RunContext, ValueOf } from './spec.ts';
import { take, takeNumber, takeText } from './spec.ts';

const MODULE = 'comfy_extras.nodes_custom_sampler';
const MAX_SEED = 18446744073709551615n;

const samplers: Choices = ({ profile }) => samplersOf(profile.version);
const schedulers: Choices = ({ profile }) => schedulersOf(profile.version);

const seedInput = (name: string, tooltip?: string): InputSpec => ({
  name,
  type: 'INT',
  config: { default: 0, min: 0, max: MAX_SEED },
  configSince: ['0.3.64', { control_after_generate: true }],
  ...(tooltip && { tooltip }),
});

interface Sampling {
  latent: ValueOf<'LATENT'>;
  prompt: string;
  seed: Json;
  steps: number;
  model: string;
}

/** Pretends to sample: waits per step, tells progress and shows the picture growing clearer. */
async function sample(
  { latent, prompt, seed, steps, model }: Sampling,
  context: RunContext,
): Promise<Outcome> {
  const { width, height, count } = latent;
  const details = { width, height, count, prompt, seed: String(seed), steps, model };
  for (let step = 1; step <= steps; step++) {
    await context.sleep(context.stepMs);
    const preview = context.previews ? scenePicture({ ...details, clarity: step / steps }) : undefined;
    context.bar(step, steps);
    await context.progress({ value: step, max: steps, ...(preview && { preview }) });
  }
  return { values: [{ ...latent, picture: scenePicture({ ...details, clarity: 1 }) }] };
}

const kSampler: NodeSpec = {
  name: 'KSampler',
  category: 'sampling',
  description: 'Uses the provided model, positive and negative conditioning to denoise the latent image.',
  inputs: [
    { name: 'model', type: 'MODEL', tooltip: 'The model used for denoising the input latent.' },
    seedInput('seed', 'The random seed used for creating the noise.'),
    {
      name: 'steps',
      type: 'INT',
      config: { default: 20, min: 1, max: 10000 },
      tooltip: 'The number of steps used in the denoising process.',
    },
    {
      name: 'cfg',
      type: 'FLOAT',
      config: { default: 8, min: 0, max: 100, step: 0.1, round: 0.01 },
      tooltip:
        'The Classifier-Free Guidance scale balances creativity and adherence to the prompt. Higher values result in images more closely matching the prompt however too high values will negatively impact quality.',
    },
    {
      name: 'sampler_name',
      type: samplers,
      tooltip:
        'The algorithm used when sampling, this can affect the quality, speed, and style of the generated output.',
    },
    {
      name: 'scheduler',
      type: schedulers,
      tooltip: 'The scheduler controls how noise is gradually removed to form the image.',
    },
    {
      name: 'positive',
      type: 'CONDITIONING',
      tooltip: 'The conditioning describing the attributes you want to include in the image.',
    },
    {
      name: 'negative',
      type: 'CONDITIONING',
      tooltip: 'The conditioning describing the attributes you want to exclude from the image.',
    },
    { name: 'latent_image', type: 'LATENT', tooltip: 'The latent image to denoise.' },
    {
      name: 'denoise',
      type: 'FLOAT',
      config: { default: 1, min: 0, max: 1, step: 0.01 },
      tooltip:
        'The amount of denoising applied, lower values will maintain the structure of the initial image allowing for image to image sampling.',
    },
  ],
  outputs: ['LATENT'],
  outputTooltips: ['The denoised latent.'],
  run: (args, context) => {
    const model = take(args, 'model', 'MODEL');
    return sample(
      {
        latent: take(args, 'latent_image', 'LATENT'),
        prompt: take(args, 'positive', 'CONDITIONING').text,
        seed: args.seed as Json,
        steps: takeNumber(args, 'steps', 1),
        model: model.name,
      },
      context,
    );
  },
};

const kSamplerSelect: NodeSpec = {
  name: 'KSamplerSelect',
  category: 'sampling/custom_sampling/samplers',
  module: MODULE,
  inputs: [{ name: 'sampler_name', type: samplers }],
  outputs: ['SAMPLER'],
  run: (args) => ({ values: [{ kind: 'SAMPLER', name: takeText(args, 'sampler_name') }] }),
};

const basicScheduler: NodeSpec = {
  name: 'BasicScheduler',
  category: 'sampling/custom_sampling/schedulers',
  module: MODULE,
  inputs: [
    { name: 'model', type: 'MODEL' },
    { name: 'scheduler', type: schedulers },
    { name: 'steps', type: 'INT', config: { default: 20, min: 1, max: 10000 } },
    {
      name: 'denoise',
      type: 'FLOAT',
      config: { default: 1, min: 0, max: 1, step: 0.01 },
      since: '0.3.12',
    },
  ],
  outputs: ['SIGMAS'],
  run: (args) => ({ values: [{ kind: 'SIGMAS', steps: takeNumber(args, 'steps', 1) }] }),
};

const basicGuider: NodeSpec = {
  name: 'BasicGuider',
  category: 'sampling/custom_sampling/guiders',
  module: MODULE,
  since: '0.3.12',
  inputs: [
    { name: 'model', type: 'MODEL' },
    { name: 'conditioning', type: 'CONDITIONING' },
  ],
  outputs: ['GUIDER'],
  run: (args) => ({
    values: [
      {
        kind: 'GUIDER',
        model: take(args, 'model', 'MODEL').name,
        text: take(args, 'conditioning', 'CONDITIONING').text,
      },
    ],
  }),
};

const randomNoise: NodeSpec = {
  name: 'RandomNoise',
  category: 'sampling/custom_sampling/noise',
  module: MODULE,
  since: '0.3.12',
  inputs: [seedInput('noise_seed')],
  outputs: ['NOISE'],
  run: (args) => ({ values: [{ kind: 'NOISE', seed: args.noise_seed as Json }] }),
};

const samplerCustomAdvanced: NodeSpec = {
  name: 'SamplerCustomAdvanced',
  category: 'sampling/custom_sampling',
  module: MODULE,
  since: '0.3.12',
  inputs: [
    { name: 'noise', type: 'NOISE' },
    { name: 'guider', type: 'GUIDER' },
    { name: 'sampler', type: 'SAMPLER' },
    { name: 'sigmas', type: 'SIGMAS' },
    { name: 'latent_image', type: 'LATENT' },
  ],
  outputs: ['LATENT', 'LATENT'],
  outputNames: ['output', 'denoised_output'],
  run: async (args, context) => {
    const guider = take(args, 'guider', 'GUIDER');
    const { values = [] } = await sample(
      {
        latent: take(args, 'latent_image', 'LATENT'),
        prompt: guider.text,
        seed: take(args, 'noise', 'NOISE').seed,
        steps: take(args, 'sigmas', 'SIGMAS').steps,
        model: guider.model,
      },
      context,
    );
    return { values: [...values, ...values] };
  },
};

export const SAMPLING_NODES: readonly NodeSpec[] = [
  kSampler,
  kSamplerSelect,
  basicScheduler,
  basicGuider,
  randomNoise,
  samplerCustomAdvanced,
];
