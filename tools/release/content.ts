import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Platform } from './node.ts';
import { licenseNotices } from './notices.ts';

/** Path with forward slashes, relative to the folder of the installation, to content. */
export type Content = Map<string, Uint8Array>;

/** Folders and files that are taken as they are. */
const parts = ['dist', 'ps', 'deploy', 'docs', 'README.md', 'LICENSE', 'CHANGELOG.md', '.env.local.example'];

/** Source maps point at sources that a release does not hold; names with a dot are notes of the build. */
const isLeftOut = (path: string) => path.endsWith('.map') || path.startsWith('dist/.');

/** Where the module looks for the project's own Node.js: Find-Node. */
export const nodePath = (platform: Platform) =>
  `.runtime/node_modules/node/bin/${platform.startsWith('win') ? 'node.exe' : 'node'}`;

/** All files of a release but its list of them. */
export async function releaseContent({
  root,
  platform,
  node,
}: {
  root: string;
  platform: Platform;
  node: { version: string; binary: Uint8Array };
}): Promise<Content> {
  const content: Content = new Map();
  for (const part of parts) {
    for (const path of await filesBelow(root, part)) {
      if (!isLeftOut(path)) content.set(path, await readFile(join(root, path)));
    }
  }
  content.set('package.json', Buffer.from(await programPackage(root)));
  content.set('THIRD-PARTY.md', Buffer.from(await licenseNotices({ root, nodeVersion: node.version })));
  content.set(nodePath(platform), node.binary);
  return content;
}

async function filesBelow(root: string, part: string): Promise<string[]> {
  const entries = await readdir(join(root, part), { withFileTypes: true }).catch(() => null);
  if (entries === null) return [part];
  const below = entries.map((entry) =>
    entry.isDirectory() ? filesBelow(root, `${part}/${entry.name}`) : [`${part}/${entry.name}`],
  );
  return (await Promise.all(below)).flat();
}

/** What the programs need of package.json: that their files are modules, and the version. Nothing to run npm with. */
async function programPackage(root: string): Promise<string> {
  const { name, version, description, license, type, engines } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  const kept = { name, version, private: true, description, license, type, engines };
  return `${JSON.stringify(kept, null, 2)}\n`;
}
