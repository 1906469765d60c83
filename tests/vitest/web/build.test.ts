import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makePortable } from '../../../tools/portableBuild.ts';
import { precompress } from '../../../tools/precompress.ts';

const client = join('dist', 'client');
const pages = readdirSync(client, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.html'),
);

describe('the built pages', () => {
  test('are there in both languages', () => {
    expect(pages.map((name) => name.replaceAll('\\', '/'))).toEqual(
      expect.arrayContaining(
        ['en', 'ru'].flatMap((lang) => [
          `${lang}/index.html`,
          `${lang}/diagnostics/index.html`,
          `${lang}/sign-in/index.html`,
          `${lang}/not-found/index.html`,
        ]),
      ),
    );
  });

  test.each(pages)('%s needs nothing that its content security policy forbids', (page) => {
    const html = readFileSync(join(client, page), 'utf8');
    for (const [, attributes = '', content = ''] of html.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
      if (attributes.includes('application/json')) continue;
      expect(attributes).toMatch(/ src="\//);
      expect(content).toBe('');
    }
    expect(html).not.toMatch(/<style|\sstyle="|\son\w+="|javascript:/);
    const targets = [...html.matchAll(/\s(?:src|href|action)="([^"]+)"/g)].map(([, target]) => target ?? '');
    expect(targets.filter((target) => !/^[/#](?!\/)/.test(target))).toEqual([]);
  });

  test.each(['index', 'diagnostics/index'])('%s loads at most 12 kB of script, as it travels', (page) => {
    const html = readFileSync(join(client, 'en', `${page}.html`), 'utf8');
    const scripts = [...html.matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, file]) => file ?? '');
    const bytes = scripts.map((file) => gzipSync(readFileSync(join(client, file)), { level: 9 }).byteLength);
    expect(bytes.length).toBe(3);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(12_000);
    // Nothing else comes along by itself: what they import, they import when it is needed.
    for (const file of scripts) expect(readFileSync(join(client, file), 'utf8')).not.toMatch(/\bfrom ?["']/);
  });

  test('the chart library is at most 25 kB, and apart', () => {
    const chart = gzipSync(readFileSync(join(client, 'scripts', 'chart.js')), { level: 9 }).byteLength;
    expect(chart).toBeGreaterThan(10_000);
    expect(chart).toBeLessThanOrEqual(25_000);
  });

  test('tell nothing of the folder they were built in', () => {
    const built = ['client', 'server'].flatMap((part) =>
      readdirSync(join('dist', part), { recursive: true, encoding: 'utf8' }).map((name) =>
        join('dist', part, name),
      ),
    );
    const telling = built.filter(
      (file) => statSync(file).isFile() && readFileSync(file, 'latin1').includes(process.cwd()),
    );
    expect(telling).toEqual([]);
  });
});

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-build-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a portable build names no folder but the neutral one, and runs elsewhere', async () => {
  const root = await temporary();
  const server = join(root, 'dist', 'server');
  await mkdir(server, { recursive: true });
  const url = pathToFileURL(`${root}/`).href;
  await writeFile(
    join(server, 'entry.mjs'),
    `export const a = "${url}dist/client/", b = "${root}/web/x.astro", c = "${url}";`,
  );
  await writeFile(join(server, 'other.txt'), root);
  expect(await makePortable(root)).toEqual([join(server, 'entry.mjs')]);
  expect(await makePortable(root)).toEqual([]);
  const moved: { a: string; b: string; c: string } = await import(
    pathToFileURL(join(server, 'entry.mjs')).href
  );
  expect({ ...moved }).toEqual({ a: 'file:///C:/o/dist/client/', b: 'C:/o/web/x.astro', c: 'file:///C:/o/' });
  expect(existsSync(join(server, 'other.txt'))).toBe(true);
});

test('packed files hold what the plain ones do, and are left out where they save nothing', async () => {
  const folder = await temporary();
  const text = 'body { color: red }\n'.repeat(200);
  await writeFile(join(folder, 'a.css'), text);
  await writeFile(join(folder, 'tiny.js'), 'x');
  await writeFile(join(folder, 'picture.png'), Buffer.alloc(4000));
  await cp(join(folder, 'a.css'), join(folder, 'b.html'));
  await precompress(folder);
  expect(readdirSync(folder).sort()).toEqual([
    'a.css',
    'a.css.br',
    'a.css.gz',
    'b.html',
    'b.html.br',
    'b.html.gz',
    'picture.png',
    'tiny.js',
  ]);
  expect(gunzipSync(await readFile(join(folder, 'a.css.gz'))).toString()).toBe(text);
  expect(brotliDecompressSync(await readFile(join(folder, 'a.css.br'))).toString()).toBe(text);
});
