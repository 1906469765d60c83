import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { makePortable } from './portableBuild.ts';
import { precompress } from './precompress.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** Programs and where their bundles go. One file each: starting from many small files costs twice the time. */
const programs = {
  'panel/main': 'web/server/main.ts',
  'guardian/main': 'guardian/main.ts',
  'comfyui-demo/main': 'comfyui-demo/main.ts',
};

/** The host loads what it needs only later after it listens, so its bundle is split at those imports. */
const hostPrograms = {
  'host/main': 'guardian/host/main.ts',
  'host/launch': 'guardian/host/launch.ts',
};

const options: BuildOptions = {
  outdir: dist,
  bundle: true,
  platform: 'node',
  format: 'esm',
  // Some packages load parts of themselves by computed paths in their CommonJS form.
  mainFields: ['module', 'main'],
  target: 'node22',
  sourcemap: 'linked',
  sourcesContent: false,
  minifySyntax: true,
  logLevel: 'warning',
  // Bundled CommonJS packages ask for Node's own modules through require.
  banner: {
    js: "import { createRequire as orchestratorRequire } from 'node:module'; const require = orchestratorRequire(import.meta.url);",
  },
};

const entries = (of: Record<string, string>) =>
  Object.fromEntries(Object.entries(of).map(([out, file]) => [out, join(root, file)]));

async function bundlePrograms(): Promise<void> {
  await build({ ...options, entryPoints: entries(programs) });
  await build({
    ...options,
    entryPoints: entries(hostPrograms),
    splitting: true,
    chunkNames: 'host/[name]-[hash]',
  });
}

async function buildPages(): Promise<void> {
  const astro = join(root, 'node_modules', 'astro', 'bin', 'astro.mjs');
  await promisify(execFile)(process.execPath, [astro, 'build'], {
    cwd: root,
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' },
  });
  await makePortable(root);
  await precompress(join(dist, 'client'));
}

await rm(dist, { recursive: true, force: true });
await buildPages();
await bundlePrograms();
