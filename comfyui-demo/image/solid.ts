import type { Frame } from './picture.ts';

/** One colour all over. */
export function paintSolid({
  width,
  height,
  color,
}: {
  width: number;
  height: number;
  color: number;
}): Frame {
  const rgb = [(color >> 16) & 255, (color >> 8) & 255, color & 255] as const;
  return {
    width,
    height,
    rows(_first, count, target) {
      for (let at = 0; at < count * width * 3; at += 3) target.set(rgb, at);
    },
  };
}
