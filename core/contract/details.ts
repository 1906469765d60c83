import type { Language } from './errors.ts';

/**
 * Sentences that go into `{detail}` of ORC1002 and ORC1005: what is wrong with a value, and what would be right.
 * `{name}` is filled as in the error registry; `npm run schema` gives the module the same table.
 */
export const details = {
  syntax: {
    en: 'Nothing that JSON allows stands at column {column}.',
    ru: 'В столбце {column} нет ничего, что допускает JSON.',
  },
  comment: {
    en: 'A comment stands at column {column}, and JSON has none.',
    ru: 'В столбце {column} комментарий, а в JSON их нет.',
  },
  end: {
    en: 'The file ends before its value does.',
    ru: 'Файл кончается раньше, чем значение в нём.',
  },
  empty: { en: 'The file is empty.', ru: 'Файл пуст.' },
  depth: { en: 'It is nested deeper than {limit} levels.', ru: 'Вложенность больше {limit} уровней.' },
  surrogate: {
    en: 'The text at column {column} holds half a character (a lone surrogate).',
    ru: 'В тексте в столбце {column} половина символа (одиночный суррогат).',
  },
  type: { en: 'Here belongs: {allowed}.', ru: 'Здесь допустимо: {allowed}.' },
  oneOf: { en: 'Here belongs one of: {allowed}.', ru: 'Здесь допустимо одно из: {allowed}.' },
  minimum: { en: 'The smallest number here is {limit}.', ru: 'Наименьшее число здесь — {limit}.' },
  maximum: { en: 'The largest number here is {limit}.', ru: 'Наибольшее число здесь — {limit}.' },
  number: { en: 'The number is too large to be read.', ru: 'Число слишком велико.' },
  minLength: {
    en: 'At least {limit} characters belong here.',
    ru: 'Здесь нужно не меньше символов, чем {limit}.',
  },
  maxLength: {
    en: 'At most {limit} characters belong here.',
    ru: 'Здесь допустимо не больше символов, чем {limit}.',
  },
  minItems: {
    en: 'The list needs at least this many entries: {limit}.',
    ru: 'В списке нужно не меньше записей, чем {limit}.',
  },
  maxItems: {
    en: 'The list may have at most this many entries: {limit}.',
    ru: 'В списке допустимо не больше записей, чем {limit}.',
  },
  pattern: { en: 'The text must match {allowed}', ru: 'Текст должен подходить под {allowed}' },
  keyPattern: { en: 'The key must match {allowed}', ru: 'Имя ключа должно подходить под {allowed}' },
  commandNull: {
    en: 'Only a service of mode external may have no command.',
    ru: 'Без команды может быть только служба с mode external.',
  },
  externalPort: {
    en: 'A service of mode external needs a port, else there is nothing to watch.',
    ru: 'Службе с mode external нужен порт, иначе наблюдать нечего.',
  },
  externalHealth: {
    en: 'A service of mode external can only be asked over http.',
    ru: 'Службу с mode external можно спросить только по http.',
  },
  httpPort: {
    en: 'A health check over http needs a port.',
    ru: 'Для проверки по http нужен порт.',
  },
  judges: {
    en: 'The schema refuses the file, and the place could not be found.',
    ru: 'Схема не принимает файл, место найти не удалось.',
  },
} as const satisfies Record<string, Record<Language, string>>;

export type DetailKey = keyof typeof details;

/** One sentence with its data filled in. */
export function detailText({
  key,
  data = {},
  language = 'en',
}: {
  key: DetailKey;
  data?: Readonly<Record<string, string | number>>;
  language?: Language;
}): string {
  return details[key][language].replace(/\{(\w+)\}/g, (_, name: string) => String(data[name] ?? ''));
}
