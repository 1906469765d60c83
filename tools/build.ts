import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { makePortable } from './portableBuild.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** Each program and where its bundle goes. One file each: starting from many small files costs twice the time. */
const programs = {
  'panel/main': 'web/server/main.ts',
  'guardian/main': 'guardian/main.ts',
  'host/main': 'guardian/host/main.ts',
  'host/launch': 'guardian/host/launch.ts',
  'comfyui-demo/main': 'comfyui-demo/main.ts',
};

async function bundlePrograms(): Promise<void> {
  await build({
    entryPoints: Object.fromEntries(Object.entries(programs).map(([out, file]) => [out, join(root, file)])),
    outdir: dist,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    sourcemap: 'linked',
    sourcesContent: false,
    minifySyntax: true,
    logLevel: 'warning',
    // Bundled CommonJS packages ask for Node's own modules through require.
    banner: {
      js: "import { createRequire as orchestratorRequire } from 'node:module'; const require = orchestratorRequire(import.meta.url);",
    },
  });
}

async function buildPages(): Promise<void> {
  const astro = join(root, 'node_modules', 'astro', 'bin', 'astro.mjs');
  await promisify(execFile)(process.execPath, [astro, 'build'], {
    cwd: root,
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' },
  });
  await makePortable(dist);
}

await rm(dist, { recursive: true, force: true });
await buildPages();
await bundlePrograms();
