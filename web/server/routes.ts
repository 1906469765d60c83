import type { Exchange } from './context.ts';

/** A raw route: answers by itself, or throws an error with a code. */
export type Route = (exchange: Exchange) => void | Promise<void>;

/** What answers below one pattern. HEAD goes with GET. */
export interface RouteEntry {
  /** `/api/logs/{id}`; a last `{name...}` takes the rest of the path. Also the `route` label of the metrics. */
  readonly pattern: string;
  /** Handlers by method; `astro` for an endpoint below web/pages, which judges its methods itself. */
  readonly methods: Readonly<Record<string, Route>> | 'astro';
  /** Largest body in bytes; 64 KiB without it. */
  readonly bodyLimit?: number;
  /** A body has so long to come, in milliseconds; half a minute without it. */
  readonly bodyMs?: number;
  /** Answers without a token, and says nothing about the system. */
  readonly open?: boolean;
  /** Not for readers, though it changes nothing. */
  readonly operatorsOnly?: boolean;
}

export interface Found {
  readonly entry: RouteEntry;
  readonly params: Readonly<Record<string, string>>;
}

export type FindRoute = (path: string) => Found | null;

/** Looks paths up: a plain one in a table, the others pattern by pattern in the order given. */
export function createRouter(entries: readonly RouteEntry[]): FindRoute {
  const plain = new Map<string, Found>();
  const patterns: { readonly entry: RouteEntry; readonly shape: RegExp }[] = [];
  for (const entry of entries) {
    if (entry.pattern.includes('{')) patterns.push({ entry, shape: shapeOf(entry.pattern) });
    else plain.set(entry.pattern, { entry, params: {} });
  }
  return (path) => {
    const found = plain.get(path);
    if (found) return found;
    for (const { entry, shape } of patterns) {
      const match = shape.exec(path);
      if (match) return { entry, params: { ...match.groups } };
    }
    return null;
  };
}

function shapeOf(pattern: string): RegExp {
  const source = pattern
    .split(/(\{\w+(?:\.{3})?\})/)
    .map((piece) => {
      const [, name, rest] = /^\{(\w+)(\.{3})?\}$/.exec(piece) ?? [];
      if (name === undefined) return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return rest ? `(?<${name}>.*)` : `(?<${name}>[^/]+)`;
    })
    .join('');
  return new RegExp(`^${source}$`, 's');
}
