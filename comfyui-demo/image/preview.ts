import { type Frame, frameOf, type Picture } from './picture.ts';

/** Longest side of a preview: half of the real default, since a JPEG is made here for every step. */
const MAX_SIDE = 256;
const QUALITY = 85;

/** RGBA pixels of a frame. */
export function framePixels(frame: Frame): Buffer {
  const { width, height } = frame;
  const rgb = new Uint8Array(width * height * 3);
  frame.rows(0, height, rgb);
  const rgba = Buffer.alloc(width * height * 4, 255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from] ?? 0;
    rgba[to + 1] = rgb[from + 1] ?? 0;
    rgba[to + 2] = rgb[from + 2] ?? 0;
  }
  return rgba;
}

export async function encodeJpeg(frame: Frame, quality = QUALITY): Promise<Buffer> {
  const { default: jpeg } = await import('jpeg-js');
  const { width, height } = frame;
  return jpeg.encode({ width, height, data: framePixels(frame) }, quality).data;
}

/** The same recipe at a size fit for a preview. */
function shrink(picture: Picture): Picture {
  const scale = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
  if (scale === 1 || picture.type === 'file') return picture;
  return {
    ...picture,
    width: Math.max(1, Math.round(picture.width * scale)),
    height: Math.max(1, Math.round(picture.height * scale)),
  };
}

/** JPEG bytes of a picture's first image, made small. */
export const encodePreview = async (picture: Picture): Promise<Buffer> =>
  encodeJpeg(await frameOf(shrink(picture), 0));
