import { join } from 'node:path';
import type { Logger } from '../../core/logger.ts';
import { statePaths } from '../../core/state/paths.ts';
import { createStatusSource } from '../../core/status/source.ts';
import { createHostList, urlHost } from './address.ts';
import { createApp, type PanelApp } from './app.ts';
import { createAstroRoutes } from './astroRoutes.ts';
import { createAuditLog } from './audit/log.ts';
import { createAuditPart } from './audit/part.ts';
import { createAuth } from './auth.ts';
import type { PanelBridge } from './bridge.ts';
import { createComfyPart } from './comfy/part.ts';
import { createDoctorPart } from './doctor/part.ts';
import { createIncidentsPart } from './history/incidents.ts';
import { createHistoryPart } from './history/part.ts';
import { createHostPart } from './host/part.ts';
import { createHostWatch } from './host/watch.ts';
import { createIdleMemory } from './idleMemory.ts';
import { listen } from './listen.ts';
import { createLogsPart } from './logs/part.ts';
import { createMetricsPart } from './metrics/part.ts';
import { createRecorder } from './metrics/recorder.ts';
import { createOpenApiPart } from './openapi.ts';
import type { RouteEntry } from './routes.ts';
import type { PanelSettings } from './settings.ts';
import { createStaticFiles } from './staticFiles.ts';
import { createWatchChannel } from './watchChannel.ts';

export interface Panel {
  /** Where it answers, for a person. */
  readonly address: string;
  readonly port: number;
  readonly boundTo: readonly string[];
  readonly routes: readonly RouteEntry[];
  /** Ends within a second, also with open streams. */
  close(): Promise<void>;
}

/** Routes by which programs look after the panel. */
const watching = new Set(['/api/health', '/api/metrics']);

/** How long others may take, in milliseconds. */
export interface Limits {
  readonly headersMs?: number;
  readonly bodyMs?: number;
  /** ComfyUI has so long to begin an answer, and may pause so long within it. */
  readonly comfyMs?: number;
}

export interface AssembledPanel extends PanelApp {
  /** After `close` and the last request: resolves when all that is to be kept is written. */
  written(): Promise<void>;
}

/** Everything but the sockets. */
export function assemblePanel({
  settings,
  bridge,
  logger,
  limits = {},
  port,
}: {
  settings: PanelSettings;
  bridge: PanelBridge;
  logger: Logger;
  limits?: Limits;
  /** The one it listens on, asked with each request. */
  port: () => number;
}): AssembledPanel {
  const { manifest, panel, root, selfId, tls, extraHosts, version } = settings;
  const startedAt = new Date().toISOString();
  const paths = statePaths(manifest.paths.data);
  const source = createStatusSource({
    manifest,
    paths,
    self: selfId === null ? null : { id: selfId, processId: process.pid, startedAt },
  });
  const host = createHostWatch({ orchestrator: version });
  const logs = createLogsPart({ manifest, secretValues: settings.secretValues, logger });
  const recorder = createRecorder();
  const audit = createAuditLog({ folder: join(manifest.paths.data, 'audit'), logger });
  const comfy = createComfyPart({
    manifest,
    source,
    called: recorder.comfyCall,
    ...(limits.comfyMs !== undefined && { timeoutMs: limits.comfyMs }),
  });
  const hosts = createHostList({ host: panel.host, secure: tls !== null, extra: extraHosts, port });
  const memory = createIdleMemory({ open: () => app.streams });
  const app: PanelApp = createApp({
    manifest,
    source,
    bridge,
    selfId,
    auth: createAuth(settings),
    hosts,
    secure: tls !== null,
    files: createStaticFiles(join(root, 'dist', 'client')),
    astro: createAstroRoutes(join(root, 'dist', 'server', 'entry.mjs')),
    logger,
    channels: [
      logs.channel,
      createWatchChannel({ name: 'host', watch: host }),
      createWatchChannel({ name: 'comfy', watch: comfy.watch }),
    ],
    parts: [
      comfy,
      createHistoryPart({ manifest, file: paths.history, logger }),
      createIncidentsPart({ manifest, paths }),
      createDoctorPart({ bridge }),
      createHostPart({ watch: host }),
      logs,
      createOpenApiPart({ version }),
      createAuditPart({ audit }),
      createMetricsPart({ recorder, source, comfy: comfy.watch, streams: () => app.streams, version }),
    ],
    ...(limits.bodyMs !== undefined && { bodyMs: limits.bodyMs }),
    answered(seen) {
      recorder.request(seen);
      // Probes and scrapes come all the time and leave nothing behind.
      if (!watching.has(seen.route)) memory.touched();
    },
    audited: (entry) => void audit.add(entry),
  });
  return {
    handle: app.handle,
    told: app.told,
    intercept: app.intercept,
    routes: app.routes,
    get streams() {
      return app.streams;
    },
    close() {
      app.close();
      source.close();
      memory.close();
    },
    async written() {
      await app.told();
      await audit.close();
    },
  };
}

/** Starts the panel. Throws ORC2002 when its port is taken. */
export async function startPanel({
  settings,
  bridge,
  logger,
  limits = {},
}: {
  settings: PanelSettings;
  bridge: PanelBridge;
  logger: Logger;
  limits?: Limits;
}): Promise<Panel> {
  const { panel, tls } = settings;
  let port = settings.port;
  const app = assemblePanel({ settings, bridge, logger, limits, port: () => port });
  const server = await listen({
    host: panel.host,
    port,
    tls,
    service: panel.displayName,
    ...(limits.headersMs !== undefined && { headersMs: limits.headersMs }),
    handler: (request, response) => void app.handle(request, response),
  });
  port = server.port;
  return {
    address: `${tls ? 'https' : 'http'}://${urlHost(panel.host)}:${port}`,
    port,
    boundTo: server.addresses,
    routes: app.routes,
    async close() {
      app.close();
      await server.close();
      await app.written();
    },
  };
}
