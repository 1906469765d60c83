import type { Part } from '../app.ts';
import { sendJson } from '../respond.ts';
import type { HostWatch } from './watch.ts';

/** `GET /api/host`: facts of the machine. */
export function createHostPart({ watch }: { watch: HostWatch }): Part {
  return {
    routes: [
      {
        pattern: '/api/host',
        methods: { GET: ({ response }) => sendJson(response, JSON.stringify(watch.current())) },
      },
    ],
    close: () => watch.close(),
  };
}
