import { join } from 'node:path';
import type { Logger } from '../../core/logger.ts';
import { statePaths } from '../../core/state/paths.ts';
import { createStatusSource } from '../../core/status/source.ts';
import { allowedHosts, urlHost } from './address.ts';
import { createApp } from './app.ts';
import { createAstroRoutes } from './astroRoutes.ts';
import { createAuth } from './auth.ts';
import type { PanelBridge } from './bridge.ts';
import { listen } from './listen.ts';
import type { PanelSettings } from './settings.ts';
import { createStaticFiles } from './staticFiles.ts';

export interface Panel {
  /** Where it answers, for a person. */
  readonly address: string;
  readonly port: number;
  readonly boundTo: readonly string[];
  /** Ends within a second, also with open streams. */
  close(): Promise<void>;
}

/** Starts the panel. Throws ORC2002 when its port is taken. */
export async function startPanel({
  settings,
  bridge,
  logger,
}: {
  settings: PanelSettings;
  bridge: PanelBridge;
  logger: Logger;
}): Promise<Panel> {
  const { manifest, panel, root, selfId, tls } = settings;
  const startedAt = new Date().toISOString();
  const source = createStatusSource({
    manifest,
    paths: statePaths(manifest.paths.data),
    self: selfId === null ? null : { id: selfId, processId: process.pid, startedAt },
  });
  let hosts: ReadonlySet<string> = new Set();
  const app = createApp({
    manifest,
    source,
    bridge,
    selfId,
    auth: createAuth(settings),
    hosts: () => hosts,
    secure: tls !== null,
    files: createStaticFiles(join(root, 'dist', 'client')),
    astro: createAstroRoutes(join(root, 'dist', 'server', 'entry.mjs')),
    logger,
  });
  const server = await listen({
    host: panel.host,
    port: settings.port,
    tls,
    service: panel.displayName,
    handler: (request, response) => void app.handle(request, response),
  });
  hosts = allowedHosts({
    host: panel.host,
    port: server.port,
    secure: tls !== null,
    extra: settings.extraHosts,
  });
  return {
    address: `${tls ? 'https' : 'http'}://${urlHost(panel.host)}:${server.port}`,
    port: server.port,
    boundTo: server.addresses,
    async close() {
      app.close();
      await server.close();
      source.close();
    },
  };
}
