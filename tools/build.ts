import { execFile } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { bundlePageScripts } from '../web/dev/pageScripts.ts';
import { plainChunks } from './plainChunks.ts';
import { makePortable } from './portableBuild.ts';
import { precompress } from './precompress.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** Programs and where their bundles go. One file each: starting from many small files costs twice the time. */
const programs = {
  'guardian/main': 'guardian/main.ts',
  'comfyui-demo/main': 'comfyui-demo/main.ts',
};

/** These load what they need only later after they listen, so their bundles are split at those imports. */
const splitPrograms = {
  host: { 'host/main': 'guardian/host/main.ts', 'host/launch': 'guardian/host/launch.ts' },
  panel: { 'panel/main': 'web/server/main.ts', 'panel/searchWorker': 'core/logs/searchWorker.ts' },
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
  metafile: true,
  logLevel: 'warning',
  // Bundled CommonJS packages ask for Node's own modules through require.
  banner: {
    js: "import { createRequire as orchestratorRequire } from 'node:module'; const require = orchestratorRequire(import.meta.url);",
  },
};

const entries = (of: Record<string, string>) =>
  Object.fromEntries(Object.entries(of).map(([out, file]) => [out, join(root, file)]));

/** Endpoints of Astro need no key of their own, and a random one would make each build another. */
const noSecret = Buffer.alloc(32).toString('base64');

async function bundlePrograms(): Promise<Metafile[]> {
  const plain = await build({ ...options, entryPoints: entries(programs) });
  const split = await Promise.all(
    Object.entries(splitPrograms).map(([folder, of]) =>
      build({ ...options, entryPoints: entries(of), splitting: true, chunkNames: `${folder}/[name]-[hash]` }),
    ),
  );
  return [plain, ...split].map(({ metafile }) => metafile as Metafile);
}

/** Astro leaves the packages of its endpoints outside, so that they would be sought in node_modules. */
async function bundleEndpoints(): Promise<Metafile> {
  const server = join(dist, 'server');
  const bundled = join(dist, 'server.bundled');
  await plainChunks(server);
  const { metafile } = await build({
    ...options,
    entryPoints: { entry: join(server, 'entry.mjs') },
    outdir: bundled,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    sourcemap: false,
    // Only its image service would load it, and there are no images to serve.
    external: ['sharp'],
  });
  await rm(server, { recursive: true });
  await rename(bundled, server);
  return metafile as Metafile;
}

async function writePageScripts(): Promise<Metafile[]> {
  const target = join(dist, 'client', 'scripts');
  await mkdir(target, { recursive: true });
  const { scripts, metafiles } = await bundlePageScripts();
  await Promise.all(scripts.map(({ name, code }) => writeFile(join(target, name), code)));
  return metafiles;
}

async function buildPages(): Promise<Metafile[]> {
  const astro = join(root, 'node_modules', 'astro', 'bin', 'astro.mjs');
  await promisify(execFile)(process.execPath, [astro, 'build'], {
    cwd: root,
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1', ASTRO_KEY: noSecret },
  });
  await makePortable(root);
  const scripts = await writePageScripts();
  await precompress(join(dist, 'client'));
  return [...scripts, await bundleEndpoints()];
}

/** Names of the npm packages that a bundle holds parts of. */
function packagesOf({ inputs }: Metafile): string[] {
  return Object.keys(inputs).flatMap((file) => {
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
    return name === undefined ? [] : [name];
  });
}

await rm(dist, { recursive: true, force: true });
const bundles = [...(await buildPages()), ...(await bundlePrograms())];
// The packages whose licenses a release must carry.
// Astro's own part is inside its endpoints already.
const packages = [...new Set(['astro', '@astrojs/node', ...bundles.flatMap(packagesOf)])].sort();
await writeFile(join(dist, '.packages.json'), `${JSON.stringify(packages)}\n`);
