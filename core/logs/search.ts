import { Worker } from 'node:worker_threads';
import type { SearchLine } from '../contract/logs.ts';
import type { LogSource, SearchQuery, SearchStep } from './searchLog.ts';

export interface SearchJob {
  readonly sources: readonly LogSource[];
  readonly query: SearchQuery;
  /** Texts that never show, see `secretTexts`. */
  readonly secrets: readonly string[];
}

/** `alive` within a step; after a step the worker waits for a message. */
export type FromWorker = SearchStep | 'alive' | 'end';

export interface SearchOptions extends SearchJob {
  readonly limit: number;
  readonly signal: AbortSignal;
  /** A search that gets nowhere for so long is ended, in ms: its pattern tries without end. */
  readonly stallMs?: number;
  /** Least time between two lines of progress, in ms. */
  readonly progressMs?: number;
}

/** The search was ended because it got nowhere. */
export class SearchStalled extends Error {
  override readonly name = 'SearchStalled';
}

/** From source beside this file, bundled beside the bundle. */
function workerUrl(): URL {
  const source = import.meta.url.endsWith('.ts');
  return new URL(source ? './searchWorker.ts' : './searchWorker.js', import.meta.url);
}

/**
 * Searches in a thread of its own. Throws SearchStalled; ends early when the signal says so or nobody takes what it
 * finds. The next step begins when the lines of the last one were taken.
 */
export async function* search({
  limit,
  signal,
  stallMs = 5000,
  progressMs = 250,
  ...job
}: SearchOptions): AsyncGenerator<SearchLine> {
  const worker = new Worker(workerUrl(), {
    workerData: job satisfies SearchJob,
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  });
  const conversation = converse(worker, { stallMs, signal });
  let matches = 0;
  let saidAt = Number.NEGATIVE_INFINITY;
  try {
    for (;;) {
      const step = await conversation.next();
      if (step === null) break;
      for (const match of step.matches) {
        if (matches === limit) return yield { kind: 'end', matches, truncated: true };
        matches += 1;
        yield match;
      }
      if (performance.now() - saidAt > progressMs) {
        saidAt = performance.now();
        const { scannedBytes, totalBytes } = step;
        yield { kind: 'progress', scannedBytes, totalBytes };
      }
      worker.postMessage('go on');
    }
    if (!signal.aborted) yield { kind: 'end', matches, truncated: false };
  } finally {
    await worker.terminate();
  }
}

/** Waits for the worker's next step; null at its end. Rejects when it says nothing for too long, or dies. */
function converse(worker: Worker, { stallMs, signal }: { stallMs: number; signal: AbortSignal }) {
  let settle: { resolve(step: SearchStep | null): void; reject(error: unknown): void } | null = null;
  const early: (SearchStep | null)[] = [];
  let failure: unknown = null;
  let timer: NodeJS.Timeout | null = null;

  const watchdog = () => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(() => fail(new SearchStalled()), stallMs);
  };
  const rest = () => {
    if (timer) clearTimeout(timer);
    timer = null;
  };
  function give(step: SearchStep | null): void {
    rest();
    if (settle) settle.resolve(step);
    else early.push(step);
    settle = null;
  }
  function fail(error: unknown): void {
    rest();
    failure ??= error;
    settle?.reject(failure);
    settle = null;
  }

  worker.on('message', (message: FromWorker) => {
    if (message === 'alive') watchdog();
    else give(message === 'end' ? null : message);
  });
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('the search ended by itself')));
  signal.addEventListener('abort', () => give(null), { once: true });

  return {
    next(): Promise<SearchStep | null> {
      if (signal.aborted) return Promise.resolve(null);
      if (early.length > 0) return Promise.resolve(early.shift() ?? null);
      if (failure !== null) return Promise.reject(failure);
      watchdog();
      return new Promise((resolve, reject) => {
        settle = { resolve, reject };
      });
    },
  };
}
