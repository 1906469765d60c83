import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The manifest in force: ORCHESTRATOR_MANIFEST, else the installed copy below `.orchestrator`, else the one of this
 * kind of system. Absolute when `root` is. Whether the file exists is for its reader to say.
 * Resolve-OrchestratorManifestPath is the twin.
 */
export function resolveManifestPath({
  env,
  root,
  platform = process.platform,
  exists = existsSync,
}: {
  env: Readonly<Record<string, string | undefined>>;
  root: string;
  platform?: NodeJS.Platform;
  exists?: (path: string) => boolean;
}): string {
  const given = env.ORCHESTRATOR_MANIFEST;
  if (given) return resolve(given);
  const installed = join(root, '.orchestrator', 'orchestrator.json');
  if (exists(installed)) return installed;
  return join(root, 'deploy', platform === 'win32' ? 'windows' : 'local', 'orchestrator.json');
}
