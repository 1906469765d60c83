import type { Rgb } from './label.ts';
import { randomFrom, smoothLine } from './random.ts';

/** A landscape: sky, sun and ridges, the farthest first. */
export interface Landscape {
  skyTop: Rgb;
  skyLow: Rgb;
  sun: { x: number; y: number; radius: number; color: Rgb };
  ridges: readonly Ridge[];
  stars: readonly (readonly [x: number, y: number, light: number])[];
  accent: Rgb;
}
export interface Ridge {
  /** row of the crest for each column, in pixels */
  crest: Float32Array;
  top: Rgb;
  low: Rgb;
}

/** @param hue turns, saturation and light 0…1 */
export function hsl(hue: number, saturation: number, light: number): Rgb {
  const channel = (shift: number): number => {
    const k = (shift + (((hue % 1) + 1) % 1) * 12) % 12;
    const swing = saturation * Math.min(light, 1 - light);
    return Math.round(255 * (light - swing * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

const blend = (a: Rgb, b: Rgb, share: number): Rgb => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
];

const RIDGES = 5;
const HORIZON = 0.42;
const STARS = 90;

function crestLine(random: () => number, width: number, height: number, depth: number): Float32Array {
  const rough = 0.35 + random() * 0.5;
  const scale = height / width > 1.5 ? 0.7 : 1;
  const waves = [3, 7, 17, 41].map((knots, octave) => ({
    line: smoothLine(random, Math.max(2, Math.round(knots * (1 + depth * 0.4) * scale))),
    share: rough ** octave,
  }));
  const whole = waves.reduce((sum, { share }) => sum + share, 0);
  const base = HORIZON + (0.5 * depth) / RIDGES;
  return Float32Array.from({ length: width }, (_, x) => {
    const rise = waves.reduce((sum, { line, share }) => sum + line(x / width) * share, 0) / whole;
    return (base + (0.5 - rise) * 0.34 + 0.04) * height;
  });
}

function ridgesOf(
  random: () => number,
  width: number,
  height: number,
  hue: number,
  skyLow: Rgb,
  night: boolean,
) {
  const near = hsl(hue - 0.1 + random() * 0.24, 0.42, night ? 0.07 : 0.14);
  return Array.from({ length: RIDGES }, (_, depth): Ridge => {
    const share = (depth + 1) / RIDGES;
    const top = blend(skyLow, near, share ** 0.8);
    return {
      crest: crestLine(random, width, height, depth),
      top,
      low: blend(top, skyLow, 0.32 * (1 - share) + 0.08),
    };
  });
}

/** The landscape of a text: the same text and size give the same one. */
export function landscapeOf(text: string, width: number, height: number): Landscape {
  const random = randomFrom(text);
  const night = random() < 0.3;
  const hue = night ? 0.55 + random() * 0.25 : random();
  const skyTop = hsl(hue, 0.5, night ? 0.1 : 0.36 + random() * 0.12);
  const skyLow = hsl(hue + 0.06 + random() * 0.1, 0.62, night ? 0.3 : 0.74);
  const side = Math.min(width, height);
  const sun = {
    x: (0.18 + random() * 0.64) * width,
    y: (0.14 + random() * 0.24) * height,
    radius: (0.05 + random() * 0.05) * side,
    color: night ? hsl(0.14, 0.3, 0.9) : hsl(0.1 + random() * 0.05, 0.95, 0.86),
  };
  const stars = (
    night
      ? Array.from(
          { length: STARS },
          () => [random() * width, random() * HORIZON * height, random()] as const,
        )
      : []
  )
    // none in front of the moon
    .filter(([x, y]) => Math.hypot(x - sun.x, y - sun.y) > sun.radius * 2);
  const ridges = ridgesOf(random, width, height, hue, skyLow, night);
  return { skyTop, skyLow, sun, stars, ridges, accent: hsl(hue + 0.5, 0.62, 0.4) };
}
