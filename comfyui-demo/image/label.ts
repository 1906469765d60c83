import { drawText, fitText, lineHeight, type Mask, type TextStyle, textWidth, wrapText } from './text.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

/** A rectangle laid over a picture: a see-through ground, and ink on it. */
export interface Overlay {
  x: number;
  y: number;
  mask: Mask;
  ink: Rgb;
  ground: Rgb;
  /** 0 (none) to 1 (opaque) */
  groundAlpha: number;
}

const WHITE: Rgb = [255, 255, 255];
const DARK: Rgb = [14, 18, 30];
/** Smaller letters than this cannot be read. */
const MIN_CAP = 6;
const MAX_CAP = 44;

const blank = (width: number, height: number): Mask => ({
  width,
  height,
  ink: new Uint8Array(width * height),
});
const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

export interface Caption {
  width: number;
  height: number;
  prompt: string;
  facts: readonly string[];
}

const MAX_PROMPT_LINES = 4;

/** As many facts as fit on a line, the first ones first. */
function joinFacts(facts: readonly string[], width: number, style: TextStyle): string {
  for (let count = facts.length; count > 0; count--) {
    const line = facts.slice(0, count).join(' · ');
    if (textWidth(line, style) <= width) return line;
  }
  return fitText(facts[0] ?? '', width, style);
}

/** The strip at the bottom: the prompt, and below it the seed and what else fits. */
export function captionOverlay({ width, height, prompt, facts }: Caption): Overlay {
  const cap = clamp(Math.round(Math.min(width, height * 1.4) / 46), MIN_CAP, MAX_CAP);
  const style = { cap, weight: 1.1 };
  const small = { cap: Math.max(MIN_CAP, Math.round(cap * 0.78)) };
  const pad = Math.max(2, Math.round(cap * 0.9));
  const room = width - 2 * pad;
  const maxLines = clamp(Math.floor((height * 0.45) / lineHeight(style)), 1, MAX_PROMPT_LINES);
  const lines = wrapText(prompt, room, maxLines, style);
  const inner = lines.length * lineHeight(style) + lineHeight(small);
  const mask = blank(width, Math.min(height, inner + pad));
  lines.forEach((line, index) => {
    drawText(mask, line, pad, pad / 2 + index * lineHeight(style), style);
  });
  drawText(mask, joinFacts(facts, room, small), pad, pad / 2 + lines.length * lineHeight(style), small);
  return { x: 0, y: height - mask.height, mask, ink: WHITE, ground: DARK, groundAlpha: 0.62 };
}

const WORD = 'demo';

/** The word "demo" in a corner. */
export function badgeOverlay(width: number, height: number, ground: Rgb): Overlay {
  const cap = clamp(Math.round(Math.min(width, height * 1.4) / 34), MIN_CAP, MAX_CAP);
  const style = { cap, weight: 1.35 };
  const pad = Math.round(cap * 0.5);
  const mask = blank(
    Math.min(width, textWidth(WORD, style) + 2 * pad),
    Math.min(height, lineHeight(style) + Math.round(pad / 2)),
  );
  drawText(mask, WORD, pad, 0, style);
  const margin = Math.round(cap * 0.8);
  const fits = mask.width + 2 * margin <= width && mask.height + 2 * margin <= height;
  const at = fits ? margin : 0;
  return { x: at, y: at, mask, ink: WHITE, ground, groundAlpha: 0.85 };
}

/** The word in small letters at the lower right, in whichever of black and white can be seen. */
export function cornerOverlay(width: number, height: number, [red, green, blue]: Rgb): Overlay | null {
  const cap = clamp(Math.round(Math.min(width, height) / 24), MIN_CAP, MAX_CAP);
  const style = { cap };
  const mask = blank(textWidth(WORD, style), lineHeight(style));
  if (mask.width > width || mask.height > height / 2) return null;
  drawText(mask, WORD, 0, 0, style);
  const light = red * 0.3 + green * 0.59 + blue * 0.11 > 140;
  return {
    x: width - mask.width,
    y: height - mask.height,
    mask,
    ink: light ? [0, 0, 0] : WHITE,
    ground: DARK,
    groundAlpha: 0,
  };
}

const mix = (from: number, to: number, share: number): number => from + (to - from) * share;

/** Lays the overlay over RGB rows, of which the first one is row `first` of the picture. */
export function applyOverlay(overlay: Overlay, rows: Uint8Array, width: number, first: number): void {
  const { mask, x: left, y: top, ground, ink, groundAlpha } = overlay;
  const count = rows.length / (width * 3);
  const from = Math.max(first, top);
  const to = Math.min(first + count, top + mask.height);
  for (let y = from; y < to; y++) {
    for (let x = 0; x < mask.width; x++) {
      const cover = (mask.ink[(y - top) * mask.width + x] ?? 0) / 255;
      if (cover === 0 && groundAlpha === 0) continue;
      const at = ((y - first) * width + left + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const under = mix(rows[at + channel] ?? 0, ground[channel] ?? 0, groundAlpha);
        rows[at + channel] = Math.round(mix(under, ink[channel] ?? 0, cover));
      }
    }
  }
}
