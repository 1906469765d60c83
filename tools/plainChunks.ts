import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The bundler puts a hash of the project's folder into the names of the server's chunks, so that a build in another
 * folder has other bytes. This takes the hash out, in the names and where they are named.
 */
export async function plainChunks(server: string): Promise<void> {
  const chunks = join(server, 'chunks');
  const plain = new Map<string, string>();
  for (const name of (await readdir(chunks)).sort()) {
    const wanted = name.replace(/_[\w-]{8}\.mjs$/, '.mjs');
    if (wanted !== name && ![...plain.values()].includes(wanted)) plain.set(name, wanted);
  }
  const files = await readdir(server, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name);
    let text = await readFile(path, 'utf8');
    for (const [name, wanted] of plain) text = text.replaceAll(name, wanted);
    await writeFile(path, text);
  }
  for (const [name, wanted] of plain) await rename(join(chunks, name), join(chunks, wanted));
}
