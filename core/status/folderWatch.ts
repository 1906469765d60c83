import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';

export interface FolderWatch {
  /** Opens what is not yet open: a folder may appear later. */
  open(): void;
  close(): void;
}

/** Calls `changed` when a state file in one of the folders may have changed, or one of the folders came or went. */
export function createFolderWatch({
  folders,
  changed,
}: {
  folders: readonly string[];
  changed: () => void;
}): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  const names = new Set(folders.map((folder) => basename(folder)));
  let closed = false;

  function forget(folder: string, watcher: FSWatcher): void {
    watcher.close();
    if (watchers.get(folder) === watcher) watchers.delete(folder);
  }

  function openOne(folder: string): void {
    let watcher: FSWatcher;
    try {
      watcher = watch(folder, { persistent: false });
    } catch {
      return;
    }
    watchers.set(folder, watcher);
    watcher.on('error', () => forget(folder, watcher));
    watcher.on('change', (_, name) => {
      const file = name === null ? null : String(name);
      if (file === null || file.endsWith('.json')) return changed();
      if (!names.has(file)) return;
      // The watched folder itself was removed or replaced: the old watcher would stay silent for ever.
      if (file === basename(folder)) forget(folder, watcher);
      changed();
    });
  }

  return {
    open() {
      for (const folder of folders) if (!closed && !watchers.has(folder)) openOne(folder);
    },
    close() {
      closed = true;
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}
