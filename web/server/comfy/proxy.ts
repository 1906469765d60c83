import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Dispatcher, Pool } from 'undici';
import { OrchestratorError } from '../../../core/contract/errors.ts';
import { inwardHeaders, passOutward } from './headers.ts';

/** What failed before ComfyUI had answered, or between. */
export type UpstreamFault = 'refused' | 'timeout' | 'broken';

export class UpstreamError extends Error {
  readonly fault: UpstreamFault;

  constructor(fault: UpstreamFault, options?: ErrorOptions) {
    super(`ComfyUI: ${fault}`, options);
    this.name = 'UpstreamError';
    this.fault = fault;
  }
}

/** Up to here copying a body costs less than sending it apart from its head. */
const togetherBytes = 16_384;

export interface Forward {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query as they came, below ComfyUI's root. */
  readonly target: string;
  /** JSON that was read and judged already; without it the request's own is passed on as it comes. */
  readonly body?: Buffer | null;
  /** Largest body in bytes. */
  readonly bodyLimit: number;
}

/**
 * Passes one request on and its answer back, neither held in memory: who does not read is not read for. Resolves with
 * the status when the answer is through or its reader has gone; rejects with UpstreamError when there is none.
 */
export function forward(
  pool: Pool,
  { request, response, target, body, bodyLimit }: Forward,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let length = -1;
    let control: Dispatcher.DispatchController | null = null;
    const onDrain = () => control?.resume();
    const onClose = () => {
      if (response.writableFinished) return;
      control?.abort(new Error('the reader has gone'));
      resolve(status);
    };
    response.on('drain', onDrain);
    response.once('close', onClose);
    const headers = inwardHeaders(request.headers);
    if (body) {
      headers['content-length'] = String(body.byteLength);
      // It was read as UTF-8. Under another charset ComfyUI would read other words than those that were judged.
      headers['content-type'] = 'application/json';
    }
    pool.dispatch(
      {
        path: target,
        method: request.method as Dispatcher.HttpMethod,
        headers,
        body: body ?? bodyOf(request, bodyLimit),
      },
      {
        onRequestStart(controller) {
          control = controller;
          // The reader may have left while this waited for a connection.
          if (response.destroyed) controller.abort(new Error('the reader has gone'));
        },
        onResponseStart(_, statusCode, answered) {
          // 1xx comes before the answer itself.
          if (statusCode < 200) return;
          status = statusCode;
          response.statusCode = statusCode;
          length = Number(answered['content-length'] ?? -1);
          passOutward(response, statusCode, answered as IncomingHttpHeaders);
        },
        onResponseData(controller, chunk) {
          // Most answers are small: as a text they go out together with the head, in one call of the system.
          const whole = chunk.byteLength === length && !response.headersSent;
          if (whole && length <= togetherBytes) response.end(chunk.toString('latin1'), 'latin1');
          else if (!response.write(chunk)) controller.pause();
        },
        onResponseEnd() {
          response.off('drain', onDrain);
          if (!response.writableEnded) response.end();
          if (response.writableFinished) resolve(status);
          else response.once('finish', () => resolve(status));
        },
        onResponseError(_, error) {
          if (response.headersSent) {
            // Half an answer cannot be taken back; a cut connection says that it is not whole.
            response.destroy();
            resolve(status);
          } else reject(faultOf(error));
        },
      },
    );
  });
}

function bodyOf(request: IncomingMessage, limit: number): Readable | null {
  if (request.method === 'GET' || request.method === 'HEAD') return null;
  // An announced length was judged already, and Node takes no more than was announced.
  if (request.headers['content-length'] !== undefined) return request;
  return Readable.from(counted(request, limit), { objectMode: false });
}

async function* counted(request: IncomingMessage, limit: number): AsyncIterable<Buffer> {
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    if (length > limit) throw new OrchestratorError('ORC4004', { limit });
    yield chunk;
  }
}

function faultOf(error: unknown): Error {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (error instanceof OrchestratorError) return error;
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return new UpstreamError('timeout', { cause: error });
  if (/ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN/.test(code))
    return new UpstreamError('refused', { cause: error });
  return new UpstreamError('broken', { cause: error });
}
