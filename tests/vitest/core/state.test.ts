import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { desiredSchema } from '../../../core/contract/state.ts';
import { readState, writeState } from '../../../core/state/files.ts';

let folder: string;
let file: string;
const whole = {
  version: 1,
  services: { panel: { state: 'running', generation: 1, at: '2026-01-01T00:00:00Z', by: 'operator' } },
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'состояние '));
  file = join(folder, 'desired.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a state file', () => {
  test('that is missing is nothing, and no warning', async () => {
    expect(await readState(file, desiredSchema)).toEqual({ value: null, warning: null });
  });

  test.each([
    ['empty', '', /desired\.json is empty/],
    ['blank', ' \n', /desired\.json is empty/],
    ['truncated', JSON.stringify(whole).slice(0, 30), /desired\.json is damaged/],
    ['of another shape', '{"version":1}', /desired\.json is damaged/],
    ['from the future', '{"version":7,"new":true}', /from a newer version.*version 7/],
    ['no JSON at all', '\u0000\u0001', /desired\.json is damaged/],
  ])('that is %s is a warning and stays as it is', async (_, text, expected) => {
    await writeFile(file, text);
    const { value, warning } = await readState(file, desiredSchema);
    expect(value).toBeNull();
    expect(warning).toMatch(expected);
    expect(await readdir(folder)).toEqual(['desired.json']);
  });

  test('that is a folder is a warning', async () => {
    await mkdir(file);
    expect((await readState(file, desiredSchema)).warning).toMatch(/unreadable/);
  });

  test('with a byte order mark is read', async () => {
    await writeFile(file, `\uFEFF${JSON.stringify(whole)}`);
    expect(await readState(file, desiredSchema)).toEqual({ value: whole, warning: null });
  });

  test('is never seen half written, and leaves no temporary file', async () => {
    const faults: string[] = [];
    let done = false;
    const reader = (async () => {
      while (!done) {
        const { value, warning } = await readState(file, desiredSchema);
        if (warning !== null) faults.push(warning);
        if (value !== null && Object.keys(value.services).length !== 200) faults.push('not whole');
      }
    })();
    for (let round = 0; round < 60; round += 1) {
      const services = Object.fromEntries(
        Array.from({ length: 200 }, (_, i) => [`s${i}`, { ...whole.services.panel, generation: round }]),
      );
      await writeState(file, { version: 1, services });
    }
    done = true;
    await reader;
    expect(faults).toEqual([]);
    expect(await readdir(folder)).toEqual(['desired.json']);
  });
});
