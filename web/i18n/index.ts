import { en, type Texts } from './en.ts';
import { ru } from './ru.ts';

export const languages = ['en', 'ru'] as const;
export type PageLanguage = (typeof languages)[number];

export const texts: Readonly<Record<PageLanguage, Texts>> = { en, ru };

/** For getStaticPaths: every page exists once per language. */
export function languagePaths(): { params: { lang: PageLanguage } }[] {
  return languages.map((lang) => ({ params: { lang } }));
}
