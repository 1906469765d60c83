import { latencyQuerySchema, spans, uptimeQuerySchema } from '../../../core/contract/history.ts';
import type { Manifest } from '../../../core/contract/manifest.ts';
import type { Logger } from '../../../core/logger.ts';
import { findService } from '../../../core/manifest/findService.ts';
import type { Part } from '../app.ts';
import { readQuery } from '../query.ts';
import { sendJson } from '../respond.ts';

/** `GET /api/history` and `GET /api/history/{id}`: what the guardian saw over time, from its history.db. */
export function createHistoryPart({
  manifest,
  file,
  logger,
  clock = Date.now,
}: {
  manifest: Manifest;
  /** history.db */
  file: string;
  logger: Logger;
  clock?: () => number;
}): Part {
  const ids = manifest.services.map(({ id }) => id);
  const answers = new Map<string, { readonly until: number; readonly json: string }>();

  /** The longer the span, the dearer the question and the less a few more seconds change its answer. */
  async function cached(key: string, spanMs: number, make: () => Promise<object>): Promise<string> {
    const now = clock();
    const known = answers.get(key);
    if (known && now < known.until) return known.json;
    const json = JSON.stringify(await make());
    for (const [each, { until }] of answers) if (until <= now) answers.delete(each);
    answers.set(key, { until: now + Math.min(60_000, spanMs / 10_000), json });
    return json;
  }

  return {
    routes: [
      {
        pattern: '/api/history',
        methods: {
          GET: async (exchange) => {
            const { span, parts } = readQuery(exchange, uptimeQuerySchema);
            const json = await cached(`${span} ${parts}`, spans[span], () =>
              withHistory(({ uptimeReport }, history) =>
                uptimeReport({ history, services: ids, span, parts, now: clock() }),
              ),
            );
            sendJson(exchange.response, json);
          },
        },
      },
      {
        pattern: '/api/history/{id}',
        methods: {
          GET: async (exchange) => {
            const { id } = findService(manifest, exchange.params['id'] ?? '');
            const { span } = readQuery(exchange, latencyQuerySchema);
            const json = await cached(`${id} ${span}`, spans[span], () =>
              withHistory(({ latencyReport }, history) => latencyReport({ history, id, span, now: clock() })),
            );
            sendJson(exchange.response, json);
          },
        },
      },
    ],
  };

  /** Opened for one question only: an open database could not be moved aside on Windows when it is damaged. */
  async function withHistory<T>(
    ask: (
      reports: typeof import('./reports.ts'),
      history: import('../../../core/history/history.ts').History | null,
    ) => T,
  ): Promise<T> {
    const [reports, { openHistory }] = await Promise.all([
      import('./reports.ts'),
      import('../../../core/history/history.ts'),
    ]);
    let history = null;
    try {
      history = openHistory({ path: file, readOnly: true });
      return ask(reports, history);
    } catch (error) {
      logger.debug({ err: error }, 'history.db cannot be read');
      return ask(reports, null);
    } finally {
      history?.close();
    }
  }
}
