import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { encodeJpeg } from '../../../comfyui-demo/image/jpeg.ts';
import { frameOf, scenePicture, solidPicture } from '../../../comfyui-demo/image/picture.ts';
import { encodePng, writePng } from '../../../comfyui-demo/image/png.ts';
import { shapeOf } from '../../../comfyui-demo/image/strokes.ts';
import { fitText, textWidth, wrapText } from '../../../comfyui-demo/image/text.ts';

const scene = (change: Partial<Parameters<typeof scenePicture>[0]> = {}) =>
  scenePicture({
    ...{
      width: 320,
      height: 240,
      count: 1,
      prompt: 'a lighthouse',
      seed: '42',
      steps: 20,
      model: 'm',
      clarity: 1,
    },
    ...change,
  });
const pixels = async (picture: ReturnType<typeof scene>) =>
  PNG.sync.read(encodePng(await frameOf(picture, 0))).data;

describe('the font', () => {
  const latin = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const cyrillic = 'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюяІіЇїЄєҐґ';
  const others = '0123456789.,:;!?-–—_+=*/\\|()[]{}"\'`#%&@$<>^~№«»…°×·€“”';
  const box = JSON.stringify(shapeOf('日'));
  const drawn = (letter: string): string => JSON.stringify(shapeOf(letter.normalize('NFD')));

  it.each([...latin, ...cyrillic, ...others])('has %s', (letter) => {
    expect(drawn(letter)).not.toBe(box);
    expect(shapeOf(letter.normalize('NFD')).segments.length).toBeGreaterThan(0);
  });

  it.each([latin, 'БГДЁЖИЙЛПУФЦЧШЩЪЫЬЭЮЯ', 'бвгдёжзийклмнптфцчшщъыьэюя', '0123456789'])(
    'draws each letter of %s differently',
    (alphabet) => {
      expect(new Set([...alphabet].map(drawn)).size).toBe([...alphabet].length);
    },
  );

  it('draws a box for what it lacks', () => {
    expect(drawn('語')).toBe(box);
    expect(drawn('😀')).toBe(box);
  });

  it('never lets a line run over, and loses no word before the last line', () =>
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 40, max: 400 }),
        fc.integer({ min: 1, max: 4 }),
        (text, width, lines) => {
          const style = { cap: 12 };
          const wrapped = wrapText(text, width, lines, style);
          expect(wrapped.length).toBeLessThanOrEqual(lines);
          for (const line of wrapped) expect(textWidth(line, style)).toBeLessThanOrEqual(width);
          const whole = text.replace(/\s+/gu, ' ').trim();
          if (wrapped.at(-1)?.endsWith('…') !== true && whole !== '')
            expect(wrapped.join('').replaceAll(' ', '').normalize('NFD')).toBe(
              whole.replaceAll(' ', '').normalize('NFD'),
            );
          expect(textWidth(fitText(text, width, style), style)).toBeLessThanOrEqual(width);
        },
      ),
    ));
});

describe('pictures', () => {
  it('are the same for the same wish, and others for another', async () => {
    const plain = await pixels(scene());
    expect((await pixels(scene())).equals(plain)).toBe(true);
    for (const change of [{ prompt: 'a lighthousf' }, { seed: '43' }])
      expect((await pixels(scene(change))).equals(plain)).toBe(false);
  });

  it('carry a label that can be told from its ground', async () => {
    const data = await pixels(scene());
    const bottom = data.subarray(data.length - 320 * 4 * 24);
    const lights = Array.from({ length: bottom.length / 4 }, (_, index) => bottom[index * 4 + 1] ?? 0);
    const bright = lights.filter((light) => light > 230).length;
    const dark = lights.filter((light) => light < 110).length;
    expect(bright).toBeGreaterThan(150);
    expect(dark).toBeGreaterThan(bright * 3);
  });

  it('say "demo" in a corner even when they are of one colour, and keep that colour elsewhere', async () => {
    const data = await pixels(solidPicture({ width: 128, height: 96, count: 1, color: 0x336699 }));
    const colors = Array.from({ length: data.length / 4 }, (_, index) => data.readUInt32BE(index * 4));
    const plain = colors.filter((color) => color === 0x336699ff).length;
    expect(colors[0]).toBe(0x336699ff);
    expect(plain).toBeLessThan(colors.length - 40);
    expect(plain).toBeGreaterThan(colors.length * 0.9);
  });

  it('come out of a JPEG about as they went in', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 0, max: 0xffffff }),
        async (width, height, color) => {
          const frame = await frameOf(solidPicture({ width, height, count: 1, color }), 0);
          const read = jpeg.decode(encodeJpeg(frame, 95), { useTArray: true });
          expect([read.width, read.height]).toEqual([width, height]);
          const painted = PNG.sync.read(encodePng(frame)).data;
          const error = painted.reduce((sum, value, at) => sum + Math.abs(value - (read.data[at] ?? 0)), 0);
          expect(error / painted.length).toBeLessThan(4);
        },
      ),
      { numRuns: 60 },
    ));

  it('of noise come out of a JPEG too, clearer at a higher quality', async () => {
    const frame = await frameOf(scene({ clarity: 0.5 }), 0);
    const painted = PNG.sync.read(encodePng(frame)).data;
    const error = (quality: number): number => {
      const read = jpeg.decode(encodeJpeg(frame, quality), { useTArray: true });
      return (
        painted.reduce((sum, value, at) => sum + Math.abs(value - (read.data[at] ?? 0)), 0) / painted.length
      );
    };
    expect(error(98)).toBeLessThan(4);
    expect(error(98)).toBeLessThan(error(40));
    expect(error(40)).toBeLessThan(30);
  });

  it('are written in rows without the whole being held, and read back as painted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'comfyui-demo-'));
    const file = join(folder, 'a.png');
    const frame = await frameOf(scene({ width: 500, height: 301 }), 0);
    await writePng(file, frame, { texts: [['prompt', '{"a":1}']] });
    const read = PNG.sync.read(readFileSync(file));
    const painted = new Uint8Array(500 * 301 * 3);
    frame.rows(0, 301, painted);
    expect([read.width, read.height]).toEqual([500, 301]);
    expect(read.data.filter((_, index) => index % 4 !== 3)).toEqual(Buffer.from(painted));
    rmSync(folder, { recursive: true });
  });
});
