import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { manifestSchema } from '../../../core/contract/manifest.ts';
import { judgeManifest } from '../../../core/manifest/judge.ts';
import { loadManifest } from '../../../core/manifest/load.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = join(root, 'tests/contract');
const read = (...parts: string[]) => readFileSync(join(folder, ...parts), 'utf8');
const names = (kind: string) =>
  readdirSync(join(folder, 'fixtures', kind)).map((name) => name.replace(/\.json$/, ''));

interface Expected {
  readonly code: string;
  readonly path: string;
  readonly line: number;
  readonly suggestion?: string;
}
const cases = JSON.parse(read('cases.json')) as Record<string, Expected[]>;

describe('the manifest, judged by TypeScript', () => {
  test('every invalid file has a case', () => {
    expect(names('invalid').sort()).toEqual(Object.keys(cases).sort());
    expect(names('invalid').length).toBeGreaterThanOrEqual(30);
  });

  test.each(names('valid'))('accepts %s', (name) => {
    const { manifest, findings } = judgeManifest(read('fixtures/valid', `${name}.json`), name);
    expect(findings).toEqual([]);
    expect(manifest).not.toBeNull();
  });

  test.each(['local', 'windows'])('accepts deploy/%s', (kind) => {
    const text = readFileSync(join(root, 'deploy', kind, 'orchestrator.json'), 'utf8');
    expect(judgeManifest(text, kind).findings).toEqual([]);
  });

  test.each(Object.entries(cases))('refuses %s with code, place and line', async (name, expected) => {
    const { manifest, findings } = judgeManifest(read('fixtures/invalid', `${name}.json`), name);
    const seen = findings.map(({ code, path, line, suggestion }) =>
      suggestion ? { code, path, line, suggestion } : { code, path, line },
    );
    expect(seen).toEqual(expected);
    expect(manifest).toBeNull();
    await expect(loadManifest(join(folder, 'fixtures/invalid', `${name}.json`))).rejects.toMatchObject({
      code: expected[0]?.code,
    });
  });

  test('each code of the manifest has a case', () => {
    const seen = new Set(Object.values(cases).flatMap((list) => list.map(({ code }) => code)));
    for (let number = 1002; number <= 1010; number += 1) expect(seen).toContain(`ORC${number}`);
  });

  test('a missing file is ORC1001', async () => {
    await expect(loadManifest(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'ORC1001' });
  });
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Walks to a random place of the value and puts something else there. */
function mutate(value: Json, steps: readonly number[], put: Json): Json {
  const [step, ...rest] = steps;
  if (step === undefined || value === null || typeof value !== 'object') return put;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(keys.length, 1)];
  if (key === undefined) return put;
  const copy = structuredClone(value) as Record<string, Json>;
  copy[key] = mutate((value as Record<string, Json>)[key] ?? null, rest, put);
  return copy as Json;
}

describe('properties of the judge', () => {
  const sound = JSON.parse(read('fixtures/valid/minimal.json')) as Json;

  test('whatever is changed, it never throws, and what it accepts the schema accepts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 20 }), { maxLength: 6 }),
        fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
        (steps, put) => {
          const value = mutate(sound, steps, put);
          const { manifest, findings } = judgeManifest(JSON.stringify(value), 'x');
          const accepted = manifestSchema.safeParse(value).success;
          expect(findings.length === 0).toBe(manifest !== null);
          if (!accepted) expect(findings).not.toEqual([]);
          if (findings.length === 0) expect(accepted).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('any text at all is judged without an exception', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(judgeManifest(text, 'x').findings.length).toBeGreaterThan(0);
      }),
    );
  });
});
