import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AstroIntegration } from 'astro';
import type { PanelApp } from '../server/app.ts';
import { chooseLanguage } from '../server/language.ts';

/** Where Astro's server looks for what an endpoint gets as `locals`. */
const localsKey = Symbol.for('astro.locals');

/**
 * Puts the panel's guard and raw routes before Astro's own in `astro dev`, on the panel's address of the manifest, and
 * gives the endpoints their `locals`. The content security policy is left out: Vite works with inline scripts.
 */
export function panelDev(): AstroIntegration {
  return {
    name: 'orchestrator-panel-dev',
    hooks: {
      'astro:config:setup': async ({ command, updateConfig }) => {
        if (command !== 'dev') return;
        const { loadSettings } = await import('../server/settings.ts');
        const { panel, port } = await loadSettings({ env: process.env });
        updateConfig({ server: { host: panel.host, port }, vite: { server: { strictPort: true } } });
      },
      'astro:server:setup': async ({ server, logger }) => {
        const { startDevApp } = await import('./app.ts');
        const app = await startDevApp(() => {
          const address = server.httpServer?.address();
          return address && typeof address === 'object' ? address.port : 0;
        });
        server.httpServer?.once('close', () => void app.close());
        server.middlewares.use('/scripts', (request, response, next) => {
          sendScript(request, response).then((done) => done || next(), next);
        });
        server.middlewares.use((request, response, next) => {
          handle(app, request, response).then((done) => done || next(), next);
        });
        logger.info('guard, events and API of the panel are in place');
      },
    },
  };
}

/** The scripts of the pages, bundled anew with each request as the build does it. */
async function sendScript({ url = '' }: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const { bundlePageScripts } = await import('./pageScripts.ts');
  const { scripts } = await bundlePageScripts();
  const found = scripts.find(({ name }) => `/${name}` === url.replace(/\?.*$/, ''));
  if (!found) return false;
  response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
  response.end(found.code);
  return true;
}

/** True when the request is answered. */
async function handle(app: PanelApp, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const panel = await app.intercept(request, response);
  if (!panel) return true;
  response.removeHeader('Content-Security-Policy');
  Reflect.set(request, localsKey, { panel });
  request.url = pageUrl(request);
  return false;
}

/** Pages lie below /en/ and /ru/, as the panel's own server knows. */
function pageUrl({ url = '/', headers }: IncomingMessage): string {
  const isPage =
    (headers.accept ?? '').includes('text/html') && /^\/(?!en\/|ru\/|@|api\/)[\w-]*\/?(\?|$)/.test(url);
  if (!isPage) return url;
  const language = chooseLanguage({ cookie: headers.cookie, acceptLanguage: headers['accept-language'] });
  return `/${language}${url}`;
}
