import type { Language } from '../contract/errors.ts';
import type { Manifest } from '../contract/manifest.ts';
import type { StatePaths } from '../state/paths.ts';
import { type IsAlive, isProcessAlive } from './alive.ts';
import { composeStatus } from './compose.ts';
import { observe } from './observation.ts';
import type { Self } from './observedState.ts';
import type { SystemStatus } from './picture.ts';

/** The picture as the state files and the processes give it now. Never throws. */
export async function readSystemStatus({
  manifest,
  paths,
  now = Date.now(),
  isAlive = isProcessAlive,
  self = null,
  language = 'en',
}: {
  manifest: Manifest;
  paths: StatePaths;
  now?: number;
  isAlive?: IsAlive;
  self?: Self | null;
  language?: Language;
}): Promise<SystemStatus> {
  const observation = await observe({ manifest, paths });
  return composeStatus({ manifest, observation, now, isAlive, self, language });
}
