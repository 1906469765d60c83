import { apiRoutes, problemSchema } from '../../../core/contract/api/index.ts';
import { createRouter } from '../../../web/server/routes.ts';

const find = createRouter(
  [...new Set(apiRoutes.map(({ path }) => path))].map((pattern) => ({ pattern, methods: {} })),
);

/**
 * Throws when an answer of the API is not as the contract says: a status that it does not know, or a body of another
 * shape. What is no route of the API is not judged.
 */
export function judgeAnswer({
  method,
  path,
  status,
  type,
  text,
}: {
  method: string;
  path: string;
  status: number;
  type: string;
  text: string;
}): void {
  const wrong = (why: string) =>
    new Error(`${method} ${path} answered ${status}, against its contract: ${why}`);
  if (type.startsWith('application/problem+json')) {
    const parsed = problemSchema.safeParse(text === '' ? null : JSON.parse(text));
    if (method !== 'HEAD' && !parsed.success) throw wrong(parsed.error.message);
    return;
  }
  const pattern = find(path.replace(/[?#].*$/, ''))?.entry.pattern;
  const route = apiRoutes.find((each) => each.path === pattern && each.method === method);
  if (!route) return;
  const answer = route.answers[status];
  // What ComfyUI answers is its own.
  if (!answer && Object.values(route.answers).some((each) => each.type === '*/*')) return;
  if (!answer) throw wrong('the status is not among its answers');
  if (answer.schema) {
    const parsed = answer.schema.safeParse(JSON.parse(text));
    if (!parsed.success) throw wrong(parsed.error.message);
  } else if (answer.type && answer.type !== '*/*' && !type.startsWith(answer.type)) {
    throw wrong(`its type is ${type}`);
  }
}
