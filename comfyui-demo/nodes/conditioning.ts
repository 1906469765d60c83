import type { NodeSpec } from './spec.ts';
import { take, takeText } from './spec.ts';

const clipTextEncode: NodeSpec = {
  name: 'CLIPTextEncode',
  displayName: 'CLIP Text Encode (Prompt)',
  category: 'conditioning',
  inputs: [
    {
      name: 'text',
      type: 'STRING',
      config: { multiline: true },
      configSince: ['0.3.12', { dynamicPrompts: true }],
    },
    { name: 'clip', type: 'CLIP' },
  ],
  outputs: ['CONDITIONING'],
  run: (args) => {
    take(args, 'clip', 'CLIP');
    return { values: [{ kind: 'CONDITIONING', text: takeText(args, 'text') }] };
  },
};

const fluxGuidance: NodeSpec = {
  name: 'FluxGuidance',
  category: 'advanced/conditioning/flux',
  module: 'comfy_extras.nodes_flux',
  since: '0.3.12',
  inputs: [
    { name: 'conditioning', type: 'CONDITIONING' },
    { name: 'guidance', type: 'FLOAT', config: { default: 3.5, min: 0, max: 100, step: 0.1 } },
  ],
  outputs: ['CONDITIONING'],
  run: (args) => ({ values: [take(args, 'conditioning', 'CONDITIONING')] }),
};

const zeroOut: NodeSpec = {
  name: 'ConditioningZeroOut',
  category: 'advanced/conditioning',
  inputs: [{ name: 'conditioning', type: 'CONDITIONING' }],
  outputs: ['CONDITIONING'],
  run: () => ({ values: [{ kind: 'CONDITIONING', text: '' }] }),
};

export const CONDITIONING_NODES: readonly NodeSpec[] = [clipTextEncode, fluxGuidance, zeroOut];
