import node from '@astrojs/node';
import { defineConfig } from 'astro/config';
import { panelDev } from './web/dev/integration.ts';

export default defineConfig({
  srcDir: 'web',
  publicDir: 'web/public',
  outDir: 'dist',
  output: 'static',
  // Above the panel's own limit, so that its answer is the one that is given.
  adapter: node({ mode: 'middleware', bodySizeLimit: 131_072 }),
  session: false,
  // The panel's own guard checks Host and Origin, of pages and assets too.
  security: { checkOrigin: false },
  // The content security policy allows no inline script and no inline style.
  build: { inlineStylesheets: 'never' },
  vite: { build: { assetsInlineLimit: 0 } },
  devToolbar: { enabled: false },
  integrations: [panelDev()],
});
