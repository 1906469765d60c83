import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeState } from '../../../core/state/files.ts';
import { createWishes } from '../../../guardian/wishes.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wishes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('of two that ask at once neither goes on before the file has been read', async () => {
  const file = join(folder, 'desired.json');
  const wishes = createWishes({ file, onWarning: () => {} });
  const at = '2026-01-02T03:04:05.000Z';
  await writeState(file, {
    version: 1,
    services: { panel: { state: 'stopped', generation: 3, at, by: 'operator' } },
  });
  const seen = await Promise.all(
    [1, 2, 3].map(async () => {
      const fresh = await wishes.reread();
      return { fresh, state: wishes.of('panel')?.state };
    }),
  );
  expect(seen).toEqual([
    { fresh: true, state: 'stopped' },
    { fresh: false, state: 'stopped' },
    { fresh: false, state: 'stopped' },
  ]);
});
