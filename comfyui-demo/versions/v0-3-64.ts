import type { Profile } from './profile.ts';
import { v0312 } from './v0-3-12.ts';

export const v0364: Profile = {
  ...v0312,
  version: '0.3.64',
  reported: '0.3.64',
  packages: {
    required_frontend_version: '1.27.10',
    installed_templates_version: '0.1.95',
    required_templates_version: '0.1.95',
  },
  models: [...(v0312.models ?? []), 'model_patches', 'audio_encoders'],
  features: { supports_preview_metadata: true },
  interruptById: true,
  clientChoices: true,
  plainNoPrompt: false,
  emptyNodeErrors: 'object',
  validation: { ...v0312.validation, booleans: true },
  execution: {
    ...v0312.execution,
    progressState: true,
    exceptionTail: '\n',
    oomType: 'torch.OutOfMemoryError',
  },
  comboOptions: true,
  trace: {
    validatePrompt: 1010,
    validateInputs: 788,
    validateLinked: 807,
    execute: [
      [496, 'execute'],
      [315, 'get_output_data'],
      [289, '_async_map_node_over_list'],
      [277, 'process_inputs'],
    ],
  },
  startLines: [
    'pytorch version: 0.0.0+demo',
    'Set vram state to: DISABLED',
    'Device: demo (no GPU)',
    'ComfyUI version: 0.3.64 (demo)',
    'Skipping loading of custom nodes',
  ],
};
