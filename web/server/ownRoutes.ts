import type { StatusSource } from '../../core/status/source.ts';
import type { EventStream } from './events.ts';
import { sendJson } from './respond.ts';
import type { Route, RouteEntry } from './routes.ts';
import type { SystemHandlers } from './system.ts';

/** The routes that every panel has; its parts bring the others. */
export function ownRoutes({
  source,
  events,
  system,
  signIn,
  signOut,
}: {
  source: StatusSource;
  events: EventStream;
  system: SystemHandlers;
  signIn: Route;
  signOut: Route;
}): readonly RouteEntry[] {
  return [
    {
      pattern: '/api/health',
      open: true,
      methods: { GET: ({ response }) => sendJson(response, '{"status":"ok"}') },
    },
    {
      pattern: '/api/status',
      methods: {
        GET: async ({ response, language }) => sendJson(response, (await source.current()).json(language)),
      },
    },
    { pattern: '/api/events', methods: { GET: (exchange) => events.open(exchange) } },
    { pattern: '/sign-in', open: true, methods: { POST: signIn } },
    // Readers sign out too, and nobody needs to be somebody to give a cookie back.
    { pattern: '/sign-out', open: true, methods: { POST: signOut } },
    { pattern: '/api/system/ignite', methods: 'astro' },
    {
      // Asked by scripts again and again: it must not wait for Astro, nor load it.
      pattern: '/api/system/{id}/status',
      methods: {
        GET: async ({ response, language, params }) =>
          sendJson(response, JSON.stringify(await system.status(params['id'] ?? '', language))),
      },
    },
    { pattern: '/api/system/{id}/{action}', methods: 'astro' },
  ];
}
