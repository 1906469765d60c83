import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const sources = files.filter((file) => /\.(ts|mjs|astro)$/.test(file));

/** What each part may import of the project, beside itself. */
const allowed: Record<string, readonly string[]> = {
  core: [],
  guardian: ['core'],
  web: ['core'],
  'comfyui-demo': [],
  bootstrap: [],
};

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g);
  return [...found].map(([, target]) => relative(root, resolve(join(root, dirname(file)), target ?? '')));
}

describe('the layout', () => {
  test('imports point one way: web → core ← guardian', () => {
    const wrong = sources.flatMap((file) => {
      const part = file.split('/')[0] ?? '';
      const may = allowed[part];
      if (!may) return [];
      return importsOf(file)
        .map((target) => ({ file, target, to: target.split('/')[0] ?? '' }))
        .filter(({ to }) => to !== part && !may.includes(to) && to !== 'package.json');
    });
    expect(wrong).toEqual([]);
  });

  test('every part of the layout is there to be judged', () => {
    for (const part of Object.keys(allowed)) {
      expect(
        sources.some((file) => file.startsWith(`${part}/`)),
        part,
      ).toBe(true);
    }
  });

  test('no file is called utils or helpers', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?)(\.|\/)/i.test(file))).toEqual([]);
  });

  test('the lock file names no registry', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
  });

  test('no dependency is under the GPL or the AGPL', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { license?: string }>;
    };
    const wrong = Object.entries(lock.packages).filter(([, { license }]) => /\bA?GPL/i.test(license ?? ''));
    expect(wrong.map(([name, { license }]) => `${name} ${license}`)).toEqual([]);
  });
});
