import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkSchema, healthWords, serviceStatusSchema } from '../../../core/contract/cmdlets.ts';
import { spans } from '../../../core/contract/history.ts';
import { logBatchSchema } from '../../../core/contract/logs.ts';
import { incidentSchema } from '../../../core/contract/state.ts';
import { overallWords } from '../../../core/status/picture.ts';
import { sentences } from '../../../core/status/sentences.ts';
import { levelChoices } from '../../../web/client/logs/filter.ts';
import { allTexts, type Group, languages, scriptTexts, type TextKey } from '../../../web/i18n/index.ts';

const en = allTexts('en');
const keys = Object.keys(en) as TextKey[];
const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

const sources = ['web/client', 'web/components', 'web/pages'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
);

/** Families of keys whose last part is a word of the contract. */
const families: Readonly<Record<string, readonly string[]>> = {
  'health.': healthWords,
  'overall.': overallWords,
  'state.': serviceStatusSchema.shape.state.options,
  'desired.': serviceStatusSchema.shape.desired.options,
  'outcome.': incidentSchema.shape.outcome.options,
  'action.': ['start', 'stop', 'restart'],
  'busy.': ['start', 'stop', 'restart'],
  'span.': Object.keys(spans),
  'check.': checkSchema.shape.status.options,
  'mark.': logBatchSchema.shape.mark.unwrap().options,
  'level.': levelChoices,
};

test('every language has every key and the same places in it', () => {
  for (const language of languages) {
    const table = allTexts(language);
    expect(Object.keys(table).sort(), language).toEqual([...keys].sort());
    for (const key of keys) {
      const text = table[key];
      expect(text.trim(), `${language} ${key}`).not.toBe('');
      expect(places(text), `${language} ${key}`).toEqual(places(en[key]));
    }
  }
  expect(Object.values(allTexts('ru')).filter((text) => /[а-я]/i.test(text)).length).toBeGreaterThan(
    keys.length * 0.95,
  );
});

test('reasons have the same places in every language', () => {
  for (const [key, { en: english, ru }] of Object.entries(sentences))
    expect(places(ru), key).toEqual(places(english));
});

test('every word of the contract has a text', () => {
  for (const [family, words] of Object.entries(families)) {
    for (const word of words) expect(keys).toContain(`${family}${word}`);
  }
});

test('every key that a page asks for is there, and every one that is there is asked for', () => {
  const named = new Set(
    sources.flatMap((text) => [...text.matchAll(/'([a-z]\w*\.[A-Za-z]\w*)'/g)].map(([, key]) => key ?? '')),
  );
  const built = new Set(
    sources.flatMap((text) => [...text.matchAll(/`([a-z]+\.)\$\{/g)].map(([, family]) => family ?? '')),
  );
  expect([...built].filter((family) => !(family in families))).toEqual([]);
  const wanted = new Set([
    ...named,
    ...[...built].flatMap((family) => (families[family] ?? []).map((word) => family + word)),
  ]);
  expect(keys.filter((key) => !wanted.has(key))).toEqual([]);
  const prefixes = new Set(keys.map((key) => key.split('.')[0]));
  const looked = [...named].filter((key) => prefixes.has(key.split('.')[0]));
  expect(looked.filter((key) => !(keys as string[]).includes(key))).toEqual([]);
});

/** Every text that a page's script asks for is among the groups that the page brings along. */
test.each([
  ['index', 'home'],
  ['diagnostics', 'diagnostics'],
])('the page %s brings the texts of its script', (page, script) => {
  const astro = readFileSync(join('web/pages/[lang]', `${page}.astro`), 'utf8');
  const groups = [...(/groups=\{\[([^\]]*)\]/.exec(astro)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
    ([, name]) => name as Group,
  );
  expect(groups.length).toBeGreaterThan(2);
  const brought = Object.keys(JSON.parse(scriptTexts('en', groups)));
  const asked = new Set<string>();
  const seen = new Set<string>();
  const follow = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, key] of text.matchAll(/'([a-z]\w*\.[A-Za-z]\w*)'/g))
      if (keys.includes(key as TextKey)) asked.add(key ?? '');
    for (const [, family = ''] of text.matchAll(/`([a-z]+\.)\$\{/g))
      for (const word of families[family] ?? []) asked.add(family + word);
    for (const [, path] of text.matchAll(/(?<!import type .*)(?:from|import)\s*\(?'(\.{1,2}\/[^']+)'/g))
      if (!path?.includes('i18n')) follow(join(file, '..', path ?? ''));
  };
  follow(join('web/client', `${script}.ts`));
  expect(asked.size).toBeGreaterThan(20);
  expect([...asked].filter((key) => !brought.includes(key))).toEqual([]);
});
