import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A folder that every system's Node accepts as a file URL. Only its relation to what lies below it is used. */
const neutral = 'file:///C:/o/';

/**
 * Astro writes the absolute folder of the build into `dist/server`. A build made on Linux then does not start on
 * Windows, and it tells the builder's paths. This puts a neutral folder in its place.
 */
export async function makePortable(dist: string): Promise<void> {
  const prefix = pathToFileURL(`${dist}/`).href;
  const server = join(dist, 'server');
  const entries = await readdir(server, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || !/\.m?js$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, 'utf8');
    if (text.includes(prefix)) await writeFile(file, text.replaceAll(prefix, neutral));
  }
}
