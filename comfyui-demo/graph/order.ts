import type { Registry } from '../nodes/registry.ts';
import { type Graph, isLink } from './types.ts';

/** Ids of the nodes that a node's inputs link to. */
export const sourcesOf = (graph: Graph, id: string): string[] =>
  Object.values(graph[id]?.inputs ?? {})
    .filter(isLink)
    .map(([source]) => source);

/**
 * Which node runs next. Nodes wait for the nodes they link to; a finished node (or a cached one) is not waited
 * for. Among the ready ones an output node goes first, then what an output node waits for, so that pictures
 * appear as early as they can.
 */
export class RunOrder {
  readonly #graph: Graph;
  readonly #registry: Registry;
  readonly #isCached: (id: string) => boolean;
  readonly #waitingFor = new Map<string, Set<string>>();
  readonly #feeds = new Map<string, Set<string>>();

  constructor(options: { graph: Graph; registry: Registry; isCached: (id: string) => boolean }) {
    this.#graph = options.graph;
    this.#registry = options.registry;
    this.#isCached = options.isCached;
  }

  add(output: string): void {
    const stack = [output];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (this.#waitingFor.has(id)) continue;
      const sources = new Set(sourcesOf(this.#graph, id).filter((source) => !this.#isCached(source)));
      this.#waitingFor.set(id, sources);
      for (const source of sources) {
        const fed = this.#feeds.get(source) ?? new Set();
        this.#feeds.set(source, fed.add(id));
        stack.push(source);
      }
    }
  }

  /** The next node; undefined when all are done. @throws when the rest wait for each other */
  next(): string | undefined {
    if (this.#waitingFor.size === 0) return undefined;
    const ready = [...this.#waitingFor].filter(([, sources]) => sources.size === 0).map(([id]) => id);
    const [first] = ready;
    if (first === undefined) throw new Error('Dependency cycle detected');
    return (
      ready.find((id) => this.#leadsToOutput(id, 0)) ??
      ready.find((id) => this.#leadsToOutput(id, 1)) ??
      ready.find((id) => this.#leadsToOutput(id, 2)) ??
      first
    );
  }

  done(id: string): void {
    this.#waitingFor.delete(id);
    for (const fed of this.#feeds.get(id) ?? []) this.#waitingFor.get(fed)?.delete(id);
  }

  #leadsToOutput(id: string, steps: number): boolean {
    if (steps === 0) return this.#registry.get(this.#graph[id]?.class_type ?? '')?.outputNode === true;
    return [...(this.#feeds.get(id) ?? [])].some((fed) => this.#leadsToOutput(fed, steps - 1));
  }
}
