import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A folder that every system's Node accepts as a file URL. Only its relation to what lies below it is used. */
const neutral = 'C:/o/';

/**
 * Astro writes the absolute folder of the project into `dist/server`. A build made on Linux then does not start on
 * Windows, and it tells the builder's paths. This puts a neutral folder in its place. Returns the files it changed.
 */
export async function makePortable(root: string): Promise<string[]> {
  const folder = `${resolve(root).replaceAll('\\', '/').replace(/\/$/, '')}/`;
  const server = join(root, 'dist', 'server');
  const entries = await readdir(server, { recursive: true, withFileTypes: true });
  const changed: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile() || !/\.m?js$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, 'utf8');
    // The URL first: the path is a part of it.
    const moved = text
      .replaceAll(pathToFileURL(folder).href, `file:///${neutral}`)
      .replaceAll(folder, neutral);
    if (moved === text) continue;
    await writeFile(file, moved);
    changed.push(file);
  }
  return changed;
}

const [, script = '', root = '.'] = process.argv;
if (resolve(script) === fileURLToPath(import.meta.url)) {
  for (const file of await makePortable(resolve(root))) console.log(file);
}
