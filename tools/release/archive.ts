import { createHash } from 'node:crypto';
import { type Zippable, zipSync } from 'fflate';
import { type Content, nodePath } from './content.ts';
import type { Platform } from './node.ts';

/** What release.json says. Update-Orchestrator holds every file of a release against it. */
export interface Release {
  readonly format: 1;
  readonly name: 'orchestrator';
  readonly version: string;
  readonly platform: Platform;
  /** ISO 8601 UTC: the time of the commit, so that the same commit gives the same bytes. */
  readonly builtAt: string;
  readonly commit: string;
  readonly node: string;
  readonly files: readonly { readonly path: string; readonly size: number; readonly sha256: string }[];
}

export function describeRelease({
  content,
  ...rest
}: Omit<Release, 'format' | 'name' | 'files'> & { content: Content }): Release {
  const { version, platform, builtAt, commit, node } = rest;
  const files = sorted(content).map(([path, bytes]) => ({
    path,
    size: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
  return { format: 1, name: 'orchestrator', version, platform, builtAt, commit, node, files };
}

/** The zip of a release. Its bytes depend on nothing but what is given. */
export function archiveRelease({ content, release }: { content: Content; release: Release }): Uint8Array {
  const program = nodePath(release.platform);
  const mtime = dosDay(new Date(release.builtAt));
  const files: Zippable = {};
  const list = Buffer.from(`${JSON.stringify(release, null, 1)}\n`);
  for (const [path, bytes] of [['release.json', list] as const, ...sorted(content)]) {
    const mode = path === program ? 0o100755 : 0o100644;
    files[path] = [bytes, { mtime, os: 3, attrs: (mode << 16) >>> 0, level: 6 }];
  }
  return zipSync(files);
}

/** By code unit: what a language takes for the order of names is another one on each machine. */
const sorted = (content: Content) => [...content].sort(([a], [b]) => (a < b ? -1 : 1));

/** A zip holds local time. Noon of the day exists in every time zone. */
const dosDay = (date: Date) => new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), 12);
