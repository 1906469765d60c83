import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { fileFromTar } from './tar.ts';

export const platforms = ['win-x64', 'linux-x64'] as const;
export type Platform = (typeof platforms)[number];

export interface PinnedNode {
  readonly version: string;
  readonly binary: Buffer;
}

/** The command that runs npm: a program and the arguments that come before npm's own. */
export interface NpmCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The pinned Node.js for a platform, from its npm package. The package is fetched once into the cache folder, and only
 * one with the integrity that is written beside the version is used.
 */
export async function pinnedNode({
  root,
  platform,
  npm,
  cache = join(root, '.cache', 'node'),
}: {
  root: string;
  platform: Platform;
  npm: NpmCommand;
  cache?: string;
}): Promise<PinnedNode> {
  const pin: { version: string; integrity: Record<Platform, string> } = JSON.parse(
    await readFile(join(root, 'bootstrap', 'node.json'), 'utf8'),
  );
  const name = `node-${platform}`;
  const file = join(cache, `${name}-${pin.version}.tgz`);
  const isRight = (bytes: Buffer | null) => bytes !== null && integrityOf(bytes) === pin.integrity[platform];
  let tarball = await readFile(file).catch(() => null);
  if (!isRight(tarball)) {
    await mkdir(cache, { recursive: true });
    const call = [...npm.args, 'pack', `${name}@${pin.version}`, '--pack-destination', cache];
    await promisify(execFile)(npm.file, call, { cwd: cache });
    tarball = await readFile(file);
  }
  if (tarball === null || !isRight(tarball)) {
    throw new Error(`${name}@${pin.version} is not the package that bootstrap/node.json pins.`);
  }
  const path = platform.startsWith('win') ? 'package/bin/node.exe' : 'package/bin/node';
  const binary = fileFromTar(gunzipSync(tarball), path);
  if (binary === null) throw new Error(`${name}@${pin.version} has no ${path}.`);
  return { version: pin.version, binary };
}

const integrityOf = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
