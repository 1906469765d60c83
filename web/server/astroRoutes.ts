import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathToFileURL } from 'node:url';
import { OrchestratorError } from '../../core/contract/errors.ts';

type AstroHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
  locals: object,
) => Promise<void>;

export interface AstroRoutes {
  /** False when Astro has no endpoint for this address. */
  handle(request: IncomingMessage, response: ServerResponse, locals: App.Locals): Promise<boolean>;
}

/** Astro's endpoints, loaded with the first request that needs one: pages and status must not wait for them. */
export function createAstroRoutes(entryFile: string): AstroRoutes {
  let loading: Promise<AstroHandler> | null = null;

  async function load(): Promise<AstroHandler> {
    if (!existsSync(entryFile)) throw new OrchestratorError('ORC2014', { part: 'panel', file: entryFile });
    const entry: { handler: AstroHandler } = await import(pathToFileURL(entryFile).href);
    return entry.handler;
  }

  return {
    async handle(request, response, locals) {
      loading ??= load();
      const handler = await loading.catch((error: unknown) => {
        loading = null;
        throw error;
      });
      let passed = false;
      let fault: unknown;
      await handler(
        request,
        response,
        (error) => {
          passed = true;
          fault = error;
        },
        locals,
      );
      if (fault !== undefined) throw fault;
      return !passed;
    },
  };
}
