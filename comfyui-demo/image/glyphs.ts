/**
 * A stroke font of our own: Latin, Cyrillic, digits and punctuation. A glyph is a list of strokes separated by
 * spaces; a stroke is a list of points, two base-36 digits each (x, y). Capitals stand between y = 0 and y = 14
 * (the base line), small letters start at 4, tails reach 18. A plain stroke is a broken line; after "~" the inner
 * points pull a curve towards them; after "@" the curve is closed.
 */
const LATIN_CAPITALS: Record<string, string> = {
  A: '0e50ae 2989',
  B: '000e ~004090974707 ~0757a7ae5e0e',
  C: '~a390000e9eab',
  D: '000e ~0050a0ae5e0e',
  E: '90000e9e 0777',
  F: '90000e 0777',
  G: '~a390000eaea8 a868',
  H: '000e a0ae 07a7',
  I: '000e',
  J: '~70797e0e0b',
  K: '000e 9008 35ae',
  L: '000e8e',
  M: '0e0069c0ce',
  N: '0e00aea0',
  O: '@00b0be0e',
  P: '000e ~0050a0a85808',
  Q: '@00b0be0e 7abf',
  R: '000e ~0050a0a85808 58ae',
  S: '~93800007a7ae1e0b',
  T: '00a0 505e',
  U: '~00080eaea8a0',
  V: '005ea0',
  W: '003e72bee0',
  X: '00ae a00e',
  Y: '0057a0 575e',
  Z: '00a00eae',
};

const LATIN_SMALL: Record<string, string> = {
  a: '@04848e0e 848e',
  b: '000e @04848e0e',
  c: '~8674040e7e8c',
  d: '808e @04848e0e',
  e: '0989 ~8984040e7e8c',
  f: '~602024 242e 0464',
  g: '@04848e0e ~848e8i1i0h',
  h: '000e ~08048488 888e',
  i: '040e 0001',
  j: '~343e3i0i 3031',
  k: '000e 740a 378e',
  l: '000c ~0c0e2e',
  m: '040e ~08046468 686e ~6864c4c8 c8ce',
  n: '040e ~08048488 888e',
  o: '@04848e0e',
  p: '040i @04848e0e',
  q: '848i @04848e0e',
  r: '040e ~080454',
  s: '~76740409898e1e0c',
  t: '202b ~2b2e6e 0464',
  u: '~04090e8e8984 848e',
  v: '044e84',
  w: '043e659ec4',
  x: '048e 840e',
  y: '044e 842i',
  z: '04840e8e',
  ß: '0e04 ~0400707636 ~36868e3e',
  ø: '@04848e0e 830f',
  Ø: '@00b0be0e b00e',
  ı: '040e',
};

const DIGITS: Record<string, string> = {
  0: '@00808e0e',
  1: '13505e',
  2: '~030080860e 0e8e',
  3: '~0210808737 ~37979e1e0b',
  4: '6e600a9a',
  5: '801006 ~0635959e1e0c',
  6: '~7021050a @06868e0e',
  7: '00803e',
  8: '@10707717 @07878e0e',
  9: '@00808808 ~84896d1e',
};

const PUNCTUATION: Record<string, string> = {
  '.': '0d0e',
  ',': '1d0g',
  ':': '0506 0d0e',
  ';': '1516 1d0g',
  '!': '0009 0d0e',
  '?': '~03008085464a 4d4e',
  '-': '0868',
  '–': '08a8',
  '—': '08e8',
  _: '0gag',
  '+': '0888 444c',
  '=': '0686 0a8a',
  '*': '424a 1478 7418',
  '/': '0g70',
  '\\': '007g',
  '|': '000i',
  '(': '~40040c4h',
  ')': '~00444c0h',
  '[': '40000h4h',
  ']': '00404h0h',
  '{': '~50202808 ~08282h5h',
  '}': '~00303858 ~58383h0h',
  '"': '0004 3034',
  "'": '0004',
  '`': '0033',
  '#': '311d 715d 0595 0999',
  '%': '@00505505 a00e @59a9ae5e',
  '&': '~ae15107074080e7ea8',
  '@': '@44949a4a ~949bdbd0000e9e',
  $: '~93800007a7ae1e0b 505e',
  '<': '83088d',
  '>': '03880d',
  '^': '054085',
  '~': '~09266a87',
  '№': '0e008e80 @a4e4e9a9 abeb',
  '«': '45094d 85498d',
  '»': '05490d 45894d',
  '…': '0d0e 4d4e 8d8e',
  '°': '@00404404',
  '×': '057c 750c',
  '·': '0809',
  '€': '~a390000e9eab 0666 0969',
};

const CYRILLIC_CAPITALS: Record<string, string> = {
  Б: '80000e ~0656a6ae5e0e',
  Г: '80000e',
  Д: '2e40a0ae 0h0ecech',
  Ж: '606e 0067c0 0e67ce',
  И: '000ea0ae',
  Л: '~0e3e3a30 30a0ae',
  П: '0e00a0ae',
  У: '0058 a03e',
  Ф: '606e @02c2cc0c',
  Ц: '000ebebh 909e',
  Ч: '~0004085898 909e',
  Ш: '000ecec0 606e',
  Щ: '000ecec0 606e ceeeeh',
  Ъ: '00303e ~3676c6ce7e3e',
  Ы: '000e ~0646868e4e0e c0ce',
  Ь: '000e ~0656969e5e0e',
  Э: '~0310a0ae1e0b 37a7',
  Ю: '000e 0747 @40d0de4e',
  Я: 'a0ae ~a050000858a8 580e',
  Є: '~a390000e9eab 0777',
  Ґ: '0e039390',
};

const CYRILLIC_SMALL: Record<string, string> = {
  б: '~7011030a @05858e0e',
  в: '040e ~044474794909 ~0949898e4e0e',
  г: '64040e',
  д: '2e34848e 0g0e9e9g',
  ж: '545e 0459a4 0e59ae',
  з: '~0514747939 ~39898e1e0c',
  и: '040e848e',
  к: '040e 7409 377e',
  л: '~0e2e2a24 24848e',
  м: '0e045ba4ae',
  н: '040e 848e 0989',
  п: '0e04848e',
  т: '0484 444e',
  ф: '505i @04a4ae0e',
  ц: '040e9e9g 848e',
  ч: '~04070a4a8a 848e',
  ш: '040eaea4 545e',
  щ: '040eaea4 545e aececg',
  ъ: '04242e ~2959999e5e2e',
  ы: '040e ~0939696e3e0e 949e',
  ь: '040e ~0949898e4e0e',
  э: '~0614848e1e0c 3989',
  ю: '040e 0939 @34b4be3e',
  я: '848e ~8444040a4a8a 4a0e',
  є: '~8674040e7e8c 0979',
  ґ: '0e046462',
};

/** Letters drawn like another one. */
const ALIKE: Record<string, string> = Object.fromEntries(
  ['АA', 'ВB', 'ЕE', 'З3', 'КK', 'МM', 'НH', 'ОO', 'РP', 'СC', 'ТT', 'ХX', 'ІI', 'ЈJ', 'ЅS']
    .concat(['аa', 'еe', 'оo', 'рp', 'сc', 'уy', 'хx', 'іi', 'јj', 'ѕs'])
    .concat(['“"', '”"', '„"', "‘'", "’'", '‚,', '−-', '‑-', '•·', '⋅·'])
    .map((pair) => [...pair])
    .map(([drawn = '', like = '']) => [drawn, like]),
);

/** Marks above (or below) a letter, around x = 4; they follow their letter in decomposed text. */
export const MARKS: Record<string, string> = {
  '\u0300': '2042',
  '\u0301': '6042',
  '\u0302': '224062',
  '\u0303': '~11304363',
  '\u0304': '1161',
  '\u0306': '~10137370',
  '\u0308': '1111 7171',
  '\u030a': '@20606323',
  '\u030c': '204260',
  '\u0327': '~4e5g2h',
};

/** A box, for what the font does not have. */
export const UNKNOWN = '00808e0e00';

const GLYPHS: Record<string, string> = {
  ...LATIN_CAPITALS,
  ...LATIN_SMALL,
  ...DIGITS,
  ...PUNCTUATION,
  ...CYRILLIC_CAPITALS,
  ...CYRILLIC_SMALL,
};

/** Strokes of a character, or undefined when the font has none. */
export const strokesOf = (character: string): string | undefined => GLYPHS[ALIKE[character] ?? character];
