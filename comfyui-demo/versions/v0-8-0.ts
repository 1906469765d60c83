import type { Profile } from './profile.ts';
import { v0364 } from './v0-3-64.ts';

const LATENT_UPSCALE_AFTER = 'upscale_models';

export const v080: Profile = {
  ...v0364,
  version: '0.8.0',
  reported: '0.8.0',
  osName: 'platform',
  packages: {
    required_frontend_version: '1.35.9',
    installed_templates_version: '0.7.67',
    required_templates_version: '0.7.67',
  },
  models: (v0364.models ?? []).flatMap((key) =>
    key === LATENT_UPSCALE_AFTER ? [key, 'latent_upscale_models'] : [key],
  ),
  features: { supports_preview_metadata: true, extension: { manager: { supports_v4: true } } },
  jobs: true,
  contentPolicy: true,
  createTime: true,
  execution: { ...v0364.execution, silentCacheLosesOutputs: true },
  trace: {
    validatePrompt: 1043,
    validateInputs: 818,
    validateLinked: 837,
    execute: [
      [518, 'execute'],
      [329, 'get_output_data'],
      [303, '_async_map_node_over_list'],
      [291, 'process_inputs'],
    ],
  },
  startLines: [
    'pytorch version: 0.0.0+demo',
    'Set vram state to: DISABLED',
    'Device: demo (no GPU)',
    'ComfyUI version: 0.8.0 (demo)',
    'Skipping loading of custom nodes',
  ],
  portTakenText: true,
};
