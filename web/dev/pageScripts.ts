import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';

const folder = fileURLToPath(new URL('../client', import.meta.url));

/** The scripts that pages name. What they import only when it is needed is found by following them. */
const pages = ['home', 'diagnostics', 'preferences', 'signIn'];

export interface PageScript {
  /** Below `/scripts/`. */
  readonly name: string;
  readonly code: Uint8Array;
}

/**
 * Bundles the scripts of the pages: one file a page and one for each thing that is loaded later, without chunks that
 * several of them share. Shared chunks would be packed apart and be larger on the way than what they save.
 */
export async function bundlePageScripts(): Promise<{ scripts: PageScript[]; metafiles: Metafile[] }> {
  const done = new Set<string>();
  const wanted = new Set(pages.map((name) => join(folder, `${name}.ts`)));
  const scripts: PageScript[] = [];
  const metafiles: Metafile[] = [];
  for (const entry of wanted) {
    if (done.has(entry)) continue;
    done.add(entry);
    const { outputFiles, metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      write: false,
      metafile: true,
      logLevel: 'warning',
      plugins: [laterPlugin((file) => wanted.add(file))],
    });
    metafiles.push(metafile);
    for (const { contents } of outputFiles) scripts.push({ name: scriptName(entry), code: contents });
  }
  return { scripts, metafiles };
}

const scriptName = (file: string) => `${basename(file, '.ts')}.js`;

/** What is imported by a call is a file of its own beside the page's. */
function laterPlugin(later: (file: string) => void): Plugin {
  return {
    name: 'later',
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ kind, path, importer }) => {
        if (kind !== 'dynamic-import') return undefined;
        const file = join(dirname(importer), path);
        later(file);
        return { path: `./${scriptName(file)}`, external: true };
      });
    },
  };
}
