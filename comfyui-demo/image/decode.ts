import { readFileSync } from 'node:fs';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import type { Frame } from './picture.ts';

/** JPEGs that would need more memory than this are refused. */
const MAX_JPEG_MB = 512;

export interface Decoded extends Frame {
  rgba: Uint8Array;
}

const JPEG_START = 0xff;

/**
 * Decodes a PNG or a JPEG (bytes, or the path of a file).
 * @throws when it is neither, or is broken
 */
export function decodeImage(source: Buffer | string): Decoded {
  const bytes = typeof source === 'string' ? readFileSync(source) : source;
  const { width, height, data } =
    bytes[0] === JPEG_START
      ? jpeg.decode(bytes, { useTArray: true, maxMemoryUsageInMB: MAX_JPEG_MB })
      : PNG.sync.read(bytes);
  const rgba = data;
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
