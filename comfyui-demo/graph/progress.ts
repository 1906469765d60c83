import { PyFloat } from '../json.ts';

type State = 'running' | 'finished' | 'error';
interface Entry {
  value: number | PyFloat;
  max: number | PyFloat;
  state: State;
}

/** The states of a job's nodes as `progress_state` tells them, in the order in which they began. */
export class ProgressBook {
  readonly #promptId: string;
  readonly #entries = new Map<string, Entry>();

  constructor(promptId: string) {
    this.#promptId = promptId;
  }

  start(id: string): void {
    this.#entries.set(id, { value: new PyFloat(0), max: new PyFloat(1), state: 'running' });
  }

  update(id: string, value: number, max: number): void {
    this.#entries.set(id, { value, max, state: 'running' });
  }

  finish(id: string): void {
    const max = this.#entries.get(id)?.max ?? 1;
    this.#entries.set(id, { value: max, max, state: 'finished' });
  }

  toMessage(): Record<string, unknown> {
    const nodes = [...this.#entries].map(([id, entry]) => [
      id,
      { ...entry, ...identify(this.#promptId, id) },
    ]);
    return { prompt_id: this.#promptId, nodes: Object.fromEntries(nodes) };
  }
}

const identify = (promptId: string, id: string): Record<string, unknown> => ({
  node_id: id,
  prompt_id: promptId,
  display_node_id: id,
  parent_node_id: null,
  real_node_id: id,
});

/** What goes before a preview in a binary frame that names its node. */
export const previewMetadata = (promptId: string, id: string): Record<string, unknown> => ({
  ...identify(promptId, id),
  image_type: 'image/jpeg',
});
