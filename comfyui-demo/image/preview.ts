import { encodeJpeg } from './jpeg.ts';
import { frameOf, type Picture } from './picture.ts';

/** Longest side of a preview: half of the real default, since one is painted for every step. */
const MAX_SIDE = 256;

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
