import type { Part } from './app.ts';
import { sendJson } from './respond.ts';

/** `GET /api/openapi.json`. Few ask for it, so it is made with the first question. */
export function createOpenApiPart({ version }: { version: string }): Part {
  let made: Promise<string> | null = null;
  return {
    routes: [
      {
        pattern: '/api/openapi.json',
        methods: {
          GET: async ({ response }) => {
            made ??= import('../../core/contract/api/openapi.ts').then(({ openApi }) =>
              JSON.stringify(openApi({ version })),
            );
            sendJson(response, await made);
          },
        },
      },
    ],
  };
}
