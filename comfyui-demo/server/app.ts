import type { Cues } from '../cues.ts';
import type { JobQueue } from '../graph/queue.ts';
import type { Worker } from '../graph/worker.ts';
import type { Log } from '../log.ts';
import type { Registry } from '../nodes/registry.ts';
import type { Catalog } from '../nodes/spec.ts';

/** What the routes work with. */
export interface App {
  catalog: Catalog;
  registry: Registry;
  queue: JobQueue;
  worker: Worker;
  cues: Cues;
  log: Log;
  argv: readonly string[];
  /** bytes */
  maxUpload: number;
  now: () => number;
}

/** What /features tells, or null when the version has no such thing. */
export const featuresOf = ({ catalog, maxUpload }: Pick<App, 'catalog' | 'maxUpload'>) => {
  const { features } = catalog.profile;
  if (!features) return null;
  const { supports_preview_metadata: previews, ...rest } = features;
  return { supports_preview_metadata: previews, max_upload_size: maxUpload, ...rest };
};
