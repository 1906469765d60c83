import type { IncomingMessage, ServerResponse } from 'node:http';
import { OrchestratorError } from '../../core/contract/errors.ts';
import { bodyLimit } from './guard.ts';
import { isCoded, type Problem, problemType } from './problem.ts';

const jsonType = 'application/json; charset=utf-8';

export function sendJson(response: ServerResponse, json: string, status = 200, type = jsonType): void {
  response.statusCode = status;
  response.setHeader('Content-Type', type);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Length', Buffer.byteLength(json));
  response.end(response.req.method === 'HEAD' ? undefined : json);
}

export function sendProblem(response: ServerResponse, problem: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (problem.code === 'ORC4006') response.setHeader('WWW-Authenticate', 'Bearer realm="orchestrator"');
  // The rest of a body that nobody reads would be taken for the next request.
  if (!response.req.complete) response.setHeader('Connection', 'close');
  sendJson(response, JSON.stringify(problem), problem.status, problemType);
}

/** When somebody who sent too many wrong tokens may try again. */
export function setRetryAfter(response: ServerResponse, error: unknown): void {
  if (!isCoded(error) || error.code !== 'ORC4010' || response.headersSent) return;
  response.setHeader('Retry-After', String(error.data?.['seconds'] ?? 60));
}

export function jsonResponse(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': jsonType, 'cache-control': 'no-store' },
  });
}

export function problemResponse(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': problemType, 'cache-control': 'no-store', ...headers },
  });
}

type Body = IncomingMessage | ReadableStream<Uint8Array> | null;

/** The whole body as text; ORC4004 as soon as it is longer than `limit` bytes. */
export async function readBody(body: Body, limit = bodyLimit): Promise<string> {
  return (await readBuffer(body, limit)).toString('utf8');
}

/** The whole body; ORC4004 as soon as it is longer than `limit` bytes. */
export async function readBuffer(body: Body, limit: number): Promise<Buffer> {
  if (body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > limit) throw new OrchestratorError('ORC4004', { limit });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
