import { createLogger } from '../../core/logger.ts';
import type { PanelApp } from '../server/app.ts';
import { createPanelBridge } from '../server/bridge.ts';
import { assemblePanel } from '../server/panel.ts';
import { loadSettings } from '../server/settings.ts';

/** The panel's app from source, for a server that has its own pages. `port` is asked with each request. */
export async function startDevApp(port: () => number): Promise<PanelApp> {
  const env = process.env;
  const settings = await loadSettings({ env });
  const logger = createLogger({ name: 'panel', level: settings.logLevel });
  const bridge = createPanelBridge({ settings, env, logger, idleMs: 120_000 });
  const app = assemblePanel({ settings, bridge, logger, port });
  return {
    ...app,
    close() {
      app.close();
      void bridge.dispose();
    },
  };
}
