import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { archiveRelease, describeRelease } from './release/archive.ts';
import { releaseContent } from './release/content.ts';
import { type NpmCommand, type Platform, pinnedNode, platforms } from './release/node.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const usage = `npm run package -- [--platform ${platforms.join('|')}]… [--out FOLDER]

Makes release/orchestrator-<version>-<platform>.zip from what is built: win-x64 unless told otherwise.`;

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}

function isPlatform(name: string): name is Platform {
  return (platforms as readonly string[]).includes(name);
}

async function packageFor(platform: Platform, folder: string): Promise<void> {
  const npm: NpmCommand = JSON.parse(process.env['ORCHESTRATOR_NPM'] ?? '{"file":"npm","args":[]}');
  const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const node = await pinnedNode({ root, platform, npm });
  const content = await releaseContent({ root, platform, node });
  const builtAt = new Date(Number(git('log', '-1', '--format=%ct')) * 1000).toISOString();
  const commit = git('rev-parse', 'HEAD');
  const release = describeRelease({ content, version, platform, builtAt, commit, node: node.version });
  const bytes = archiveRelease({ content, release });
  await mkdir(folder, { recursive: true });
  const file = join(folder, `orchestrator-${version}-${platform}.zip`);
  await writeFile(file, bytes);
  const hash = createHash('sha256').update(bytes).digest('hex');
  console.log(
    `${file}\n  ${content.size + 1} files, ${(bytes.byteLength / 1e6).toFixed(1)} MB, SHA-256 ${hash}`,
  );
}

const { values } = parseArgs({
  options: {
    platform: { type: 'string', multiple: true, default: ['win-x64'] },
    out: { type: 'string', default: join(root, 'release') },
    help: { type: 'boolean', default: false },
  },
});
const unknown = values.platform.find((name) => !isPlatform(name));
if (values.help || unknown !== undefined) {
  console.log(unknown === undefined ? usage : `There is no platform "${unknown}".\n\n${usage}`);
  process.exitCode = unknown === undefined ? 0 : 1;
} else {
  if (git('status', '--porcelain') !== '') {
    console.warn('The working tree has changes that are in no commit: this release cannot be made again.');
  }
  for (const platform of values.platform.filter(isPlatform)) await packageFor(platform, resolve(values.out));
}
