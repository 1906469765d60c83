import type { images as english } from '../en/images.ts';

export const images: Readonly<Record<keyof typeof english, string>> = {
  'images.heading': 'Последние изображения',
  'images.none': 'ComfyUI ещё не создал ни одного изображения с момента запуска.',
  'images.unknown': 'ComfyUI не отвечает.',
  'images.open': 'Открыть {name}',
};
