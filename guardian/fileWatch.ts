import { type FSWatcher, watch } from 'node:fs';

/**
 * Tells of files in a folder that may have changed, by name, a moment after the first of several events. Only a
 * shortcut: what it misses, or where the system has no watch left, the rounds find.
 */
export function watchFolder({
  folder,
  onChange,
  onTrouble,
}: {
  folder: string;
  onChange: (name: string) => void;
  onTrouble: (error: unknown) => void;
}): () => void {
  const waiting = new Set<string>();
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(folder, { persistent: false }, (_, name) => {
      // Temporary files on their way to their real name.
      if (name === null || name.startsWith('.') || waiting.has(name)) return;
      waiting.add(name);
      setImmediate(() => {
        waiting.delete(name);
        onChange(name);
      });
    });
    watcher.on('error', onTrouble);
  } catch (error) {
    onTrouble(error);
  }
  return () => watcher?.close();
}
