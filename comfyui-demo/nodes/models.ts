/** Model files that the demo pretends to have, by folder key, so that stock SD and FLUX workflows pass. */
export const DEMO_MODELS: Readonly<Record<string, readonly string[]>> = {
  checkpoints: [
    'flux1-dev-fp8.safetensors',
    'flux1-schnell-fp8.safetensors',
    'sd_xl_base_1.0.safetensors',
    'v1-5-pruned-emaonly-fp16.safetensors',
    'v1-5-pruned-emaonly.safetensors',
  ],
  diffusion_models: ['flux1-dev.safetensors', 'flux1-schnell.safetensors'],
  text_encoders: [
    'clip_l.safetensors',
    't5xxl_fp16.safetensors',
    't5xxl_fp8_e4m3fn.safetensors',
    't5xxl_fp8_e4m3fn_scaled.safetensors',
  ],
  vae: ['ae.safetensors'],
  loras: ['demo-style-lora.safetensors'],
};
