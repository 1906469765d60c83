import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Cues } from './cues.ts';
import { JobQueue } from './graph/queue.ts';
import type { RunSettings } from './graph/run.ts';
import { Worker } from './graph/worker.ts';
import { Log } from './log.ts';
import { DEMO_MODELS } from './nodes/models.ts';
import { createRegistry } from './nodes/registry.ts';
import type { Options } from './options.ts';
import { type App, featuresOf } from './server/app.ts';
import { createHttpServer } from './server/http.ts';
import { Hub } from './server/hub.ts';
import { createRouter } from './server/routes/index.ts';
import { Folders } from './storage/folders.ts';
import { profileOf } from './versions/index.ts';

export interface Program {
  log: Log;
  folders: Folders;
  /** one server for each address listened on */
  createServer: () => Server;
  /** ends when the program stops */
  work: () => Promise<void>;
  closeSockets: () => void;
}

const pickSettings = ({ stepMs, previews, embedMetadata }: Options): RunSettings => ({
  stepMs,
  previews,
  embedMetadata,
});

/** Puts the parts together. */
export function compose(options: Options, argv: readonly string[], stopping: AbortSignal): Program {
  const profile = profileOf(options.version);
  const log = new Log({ stream: options.logToStdout ? process.stdout : process.stderr });
  const folders = new Folders(options.folders);
  const catalog = { profile, folders, models: options.models ? DEMO_MODELS : {} };
  const registry = createRegistry(options);
  const cues = new Cues(options.cues, { exit: (code) => process.exit(code) });
  const queue = new JobQueue({
    onChange: () => hub.broadcastStatus(),
    keepStatus: profile.execution.status,
  });
  const features = () => featuresOf({ catalog, maxUpload: options.maxUpload });
  const hub = new Hub({ profile, features, remaining: () => queue.remaining });
  const worker = new Worker(queue, {
    registry,
    catalog,
    hub,
    cues,
    settings: pickSettings(options),
    now: Date.now,
    sleep: (ms) => wait(ms, undefined, { signal: stopping }),
    log: log.line,
    bar: log.bar,
  });
  const app: App = {
    ...{ catalog, registry, queue, worker, cues, log, argv },
    maxUpload: options.maxUpload,
    now: Date.now,
  };
  const router = createRouter(app);
  const http = {
    ...{ router, hub, cues, profile },
    maxBody: options.maxUpload,
    corsOrigin: options.corsOrigin,
    contentPolicy: profile.contentPolicy && options.disableApiNodes,
    log: log.line,
  };
  return {
    log,
    folders,
    createServer: () => createHttpServer(http),
    work: () =>
      worker.work().catch((error: unknown) => {
        if (!stopping.aborted) throw error;
      }),
    closeSockets: () => hub.closeAll(),
  };
}
