import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { healthWords, serviceStatusSchema } from '../../../core/contract/cmdlets.ts';
import { incidentSchema } from '../../../core/contract/state.ts';
import { overallWords } from '../../../core/status/picture.ts';
import { sentences } from '../../../core/status/sentences.ts';
import { en } from '../../../web/i18n/en.ts';
import { texts } from '../../../web/i18n/index.ts';

const keys = Object.keys(en);
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
};

test('every language has every key and the same places in it', () => {
  for (const [language, table] of Object.entries(texts)) {
    expect(Object.keys(table).sort(), language).toEqual([...keys].sort());
    for (const key of keys) {
      const text = table[key as keyof typeof en];
      expect(text.trim(), `${language} ${key}`).not.toBe('');
      expect(places(text), `${language} ${key}`).toEqual(places(en[key as keyof typeof en]));
    }
  }
  expect(Object.values(texts.ru).filter((text) => /[а-я]/i.test(text)).length).toBeGreaterThan(
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
  const looked = [...named].filter((key) =>
    /^(page|theme|overall|ignite|guardian|connection|services|badge|health|field|state|attempts|exit|action|busy|confirm|error|role|incidents?|outcome|machine|warnings|announce|signIn|notFound)\./.test(
      key,
    ),
  );
  expect(looked.filter((key) => !keys.includes(key))).toEqual([]);
});
