import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The `count` most recently changed files of a folder, the newest first. A missing folder is an empty one. */
export async function newestFiles({
  folder,
  extension,
  count,
}: {
  folder: string;
  extension: string;
  count: number;
}): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith(extension) && !name.startsWith('.'));
  const dated = await Promise.all(
    files.map(async (name) => {
      const file = join(folder, name);
      return { file, changed: (await stat(file).catch(() => null))?.mtimeMs ?? 0 };
    }),
  );
  return dated
    .sort((a, b) => b.changed - a.changed)
    .slice(0, count)
    .map(({ file }) => file);
}
