import { toJson } from '../json.ts';
import type { RunResult } from './run.ts';
import { type Job, toItem } from './types.ts';

/** As many as the real servers keep. */
const MAX_HISTORY = 10_000;

/** Jobs that wait, the one that runs, and what became of the others. Finished ones are kept as JSON text. */
export class JobQueue {
  readonly #onChange: () => void;
  readonly #keepStatus: boolean;
  readonly #history = new Map<string, string>();
  #pending: Job[] = [];
  #running: Job | null = null;
  #wake: (() => void) | null = null;

  constructor({ onChange, keepStatus }: { onChange: () => void; keepStatus: boolean }) {
    this.#onChange = onChange;
    this.#keepStatus = keepStatus;
  }

  get remaining(): number {
    return this.#pending.length + (this.#running ? 1 : 0);
  }
  get running(): readonly Job[] {
    return this.#running ? [this.#running] : [];
  }
  get pending(): readonly Job[] {
    return this.#pending;
  }

  knows(id: string): boolean {
    return this.#history.has(id) || [...this.running, ...this.#pending].some((job) => job.id === id);
  }

  /** Lower numbers run earlier; equal ones in the order of arrival. */
  put(job: Job): void {
    const at = this.#pending.findIndex(({ number }) => number > job.number);
    this.#pending.splice(at === -1 ? this.#pending.length : at, 0, job);
    this.#onChange();
    this.#wake?.();
  }

  /** Waits for a job and makes it the running one. */
  async take(): Promise<Job> {
    for (;;) {
      const job = this.#pending.shift();
      if (job) {
        this.#running = job;
        this.#onChange();
        return job;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  finish(job: Job, { success, outputs, meta, messages }: RunResult): void {
    this.#running = null;
    const status = { status_str: success ? 'success' : 'error', completed: success, messages };
    const item = { prompt: toItem(job), outputs, ...(this.#keepStatus && { status, meta }) };
    this.#history.set(job.id, toJson(item));
    const [oldest] = this.#history.keys();
    if (this.#history.size > MAX_HISTORY && oldest !== undefined) this.#history.delete(oldest);
    this.#onChange();
  }

  clearPending(): void {
    this.#pending = [];
    this.#onChange();
  }

  deletePending(ids: readonly unknown[]): void {
    for (const id of ids) {
      const before = this.#pending.length;
      this.#pending = this.#pending.filter((job) => job.id !== id);
      if (this.#pending.length !== before) this.#onChange();
    }
  }

  clearHistory(): void {
    this.#history.clear();
  }

  deleteHistory(ids: readonly unknown[]): void {
    for (const id of ids) if (typeof id === 'string') this.#history.delete(id);
  }

  /** JSON text of one item; undefined when there is none */
  historyItem(id: string): string | undefined {
    return this.#history.get(id);
  }

  /** JSON text by id, oldest first. Without an offset the newest `maxItems` are meant. */
  historyItems({ maxItems = null, offset = -1 }: { maxItems?: number | null; offset?: number } = {}) {
    const all = [...this.#history];
    const from = offset < 0 ? (maxItems === null ? 0 : Math.max(0, all.length - maxItems)) : offset;
    if (maxItems === null) return all.slice(from);
    return all.slice(from, from + Math.max(1, maxItems));
  }
}
