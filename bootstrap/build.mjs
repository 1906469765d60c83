import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { step } from './report.mjs';
import { root } from './root.mjs';
import { quiet } from './spawn.mjs';

const stamp = join(root, 'dist', '.stamp');
const inputs = [
  'core',
  'guardian',
  'web',
  'comfyui-demo',
  'tools',
  'astro.config.mjs',
  'package-lock.json',
  'tsconfig.json',
];

function hashInto(hash, path) {
  const full = join(root, path);
  if (!existsSync(full)) return;
  const entries = (() => {
    try {
      return readdirSync(full, { withFileTypes: true });
    } catch {
      return null;
    }
  })();
  if (entries === null) {
    hash.update(path).update(readFileSync(full));
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1)))
    hashInto(hash, join(path, entry.name));
}

/** Builds panel, guardian, host and demo, unless nothing of their sources has changed. */
export async function ensureBuild({ force = false } = {}) {
  const hash = createHash('sha256').update(process.version);
  for (const input of inputs) hashInto(hash, input);
  const digest = hash.digest('hex');
  if (!force && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  await step('build', async () => {
    await quiet(process.execPath, [join(root, 'tools', 'build.ts')], {
      what: 'The build failed.',
      fix: 'Read the lines above; npm run check names faults in the sources.',
    });
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(stamp, digest);
    return 'panel, guardian, host, demo';
  });
}
