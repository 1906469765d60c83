import { toItem } from '../../graph/types.ts';
import { isObject, type Json, parseJson } from '../../json.ts';
import type { App } from '../app.ts';
import { empty, json, jsonText, type Reply, serverError } from '../reply.ts';
import type { Call, Route } from '../router.ts';

/** @throws when the body is no JSON object */
async function readObject({ body }: Call): Promise<Record<string, Json>> {
  const parsed = parseJson((await body()).toString('utf8'));
  if (!isObject(parsed)) throw new TypeError('the body is not an object');
  return parsed;
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

/** A whole number of the query; null when it is absent. @throws RangeError when it is no number */
function wholeNumber(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new RangeError(`${name} is not a whole number`);
  return Number(text);
}

function history({ queue }: App, { query }: Call): Reply {
  try {
    const maxItems = wholeNumber(query, 'max_items');
    const offset = wholeNumber(query, 'offset') ?? -1;
    const items = queue.historyItems({ maxItems, offset });
    return jsonText(`{${items.map(([id, item]) => `${JSON.stringify(id)}: ${item}`).join(', ')}}`);
  } catch {
    return serverError();
  }
}

function historyRoutes(app: App): Route[] {
  const { queue } = app;
  return [
    ['GET', '/history', (call) => history(app, call)],
    [
      'GET',
      '/history/{id}',
      ({ params: { id = '' } }) => {
        const item = queue.historyItem(id);
        return jsonText(item === undefined ? '{}' : `{${JSON.stringify(id)}: ${item}}`);
      },
    ],
    [
      'POST',
      '/history',
      async (call) => {
        const body = await readObject(call);
        if (body.clear) queue.clearHistory();
        queue.deleteHistory(listOf(body.delete));
        return empty();
      },
    ],
  ];
}

export function queueRoutes(app: App): Route[] {
  const { queue, worker, catalog } = app;
  return [
    [
      'GET',
      '/queue',
      () => json({ queue_running: queue.running.map(toItem), queue_pending: queue.pending.map(toItem) }),
    ],
    [
      'POST',
      '/queue',
      async (call) => {
        const body = await readObject(call);
        if (body.clear) queue.clearPending();
        queue.deletePending(listOf(body.delete));
        return empty();
      },
    ],
    [
      'POST',
      '/interrupt',
      async (call) => {
        const body = await readObject(call).catch((): Record<string, Json> => ({}));
        const { prompt_id: id } = body;
        worker.interrupt(catalog.profile.interruptById && typeof id === 'string' && id ? id : undefined);
        return empty();
      },
    ],
    [
      'POST',
      '/free',
      async (call) => {
        const body = await readObject(call);
        worker.free({
          unloadModels: body.unload_models === true,
          freeMemory: body.free_memory === true,
        });
        return empty();
      },
    ],
    ...historyRoutes(app),
  ];
}
