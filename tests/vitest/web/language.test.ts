import { expect, test } from 'vitest';
import { chooseLanguage, cookieValue } from '../../../web/server/language.ts';

test.each([
  [undefined, undefined, 'en'],
  [undefined, 'ru', 'ru'],
  [undefined, 'ru-RU,ru;q=0.9,en;q=0.8', 'ru'],
  [undefined, 'en-US,en;q=0.9,ru;q=0.8', 'en'],
  [undefined, 'en;q=0.1, ru;q=0.2', 'ru'],
  [undefined, 'de, ru;q=0', 'en'],
  [undefined, 'de-DE,de', 'en'],
  [undefined, ';;;q=x,,', 'en'],
  ['language=ru', 'en', 'ru'],
  ['a=1; language=en', 'ru', 'en'],
  ['language=xx', 'ru', 'ru'],
  ['mylanguage=ru', 'en', 'en'],
] as const)('cookie %s, header %s → %s', (cookie, acceptLanguage, language) => {
  expect(chooseLanguage({ cookie, acceptLanguage })).toBe(language);
});

test('a cookie is found by its whole name', () => {
  expect(cookieValue('a=1; b=x=y; c', 'b')).toBe('x=y');
  expect(cookieValue('a=1', 'b')).toBeNull();
  expect(cookieValue(undefined, 'b')).toBeNull();
});
