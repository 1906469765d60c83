import { en, ru } from './tables.ts';

export const languages = ['en', 'ru'] as const;
export type PageLanguage = (typeof languages)[number];

export type Group = keyof typeof en;
export type Texts = { readonly [K in TextKey]: string };
export type TextKey = { [G in Group]: keyof (typeof en)[G] }[Group];

const tables: Readonly<Record<PageLanguage, { readonly [G in Group]: Readonly<Record<string, string>> }>> = {
  en,
  ru,
};

/** All texts of a language, for what is rendered when the pages are built. */
export function allTexts(language: PageLanguage): Texts {
  return Object.assign({}, ...Object.values(tables[language])) as Texts;
}

/** The texts that a page's script needs, as JSON to stand in the page. */
export function scriptTexts(language: PageLanguage, groups: readonly Group[]): string {
  const wanted = Object.assign({}, ...groups.map((group) => tables[language][group]));
  return JSON.stringify(wanted).replaceAll('<', '\\u003c');
}

/** For getStaticPaths: every page exists once per language. */
export function languagePaths(): { params: { lang: PageLanguage } }[] {
  return languages.map((lang) => ({ params: { lang } }));
}
