import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { root } from './root.mjs';

/** Where the state of the manifest in force lies. Good enough for a look; the module judges the manifest. */
export function dataFolder() {
  const manifest = process.env.ORCHESTRATOR_MANIFEST ?? join(root, 'deploy', 'local', 'orchestrator.json');
  try {
    return resolve(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).paths.data);
  } catch {
    return join(root, '.orchestrator');
  }
}

export function isInstalled() {
  return existsSync(join(dataFolder(), 'orchestrator.json'));
}
