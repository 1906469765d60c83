import { applyOverlay, badgeOverlay, captionOverlay, type Rgb } from './label.ts';
import { type Landscape, landscapeOf, type Ridge } from './landscape.ts';
import type { Frame } from './picture.ts';

export interface SceneDetails {
  width: number;
  height: number;
  prompt: string;
  /** text of a whole number: seeds may be larger than a double can hold */
  seed: string;
  steps: number;
  model: string;
  /** 0 (noise) to 1 (done) */
  clarity: number;
}

/** Row and column of a grain of noise to a number in [0, 1). */
function grain(x: number, y: number, salt: number): number {
  let mixed = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ Math.imul(salt, 69069);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 1274126177);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}

function paintSky(land: Landscape, row: Float32Array, width: number, y: number, height: number): void {
  const { skyTop, skyLow, sun } = land;
  const share = Math.min(1, (y / height) * 1.5);
  const glowReach = sun.radius * 6;
  for (let x = 0; x < width; x++) {
    const distance = Math.hypot(x - sun.x, y - sun.y);
    const disc = Math.min(1, Math.max(0, sun.radius + 0.5 - distance));
    const glow = distance < glowReach ? 0.55 * (1 - distance / glowReach) ** 2 : 0;
    const light = Math.max(disc, glow);
    for (let channel = 0; channel < 3; channel++) {
      const sky = (skyTop[channel] ?? 0) + ((skyLow[channel] ?? 0) - (skyTop[channel] ?? 0)) * share;
      row[x * 3 + channel] = sky + ((sun.color[channel] ?? 0) - sky) * light;
    }
  }
}

function paintStars(land: Landscape, row: Float32Array, width: number, y: number): void {
  for (const [starX, starY, light] of land.stars) {
    if (Math.floor(starY) !== y) continue;
    const at = Math.min(width - 1, Math.floor(starX)) * 3;
    for (let channel = 0; channel < 3; channel++)
      row[at + channel] = Math.min(255, (row[at + channel] ?? 0) + 60 + 150 * light);
  }
}

function paintRidge(
  { crest, top, low }: Ridge,
  row: Float32Array,
  width: number,
  y: number,
  height: number,
): void {
  for (let x = 0; x < width; x++) {
    const below = y + 1 - (crest[x] ?? height);
    if (below <= 0) continue;
    const cover = Math.min(1, below);
    const deep = Math.min(1, below / (height * 0.35));
    for (let channel = 0; channel < 3; channel++) {
      const color = (top[channel] ?? 0) + ((low[channel] ?? 0) - (top[channel] ?? 0)) * deep;
      const at = x * 3 + channel;
      row[at] = (row[at] ?? 0) + (color - (row[at] ?? 0)) * cover;
    }
  }
}

function addNoise(row: Float32Array, width: number, y: number, clarity: number, cell: number): void {
  const share = (1 - clarity) ** 1.4;
  const salt = Math.round(clarity * 1000);
  for (let x = 0; x < width; x++) {
    for (let channel = 0; channel < 3; channel++) {
      const noise = grain(Math.floor(x / cell), Math.floor(y / cell), salt * 3 + channel) * 255;
      const at = x * 3 + channel;
      row[at] = (row[at] ?? 0) + (noise - (row[at] ?? 0)) * share;
    }
  }
}

const sizeText = (width: number, height: number): string => `${width}×${height}`;
const modelText = (model: string): string => model.replace(/\.safetensors$/, '');

const factsOf = ({ seed, width, height, steps, model }: SceneDetails, index: number): string[] => [
  index === 0 ? `seed ${seed}` : `seed ${seed} #${index + 1}`,
  sizeText(width, height),
  `${steps} steps`,
  modelText(model),
];

/** A drawn landscape that depends on prompt, seed and size alone, labelled with what it was asked for. */
export function paintScene(details: SceneDetails, index: number): Frame {
  const { width, height, prompt, seed, clarity } = details;
  const land = landscapeOf(`${prompt}\n${seed}\n${index}`, width, height);
  const overlays = [
    captionOverlay({ width, height, prompt, facts: factsOf(details, index) }),
    badgeOverlay(width, height, land.accent as Rgb),
  ];
  const cell = Math.max(1, Math.round(Math.min(width, height) / 96));
  return {
    width,
    height,
    rows(first, count, target) {
      const row = new Float32Array(width * 3);
      for (let y = first; y < first + count; y++) {
        paintSky(land, row, width, y, height);
        paintStars(land, row, width, y);
        for (const ridge of land.ridges) paintRidge(ridge, row, width, y, height);
        if (clarity < 1) addNoise(row, width, y, clarity, cell);
        target.set(row, (y - first) * width * 3);
      }
      for (const overlay of overlays) applyOverlay(overlay, target, width, first);
    },
  };
}
