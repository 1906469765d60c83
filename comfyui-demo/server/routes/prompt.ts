import { randomUUID } from 'node:crypto';
import { PyError, repr, str, toBool, toFloat } from '../../graph/python.ts';
import type { Job } from '../../graph/types.ts';
import { type PromptError, validateGraph } from '../../graph/validate.ts';
import { isObject, type Json, parseJson } from '../../json.ts';
import type { App } from '../app.ts';
import { json, type Reply } from '../reply.ts';
import type { Route } from '../router.ts';

type Body = Record<string, Json>;
/** Kept from the queue's and the history's view. */
const SENSITIVE = ['auth_token_comfy_org', 'api_key_comfy_org'];

/** The body as an object; a list has no keys, anything else raises as Python's `in` would. @throws PyError */
function asBody(parsed: Json): Body {
  if (isObject(parsed)) return parsed;
  if (Array.isArray(parsed)) return {};
  if (typeof parsed === 'string' && !parsed.includes('prompt')) return {};
  throw new PyError('TypeError', 'the body is not an object');
}

function noPrompt({ catalog }: App): Reply {
  if (catalog.profile.plainNoPrompt) return json({ error: 'no prompt', node_errors: [] }, 400);
  const error = {
    type: 'no_prompt',
    message: 'No prompt provided',
    details: 'No prompt provided',
    extra_info: {},
  };
  return json({ error, node_errors: {} }, 400);
}

/** Submissions are counted, refused ones too: the count is the number of one that names none. */
class Counter {
  #count = 0;
  numberFor(body: Body): number {
    if (Object.hasOwn(body, 'number')) return toFloat(body.number ?? null);
    const number = toBool(body.front ?? false) ? -this.#count : this.#count;
    this.#count += 1;
    return number;
  }
}

function extraOf(body: Body, { catalog, now }: App): Job['extra'] {
  const given = isObject(body.extra_data) ? body.extra_data : {};
  const extra: Record<string, Json> = Object.fromEntries(
    Object.entries(given).filter(([key]) => !SENSITIVE.includes(key)),
  );
  if (Object.hasOwn(body, 'client_id')) extra.client_id = body.client_id ?? null;
  if (catalog.profile.createTime) extra.create_time = now();
  return extra;
}

const targetsOf = (body: Body): string[] | null => {
  const targets = body.partial_execution_targets;
  return Array.isArray(targets) ? targets.map(str) : null;
};

function refuse(error: PromptError, nodeErrors: Record<string, unknown>, { catalog, log }: App): Reply {
  log.line(`invalid prompt: ${repr(error)}`);
  const none = Object.keys(nodeErrors).length === 0 && catalog.profile.emptyNodeErrors === 'array';
  return json({ error, node_errors: none ? [] : nodeErrors }, 400);
}

function submit(body: Body, number: number, app: App): Reply {
  const { registry, catalog, queue, log } = app;
  if (!Object.hasOwn(body, 'prompt')) return noPrompt(app);
  const { clientChoices } = catalog.profile;
  const targets = clientChoices ? targetsOf(body) : null;
  const validation = validateGraph(body.prompt ?? null, { registry, catalog, targets, log: log.line });
  if (!validation.ok) return refuse(validation.error, validation.nodeErrors, app);
  const { graph, outputs, nodeErrors } = validation;
  const id = clientChoices && Object.hasOwn(body, 'prompt_id') ? str(body.prompt_id) : randomUUID();
  queue.put({ number, id, graph, extra: extraOf(body, app), outputs });
  return json({ prompt_id: id, number, node_errors: nodeErrors });
}

export function promptRoutes(app: App): Route[] {
  const counter = new Counter();
  return [
    ['GET', '/prompt', () => json({ exec_info: { queue_remaining: app.queue.remaining } })],
    [
      'POST',
      '/prompt',
      async ({ body }) => {
        app.log.line('got prompt');
        const parsed = asBody(parseJson((await body()).toString('utf8')));
        return submit(parsed, counter.numberFor(parsed), app);
      },
    ],
  ];
}
