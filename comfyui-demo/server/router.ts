import type { IncomingMessage } from 'node:http';
import { notFound, type Reply, text } from './reply.ts';

export interface Call {
  request: IncomingMessage;
  query: URLSearchParams;
  params: Readonly<Record<string, string>>;
  /** reads the whole body. @throws TooLarge */
  body: () => Promise<Buffer>;
}

export type Handler = (call: Call) => Reply | Promise<Reply>;
export type Method = 'GET' | 'POST' | 'PATCH';
/** A path may hold `{name}` for one segment and `{name+}` for the rest. */
export type Route = readonly [method: Method, path: string, handler: Handler];

interface Compiled {
  method: Method;
  pattern: RegExp;
  handler: Handler;
}

function compile([method, path, handler]: Route): Compiled {
  const pattern = path.replace(/\{(\w+)(\+?)\}/g, (_all, name: string, rest: string) =>
    rest ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`,
  );
  return { method, pattern: new RegExp(`^${pattern}$`), handler };
}

/** Each route is served twice: as it is and below /api. */
export const withTwins = (routes: readonly Route[]): Route[] =>
  routes.flatMap(([method, path, handler]) => [
    [method, path, handler] as const,
    [method, `/api${path}`, handler] as const,
  ]);

export class Router {
  readonly #routes: readonly Compiled[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map(compile);
  }

  /** The handler for a request, bound to its parameters. */
  find(method: string, path: string): (call: Omit<Call, 'params'>) => Reply | Promise<Reply> {
    const matching = this.#routes.flatMap((route) => {
      const match = route.pattern.exec(path);
      return match ? [{ ...route, params: decodeParams(match.groups) }] : [];
    });
    if (matching.length === 0) return notFound;
    const asked = method === 'HEAD' ? 'GET' : method;
    const found = matching.find((route) => route.method === asked);
    if (found) return (call) => found.handler({ ...call, params: found.params });
    const allow = [
      ...new Set(matching.flatMap((route) => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]))),
    ];
    return () => {
      const reply = text('405: Method Not Allowed', 405);
      return { ...reply, headers: { ...reply.headers, Allow: allow.sort().join(',') } };
    };
  }
}

const decodeParams = (groups: Record<string, string> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(groups ?? {}).map(([name, value]) => [name, decode(value)]));

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
