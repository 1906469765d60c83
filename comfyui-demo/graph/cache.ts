import { createHash } from 'node:crypto';
import { toJson } from '../json.ts';
import type { Registry } from '../nodes/registry.ts';
import type { Catalog, Value } from '../nodes/spec.ts';
import { type Graph, isLink, type Shown } from './types.ts';

export interface CachedResult {
  values: readonly Value[];
  shown: Shown | null;
}

/**
 * Results of the last graph's nodes. A result counts for any node with the same class, the same values and
 * sources with the same signatures. What the present graph does not use is dropped when it starts, so the cache
 * never holds more than one graph.
 */
export class ResultCache {
  readonly #byNode: boolean;
  #results = new Map<string, CachedResult>();
  #keys = new Map<string, string>();

  constructor({ byNode }: { byNode: boolean }) {
    this.#byNode = byNode;
  }

  begin(graph: Graph, registry: Registry, catalog: Catalog): void {
    const signatures = signGraph(graph, registry, catalog);
    this.#keys = new Map(
      [...signatures].map(([id, signature]) => [id, this.#byNode ? `${id} ${signature}` : signature]),
    );
    const wanted = new Set(this.#keys.values());
    this.#results = new Map([...this.#results].filter(([key]) => wanted.has(key)));
  }

  get(id: string): CachedResult | undefined {
    const key = this.#keys.get(id);
    return key === undefined ? undefined : this.#results.get(key);
  }

  set(id: string, result: CachedResult): void {
    const key = this.#keys.get(id);
    if (key !== undefined) this.#results.set(key, result);
  }

  clear(): void {
    this.#results.clear();
  }
}

/** A signature for each node that has a known class; nodes in or behind a cycle get one that never recurs. */
export function signGraph(graph: Graph, registry: Registry, catalog: Catalog): Map<string, string> {
  const signatures = new Map<string, string>();
  const path = new Set<string>();
  const visit = (id: string): string => {
    const known = signatures.get(id);
    if (known !== undefined) return known;
    const node = Object.hasOwn(graph, id) ? graph[id] : undefined;
    if (!node || path.has(id)) return `missing ${id} ${Math.random()}`;
    path.add(id);
    const inputs = Object.entries(node.inputs ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) =>
        isLink(value) ? [name, 'link', visit(value[0]), value[1]] : [name, 'value', value],
      );
    path.delete(id);
    const mark = registry.get(node.class_type)?.fingerprint?.(node.inputs ?? {}, catalog) ?? '';
    const text = toJson([node.class_type, mark, inputs]);
    const signature = createHash('sha1').update(text).digest('base64');
    signatures.set(id, signature);
    return signature;
  };
  for (const id of Object.keys(graph)) visit(id);
  return signatures;
}
