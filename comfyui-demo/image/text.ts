import { clustersOf, shapeOf } from './strokes.ts';

/** Units of the font: capitals are 14 high. */
const CAP_UNITS = 14;
const GAP_UNITS = 4;
const TOP_UNITS = 6;
const LINE_UNITS = 25;
const PEN_RATIO = 0.125;

/** How much of each pixel of a rectangle is ink, 0 to 255. */
export interface Mask {
  width: number;
  height: number;
  ink: Uint8Array;
}

export interface TextStyle {
  /** height of a capital letter in pixels */
  cap: number;
  /** pen width relative to the usual one */
  weight?: number;
}

const unitOf = ({ cap }: TextStyle): number => cap / CAP_UNITS;
const advance = (cluster: string): number => shapeOf(cluster).width + GAP_UNITS;

export const lineHeight = (style: TextStyle): number => Math.ceil(LINE_UNITS * unitOf(style));

/** Width in pixels of a line of text. */
export const textWidth = (text: string, style: TextStyle): number =>
  Math.ceil(clustersOf(text).reduce((sum, cluster) => sum + advance(cluster), 0) * unitOf(style));

/** The text, or its beginning and "…", so that it fits. */
export function fitText(text: string, width: number, style: TextStyle): string {
  if (textWidth(text, style) <= width) return text;
  const clusters = clustersOf(text);
  let room = width / unitOf(style) - advance('…');
  const kept = clusters.findIndex((cluster) => {
    room -= advance(cluster);
    return room < 0;
  });
  return `${clusters.slice(0, Math.max(0, kept)).join('').trimEnd()}…`;
}

/** Breaks text into at most `maxLines` lines; the last one ends in "…" when there is more. */
export function wrapText(text: string, width: number, maxLines: number, style: TextStyle): string[] {
  const lines: string[] = [];
  let rest = text.replace(/\s+/gu, ' ').trim();
  while (rest !== '' && lines.length < maxLines - 1) {
    const line = firstLine(rest, width, style);
    lines.push(line.trim());
    rest = rest.slice(line.length).trim();
  }
  if (rest !== '') lines.push(fitText(rest, width, style));
  return lines;
}

/** As many words as fit; a word longer than the line is cut. */
function firstLine(text: string, width: number, style: TextStyle): string {
  let line = '';
  for (const [word] of text.matchAll(/\S+\s*/gu)) {
    if (textWidth((line + word).trimEnd(), style) > width) break;
    line += word;
  }
  if (line !== '') return line;
  let cut = '';
  for (const letter of text) {
    if (cut !== '' && textWidth(cut + letter, style) > width) break;
    cut += letter;
  }
  return cut;
}

function ink(mask: Mask, [ax, ay, bx, by]: readonly number[] & { length: 4 }, radius: number): void {
  const [x0, y0, x1, y1] = [ax ?? 0, ay ?? 0, bx ?? 0, by ?? 0];
  const reach = radius + 1;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(mask.width - 1, Math.ceil(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(mask.height - 1, Math.ceil(Math.max(y0, y1) + reach));
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
      const distance = Math.hypot(px - along * dx, py - along * dy);
      const cover = Math.min(1, Math.max(0, radius + 0.5 - distance)) * 255;
      const at = y * mask.width + x;
      if (cover > (mask.ink[at] ?? 0)) mask.ink[at] = cover;
    }
  }
}

/** Draws a line of text; (x, y) is the top left corner of its box of `lineHeight`. */
export function drawText(mask: Mask, text: string, x: number, y: number, style: TextStyle): void {
  const unit = unitOf(style);
  const radius = Math.max(0.55, (style.cap * PEN_RATIO * (style.weight ?? 1)) / 2);
  let pen = x / unit + GAP_UNITS / 2;
  const top = y / unit + TOP_UNITS;
  for (const cluster of clustersOf(text)) {
    for (const [ax, ay, bx, by] of shapeOf(cluster).segments)
      ink(mask, [(pen + ax) * unit, (top + ay) * unit, (pen + bx) * unit, (top + by) * unit], radius);
    pen += advance(cluster);
  }
}
