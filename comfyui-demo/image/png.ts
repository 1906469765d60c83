import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32, createDeflate, deflateSync } from 'node:zlib';
import type { Frame } from './picture.ts';

export type PngText = readonly [key: string, text: string];
export interface PngOptions {
  /** tEXt chunks; the texts are ASCII */
  texts?: readonly PngText[];
  /** zlib level */
  level?: number;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Bytes of pixels made at a time: small enough not to hold up the server, whatever the picture's size. */
const BAND_BYTES = 64 * 1024;
const FILTER_UP = 2;

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}

function header({ width, height }: Frame): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([8, 2], 8);
  return chunk('IHDR', data);
}

const opening = (frame: Frame, texts: readonly PngText[]): Buffer =>
  Buffer.concat([
    SIGNATURE,
    header(frame),
    ...texts.map(([key, text]) => chunk('tEXt', Buffer.from(`${key}\0${text}`, 'latin1'))),
  ]);

/** Rows as PNG filters them: each less the row above. */
function* scanlines(frame: Frame): Generator<Buffer> {
  const stride = frame.width * 3;
  const perBand = Math.max(1, Math.floor(BAND_BYTES / stride));
  let above = new Uint8Array(stride);
  for (let first = 0; first < frame.height; first += perBand) {
    const count = Math.min(perBand, frame.height - first);
    const pixels = new Uint8Array(count * stride);
    frame.rows(first, count, pixels);
    const band = Buffer.alloc(count * (stride + 1));
    for (let row = 0; row < count; row++) {
      const line = pixels.subarray(row * stride, (row + 1) * stride);
      const start = row * (stride + 1);
      band[start] = FILTER_UP;
      for (let at = 0; at < stride; at++) band[start + 1 + at] = ((line[at] ?? 0) - (above[at] ?? 0)) & 255;
      above = line;
    }
    yield band;
  }
}

async function* politely(bands: Iterable<Buffer>): AsyncGenerator<Buffer> {
  for (const band of bands) {
    yield band;
    await nextTurn();
  }
}

/** Writes an RGB PNG without ever holding the whole picture. */
export async function writePng(path: string, frame: Frame, { texts = [], level = 4 }: PngOptions = {}) {
  await pipeline(
    Readable.from(politely(scanlines(frame))),
    createDeflate({ level }),
    async function* wrap(compressed: AsyncIterable<Buffer>) {
      yield opening(frame, texts);
      for await (const data of compressed) yield chunk('IDAT', data);
      yield chunk('IEND', Buffer.alloc(0));
    },
    createWriteStream(path),
  );
}

/** The same in memory, for small pictures. */
export function encodePng(frame: Frame, { texts = [], level = 4 }: PngOptions = {}): Buffer {
  const data = deflateSync(Buffer.concat([...scanlines(frame)]), { level });
  return Buffer.concat([opening(frame, texts), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}
