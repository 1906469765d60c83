import { parentPort, workerData } from 'node:worker_threads';
import { createMask } from './mask.ts';
import type { FromWorker, SearchJob } from './search.ts';
import { searchLog } from './searchLog.ts';

// A program of its own: a pattern that takes for ever holds up nobody but this thread, which can be ended.

/** How often the other side hears that this one lives, in ms. */
const aliveMs = 200;

async function main(): Promise<void> {
  const { sources, query, secrets } = workerData as SearchJob;
  const say = (message: FromWorker) => parentPort?.postMessage(message);
  const goOn = () => new Promise<void>((resolve) => parentPort?.once('message', () => resolve()));
  let saidAt = performance.now();
  const alive = () => {
    if (performance.now() - saidAt < aliveMs) return;
    saidAt = performance.now();
    say('alive');
  };
  for await (const step of searchLog({ sources, query, mask: createMask(secrets), alive })) {
    const heard = goOn();
    saidAt = performance.now();
    say(step);
    await heard;
  }
  say('end');
}

main().catch((error: unknown) => {
  throw error;
});
