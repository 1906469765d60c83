import type { Hub } from '../server/hub.ts';
import type { Profile } from '../versions/profile.ts';
import type { ProgressBook } from './progress.ts';
import type { Job, Shown } from './types.ts';

export type Message = readonly [type: string, data: Record<string, unknown>];

/** Tells a job's client what happens to it, in the words of the version, and keeps what the history tells. */
export class Announcer {
  /** whose job it is; null when nobody is to be told */
  readonly client: string | null;
  readonly messages: Message[] = [];
  readonly #id: string;
  readonly #hub: Hub;
  readonly #now: () => number;
  readonly #profile: Profile['execution'];

  constructor(job: Job, options: { hub: Hub; now: () => number; profile: Profile['execution'] }) {
    const { client_id: client } = job.extra;
    this.client = typeof client === 'string' ? client : null;
    this.#id = job.id;
    this.#hub = options.hub;
    this.#now = options.now;
    this.#profile = options.profile;
    this.#hub.follow(this.client);
  }

  /** A message that the history keeps too; without a client it is sent only if it is meant for all. */
  tell(type: string, data: Record<string, unknown>, { toAll = false } = {}): void {
    const stamped = this.#profile.timestamps ? { ...data, timestamp: this.#now() } : data;
    this.messages.push([type, stamped]);
    if (this.client !== null || toAll) this.#hub.send(type, stamped, this.client);
  }

  executing(node: string): void {
    this.#hub.lastNode = node;
    if (this.client === null) return;
    this.#hub.send('executing', { node, ...this.#display(node), prompt_id: this.#id }, this.client);
  }

  executed(node: string, output: Shown | null): void {
    if (this.client === null) return;
    this.#hub.send('executed', { node, ...this.#display(node), output, prompt_id: this.#id }, this.client);
  }

  /** Goes to all when there is no client, as does the progress of a node. */
  progressState(book: ProgressBook): void {
    if (this.#profile.progressState) this.#hub.send('progress_state', book.toMessage(), this.client);
  }

  progress(node: string, value: number, max: number): void {
    const naming = this.#profile.progressNamesNode ? { prompt_id: this.#id, node } : {};
    this.#hub.send('progress', { value, max, ...naming }, this.client);
  }

  #display(node: string): Record<string, string> {
    return this.#profile.displayNode ? { display_node: node } : {};
  }
}
