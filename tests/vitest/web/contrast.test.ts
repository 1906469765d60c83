import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const css = readFileSync('web/styles/tokens.css', 'utf8');
const pairs = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, [light, dark]] as const,
  ),
);

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

test.each(['ink', 'ink-soft', 'accent', 'ok', 'busy', 'warn', 'bad', 'off', 'unknown'])(
  '%s can be read on every ground, light and dark',
  (ink) => {
    for (const ground of ['ground', 'surface', 'sunken']) {
      for (const theme of [0, 1] as const) {
        const colours = [pairs.get(ink)?.[theme] ?? '', pairs.get(ground)?.[theme] ?? ''] as const;
        expect(contrast(...colours), `${ink} on ${ground} ${theme}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  },
);

test('the main button can be read', () => {
  for (const theme of [0, 1] as const) {
    expect(
      contrast(pairs.get('on-accent')?.[theme] ?? '', pairs.get('accent')?.[theme] ?? ''),
    ).toBeGreaterThanOrEqual(4.5);
  }
});
