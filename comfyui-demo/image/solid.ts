import { applyOverlay, cornerOverlay, type Rgb } from './label.ts';
import type { Frame } from './picture.ts';

/** One colour all over, with the word "demo" small in a corner when there is room. */
export function paintSolid({
  width,
  height,
  color,
}: {
  width: number;
  height: number;
  color: number;
}): Frame {
  const rgb: Rgb = [(color >> 16) & 255, (color >> 8) & 255, color & 255];
  const corner = cornerOverlay(width, height, rgb);
  return {
    width,
    height,
    rows(first, count, target) {
      target.set(rgb);
      for (let done = 3; done < count * width * 3; done *= 2) target.copyWithin(done, 0, done);
      if (corner) applyOverlay(corner, target, width, first);
    },
  };
}
