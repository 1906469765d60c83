import { ResultCache } from './cache.ts';
import type { JobQueue } from './queue.ts';
import { JobRun, type RunOptions, type RunResult } from './run.ts';

export interface FreeRequest {
  unloadModels: boolean;
  freeMemory: boolean;
}

const TEN_MINUTES = 600;

/** "3.21 seconds", or "00:12:03" past ten minutes. */
export function durationText(seconds: number): string {
  if (seconds <= TEN_MINUTES) return `${seconds.toFixed(2)} seconds`;
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** Runs the queue's jobs one after another. */
export class Worker {
  readonly #queue: JobQueue;
  readonly #options: RunOptions;
  #current: JobRun | null = null;
  #freeAsked = false;

  constructor(queue: JobQueue, options: Omit<RunOptions, 'cache'>) {
    this.#queue = queue;
    const byNode = options.catalog.profile.execution.cacheByNode;
    this.#options = { ...options, cache: new ResultCache({ byNode }) };
  }

  /** Interrupts the running job; with an id only when it is that one. */
  interrupt(id?: string): void {
    if (this.#current && (id === undefined || this.#current.id === id)) this.#current.interrupt();
  }

  /** Forgets cached results: at once when idle, else after the running job. */
  free({ freeMemory }: FreeRequest): void {
    if (!freeMemory) return;
    if (this.#current) this.#freeAsked = true;
    else this.#options.cache.clear();
  }

  /** A fault of the demo itself ends the job, not the program. @throws when the program stops */
  #broken(error: unknown): RunResult {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    this.#options.log(`The demo itself failed: ${String(error)}`);
    return { success: false, outputs: {}, meta: {}, messages: [] };
  }

  /** Never returns; throws only when the program stops or is broken. */
  async work(): Promise<never> {
    const { hub, log, cues, now, cache } = this.#options;
    for (;;) {
      const job = await this.#queue.take();
      const started = now();
      this.#current = new JobRun(job, this.#options);
      const result = await this.#current.execute().catch((error: unknown) => this.#broken(error));
      this.#current = null;
      if (this.#freeAsked) cache.clear();
      this.#freeAsked = false;
      this.#queue.finish(job, result);
      if (hub.following !== null) hub.send('executing', { node: null, prompt_id: job.id }, hub.following);
      log(`Prompt executed in ${durationText((now() - started) / 1000)}`);
      cues.afterJob();
    }
  }
}
