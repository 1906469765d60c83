import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { startDemo } from '../comfyui-demo/demo-server.ts';
import { type PanelUnderTest, startTestPanel } from './panelUnderTest.ts';

type Options = Parameters<typeof startTestPanel>[0];

/** A panel whose ComfyUI listens on this port. */
export function panelWithComfy(comfyPort: number, options: Options = {}): Promise<PanelUnderTest> {
  return startTestPanel({
    ...options,
    change: (manifest) => ({
      ...manifest,
      services: manifest.services.map((service) =>
        service.id === 'comfyui' ? { ...service, port: comfyPort } : service,
      ),
    }),
  });
}

/** A panel in front of a real demo ComfyUI. */
export async function panelWithDemo(args: readonly string[] = [], options: Options = {}) {
  const demo = await startDemo(args);
  onTestFinished(() => demo.stop());
  return { ...(await panelWithComfy(demo.port, options)), demo };
}

/** A panel in front of a ComfyUI that does what the test says. */
export async function panelWithUpstream(listener: RequestListener, options: Options = {}) {
  const server = createServer(listener);
  const port = await listenAnywhere(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ...(await panelWithComfy(port, options)), upstream: server, upstreamPort: port };
}

function listenAnywhere(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
