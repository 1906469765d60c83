import type { Dispatcher, Pool } from 'undici';
// Not the package's front door: behind it are fetch, WebSocket and caches, which cost memory and are not used here.
// @ts-expect-error: this file of the package has no types of its own
import askOnce from 'undici/lib/api/api-request.js';
// @ts-expect-error: this file of the package has no types of its own
import Connections from 'undici/lib/dispatcher/pool.js';

/** Connections to ComfyUI. It has `timeoutMs` to begin an answer, and may pause so long within it. */
export function createPool({ address, timeoutMs }: { address: string; timeoutMs: number }): Pool {
  return new Connections(address, {
    connections: 64,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connectTimeout: 3000,
    keepAliveTimeout: 10_000,
  });
}

/** `Dispatcher.request`, which the front door would have put on every pool. */
export function request(pool: Pool, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
  return askOnce.call(pool, options);
}
