import { readFile } from 'node:fs/promises';
import type { Frame } from './picture.ts';

/** JPEGs that would need more memory than this are refused. */
const MAX_JPEG_MB = 512;

export interface Decoded extends Frame {
  rgba: Uint8Array;
}

const JPEG_START = 0xff;

/** The decoders are loaded when first needed: most runs need none, and a start is to be fast. */
async function pixelsOf(bytes: Buffer): Promise<{ width: number; height: number; data: Uint8Array }> {
  if (bytes[0] === JPEG_START) {
    const { default: jpeg } = await import('jpeg-js');
    return jpeg.decode(bytes, { useTArray: true, maxMemoryUsageInMB: MAX_JPEG_MB });
  }
  const { PNG } = await import('pngjs');
  return PNG.sync.read(bytes);
}

/**
 * Decodes a PNG or a JPEG file.
 * @throws when it is neither, or is broken
 */
export async function decodeImage(path: string): Promise<Decoded> {
  const { width, height, data: rgba } = await pixelsOf(await readFile(path));
  return {
    width,
    height,
    rgba,
    rows(first, count, target) {
      for (let from = first * width * 4, to = 0; to < count * width * 3; from += 4, to += 3) {
        target[to] = rgba[from] ?? 0;
        target[to + 1] = rgba[from + 1] ?? 0;
        target[to + 2] = rgba[from + 2] ?? 0;
      }
    },
  };
}
