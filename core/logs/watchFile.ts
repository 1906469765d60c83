import { dirname } from 'node:path';

/** Calls `changed` when a file may have changed, come or gone, until the function it returns is called. */
export type WatchFile = (path: string, changed: () => void) => () => void;

/**
 * Listens to the folder of the file, so that the file itself may come later. Loaded at first use. It says nothing of a
 * folder that is not there, nor always of a file that somebody holds open on Windows: look now and then as well.
 */
export const watchFile: WatchFile = (path, changed) => {
  let close: (() => unknown) | null = null;
  let stopped = false;
  void import('chokidar').then(({ watch }) => {
    if (stopped) return;
    const folder = dirname(path);
    const watcher = watch(folder, {
      depth: 0,
      ignoreInitial: true,
      // Each file that is not ignored costs a watch of its own.
      ignored: (name) => name !== folder && name !== path,
    });
    watcher.on('all', changed);
    watcher.on('error', () => {});
    close = () => watcher.close();
  });
  return () => {
    stopped = true;
    void close?.();
  };
};
