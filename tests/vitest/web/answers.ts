import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { type ApiRoute, apiRoutes, problemSchema } from '../../../core/contract/api/index.ts';
import { createRouter } from '../../../web/server/routes.ts';

const find = createRouter(
  [...new Set(apiRoutes.map(({ path }) => path))].map((pattern) => ({ pattern, methods: {} })),
);

interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function routeOf(method: string, path: string): ApiRoute | undefined {
  const pattern = find(path.replace(/[?#].*$/, ''))?.entry.pattern;
  return apiRoutes.find(
    (each) => each.path === pattern && each.method === (method === 'HEAD' ? 'GET' : method),
  );
}

/** Why a value is not of the schema, a field that the schema does not have included; null when it is. */
function fault(schema: z.ZodType, value: unknown): string | null {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return parsed.error.message;
  return isDeepStrictEqual(parsed.data, value) ? null : 'it has fields that are not in the contract';
}

/**
 * Throws when an answer of the API is not as the contract says: a route or status that it does not know, or a body of
 * another shape. What is no route of the API is not judged.
 */
export function judgeAnswer(answered: Answered): void {
  const { method, path, status, type, text } = answered;
  const why = faultOfAnswer(answered);
  if (why !== null)
    throw new Error(
      `${method} ${path} answered ${status} ${type}, against its contract: ${why}: ${text.slice(0, 300)}`,
    );
}

function faultOfAnswer({ method, path, status, type, text }: Answered): string | null {
  const empty = method === 'HEAD';
  if (type.startsWith('application/problem+json'))
    return empty ? null : fault(problemSchema, text === '' ? null : JSON.parse(text));
  const route = routeOf(method, path);
  if (!route) return path.startsWith('/api/') ? 'it does not know this route' : null;
  const answer = route.answers[status];
  // What ComfyUI answers is its own.
  if (!answer && Object.values(route.answers).some((each) => each.type === '*/*')) return null;
  if (!answer) return 'the status is not among its answers';
  if (answer.schema) {
    if (!type.startsWith('application/json')) return 'its type is another';
    return empty ? null : fault(answer.schema, JSON.parse(text));
  }
  return answer.type && answer.type !== '*/*' && !type.startsWith(answer.type) ? 'its type is another' : null;
}

/** Why an event of the stream at a path is not as the contract says; null when it is. */
export function faultOfEvent({
  path,
  name,
  data,
}: {
  path: string;
  name: string;
  data: unknown;
}): string | null {
  const events = routeOf('GET', path)?.answers[200]?.events;
  if (!events) return `the contract has no events at ${path}`;
  const schema = Object.hasOwn(events, name) ? events[name] : undefined;
  if (!schema) return `the contract of ${path} has no event "${name}"`;
  const why = fault(schema, data);
  return why && `the event "${name}" of ${path} is against its contract: ${why}`;
}
