export const images = {
  'images.heading': 'Last images',
  'images.none': 'ComfyUI has made no image since it started.',
  'images.unknown': 'ComfyUI does not answer.',
  'images.open': 'Open {name}',
} as const;
