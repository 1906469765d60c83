import type { TextKey, Texts } from '../i18n/index.ts';

export type { TextKey } from '../i18n/index.ts';

/** Looks a text up and fills its `{name}` places. */
export type Translate = (key: TextKey, data?: Readonly<Record<string, string | number>>) => string;

export function createTranslate(texts: Texts): Translate {
  return (key, data = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name: string) => String(data[name] ?? ''));
}

/** The page brings the texts of its own language, so the script carries none. */
export function pageTranslate(): Translate {
  return createTranslate(JSON.parse(document.getElementById('texts')?.textContent ?? '{}'));
}
