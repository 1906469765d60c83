import type { Frame } from './picture.ts';

/** Blocks of 8 × 8, as JPEG wants them. */
const SIDE = 8;
const AREA = SIDE * SIDE;
const COMPONENTS = 3;

/** Indices of a block along its diagonals. */
const ZIGZAG = Array.from({ length: AREA }, (_, index) => index).sort((a, b) => {
  const [sumA, sumB] = [(a >> 3) + (a & 7), (b >> 3) + (b & 7)];
  if (sumA !== sumB) return sumA - sumB;
  return sumA % 2 === 0 ? (b >> 3) - (a >> 3) : (a >> 3) - (b >> 3);
});

const COSINES = Float32Array.from({ length: AREA }, (_, index) => {
  const [wave, place] = [index >> 3, index & 7];
  const scale = wave === 0 ? Math.SQRT1_2 / 2 : 0.5;
  return scale * Math.cos(((2 * place + 1) * wave * Math.PI) / 16);
});

/** Twelve codes of four bits for the first coefficient, 162 of eight for the rest: longer files, no tables. */
const DC_BITS = 4;
const AC_BITS = 8;
const DC_SYMBOLS = Array.from({ length: 12 }, (_, size) => size);
const AC_SYMBOLS = [
  0x00,
  0xf0,
  ...Array.from({ length: 160 }, (_, index) => (Math.floor(index / 10) << 4) | (1 + (index % 10))),
];
const AC_CODES = new Uint8Array(256);
AC_SYMBOLS.forEach((symbol, code) => {
  AC_CODES[symbol] = code;
});
const END_OF_BLOCK = 0x00;
const SIXTEEN_ZEROS = 0xf0;

/** Steps by which coefficients are rounded, coarser for finer detail. @param quality 1 to 100 */
function stepsOf(quality: number): Uint8Array {
  const scale = quality < 50 ? 50 / quality : 2 - quality / 50;
  return Uint8Array.from({ length: AREA }, (_, index) => {
    const detail = (index >> 3) + (index & 7);
    return Math.min(255, Math.max(1, Math.round((12 + 6 * detail) * scale)));
  });
}

/** Bits into bytes, with the zero that must follow every 0xff. */
class BitWriter {
  #bytes = Buffer.alloc(64 * 1024);
  #length = 0;
  #held = 0;
  #count = 0;

  write(value: number, bits: number): void {
    this.#held = (this.#held << bits) | (value & ((1 << bits) - 1));
    this.#count += bits;
    while (this.#count >= 8) {
      this.#count -= 8;
      this.#push((this.#held >> this.#count) & 255);
    }
    this.#held &= (1 << this.#count) - 1;
  }

  finish(): Buffer {
    if (this.#count > 0) this.write(0x7f, 8 - this.#count);
    return this.#bytes.subarray(0, this.#length);
  }

  #push(byte: number): void {
    if (this.#length + 2 > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, this.#bytes]);
    this.#bytes[this.#length++] = byte;
    if (byte === 0xff) this.#bytes[this.#length++] = 0;
  }
}

const sizeOf = (value: number): number => 32 - Math.clz32(Math.abs(value));

/** A coefficient: its size was told by a code, its bits follow; negative ones are one less. */
const writeBits = (out: BitWriter, value: number, size: number): void =>
  out.write(value < 0 ? value - 1 : value, size);

function writeBlock(out: BitWriter, block: Int32Array, lastDc: number): number {
  const dc = block[0] ?? 0;
  const dcSize = sizeOf(dc - lastDc);
  out.write(dcSize, DC_BITS);
  writeBits(out, dc - lastDc, dcSize);
  let zeros = 0;
  for (let at = 1; at < AREA; at++) {
    const value = block[at] ?? 0;
    if (value === 0) {
      zeros += 1;
      continue;
    }
    for (; zeros > 15; zeros -= 16) out.write(AC_CODES[SIXTEEN_ZEROS] ?? 0, AC_BITS);
    const size = sizeOf(value);
    out.write(AC_CODES[(zeros << 4) | size] ?? 0, AC_BITS);
    writeBits(out, value, size);
    zeros = 0;
  }
  if (zeros > 0) out.write(AC_CODES[END_OF_BLOCK] ?? 0, AC_BITS);
  return dc;
}

/** Samples of a block to rounded coefficients in zigzag order. */
class Transform {
  readonly #steps: Uint8Array;
  readonly #half = new Float32Array(AREA);
  readonly #waves = new Float32Array(AREA);
  readonly block = new Int32Array(AREA);

  constructor(steps: Uint8Array) {
    this.#steps = steps;
  }

  run(samples: Float32Array): void {
    this.#pass(samples, this.#half);
    this.#pass(this.#half, this.#waves);
    for (let at = 0; at < AREA; at++) {
      const from = ZIGZAG[at] ?? 0;
      const rounded = Math.round((this.#waves[from] ?? 0) / (this.#steps[from] ?? 1));
      this.block[at] = Math.max(-1023, Math.min(1023, rounded));
    }
  }

  /** One dimension, and the result turned on its side for the other one. */
  #pass(from: Float32Array, to: Float32Array): void {
    for (let row = 0; row < SIDE; row++) {
      for (let wave = 0; wave < SIDE; wave++) {
        let sum = 0;
        for (let at = 0; at < SIDE; at++)
          sum += (from[row * SIDE + at] ?? 0) * (COSINES[wave * SIDE + at] ?? 0);
        to[wave * SIDE + row] = sum;
      }
    }
  }
}

/** Brightness and two colour differences of a block, each around zero; edges are continued. */
function readBlock(
  rows: Uint8Array,
  width: number,
  height: number,
  left: number,
  planes: Float32Array[],
): void {
  for (let at = 0; at < AREA; at++) {
    const x = Math.min(width - 1, left + (at & 7));
    const pixel = (Math.min(height - 1, at >> 3) * width + x) * 3;
    const [r, g, b] = [rows[pixel] ?? 0, rows[pixel + 1] ?? 0, rows[pixel + 2] ?? 0];
    const [y, cb, cr] = planes;
    if (!y || !cb || !cr) return;
    y[at] = 0.299 * r + 0.587 * g + 0.114 * b - 128;
    cb[at] = -0.168736 * r - 0.331264 * g + 0.5 * b;
    cr[at] = 0.5 * r - 0.418688 * g - 0.081312 * b;
  }
}

const marker = (code: number, ...data: readonly number[]): Buffer =>
  Buffer.from([0xff, code, (data.length + 2) >> 8, (data.length + 2) & 255, ...data]);

function huffman(target: number, bits: number, symbols: readonly number[]): Buffer {
  const counts = Array.from({ length: 16 }, (_, index) => (index + 1 === bits ? symbols.length : 0));
  return marker(0xc4, target, ...counts, ...symbols);
}

function header({ width, height }: Frame, steps: Uint8Array): Buffer {
  const ids = Array.from({ length: COMPONENTS }, (_, index) => index + 1);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    marker(0xe0, ...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0),
    marker(0xdb, 0, ...ZIGZAG.map((from) => steps[from] ?? 1)),
    marker(
      0xc0,
      ...[8, height >> 8, height & 255, width >> 8, width & 255, COMPONENTS],
      ...ids.flatMap((id) => [id, 0x11, 0]),
    ),
    huffman(0x00, DC_BITS, DC_SYMBOLS),
    huffman(0x10, AC_BITS, AC_SYMBOLS),
    marker(0xda, COMPONENTS, ...ids.flatMap((id) => [id, 0]), 0, 63, 0),
  ]);
}

/**
 * A baseline JPEG of a frame. Made for previews, of which there is one for each step: it leaves no garbage worth
 * the name, which is why it is here.
 * @param quality 1 to 100
 */
export function encodeJpeg(frame: Frame, quality = 85): Buffer {
  const { width, height } = frame;
  const steps = stepsOf(quality);
  const transform = new Transform(steps);
  const planes = Array.from({ length: COMPONENTS }, () => new Float32Array(AREA));
  const last = new Int32Array(COMPONENTS);
  const out = new BitWriter();
  const rows = new Uint8Array(width * SIDE * 3);
  for (let top = 0; top < height; top += SIDE) {
    const count = Math.min(SIDE, height - top);
    frame.rows(top, count, rows.subarray(0, count * width * 3));
    for (let left = 0; left < width; left += SIDE) {
      readBlock(rows, width, count, left, planes);
      planes.forEach((samples, component) => {
        transform.run(samples);
        last[component] = writeBlock(out, transform.block, last[component] ?? 0);
      });
    }
  }
  return Buffer.concat([header(frame, steps), out.finish(), Buffer.from([0xff, 0xd9])]);
}
