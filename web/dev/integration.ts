import type { AstroIntegration } from 'astro';

export function panelDev(): AstroIntegration {
  return { name: 'orchestrator-panel-dev', hooks: {} };
}
