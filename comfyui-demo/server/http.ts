import { createReadStream } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { WebSocketServer } from 'ws';
import type { Cues } from '../cues.ts';
import type { Profile } from '../versions/profile.ts';
import { readBody, TooLarge } from './body.ts';
import type { Hub } from './hub.ts';
import { isForeign } from './origin.ts';
import { empty, type Reply, serverError, text } from './reply.ts';
import type { Router } from './router.ts';

// An import of node:http reads all that it exports, and so loads the HTTP client too: a tenth of a start.
const { createServer } = process.getBuiltinModule('node:http');

export interface HttpOptions {
  router: Router;
  hub: Hub;
  cues: Cues;
  profile: Profile;
  /** bytes */
  maxBody: number;
  /** allowed origin; null leaves the origin check on */
  corsOrigin: string | null;
  contentPolicy: boolean;
  log: (line: string) => void;
}

const SERVER_NAME = 'comfyui-demo';
const POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'self';";

const corsHeaders = (origin: string): Record<string, string> => ({
  'Access-Control-Allow-Origin': origin,
  'Access-Control-Allow-Methods': 'POST, GET, DELETE, PUT, OPTIONS',
  'Access-Control-Allow-Headers': 'Content-Type, Authorization',
  'Access-Control-Allow-Credentials': 'true',
});

function commonHeaders({ corsOrigin, contentPolicy }: HttpOptions): Record<string, string> {
  return {
    ...(corsOrigin !== null && corsHeaders(corsOrigin)),
    ...(contentPolicy && { 'Content-Security-Policy': POLICY }),
    Server: SERVER_NAME,
  };
}

function refusesOrigin(request: IncomingMessage, { profile, corsOrigin, log }: HttpOptions): boolean {
  const { host, origin } = request.headers;
  if (!profile.originCheck || corsOrigin !== null || !isForeign(host, origin)) return false;
  log(`WARNING: request with non matching host and origin ${host} != ${origin}, returning 403`);
  return true;
}

async function replyTo(request: IncomingMessage, options: HttpOptions): Promise<Reply> {
  if (refusesOrigin(request, options)) return empty(403);
  if (request.method === 'OPTIONS') return empty();
  const url = new URL(request.url ?? '/', 'http://demo.invalid');
  const handle = options.router.find(request.method ?? 'GET', url.pathname);
  try {
    const body = (): Promise<Buffer> => readBody(request, options.maxBody);
    return await handle({ request, query: url.searchParams, body });
  } catch (error) {
    if (error instanceof TooLarge) return text(error.message, 413);
    return serverError();
  }
}

async function send(reply: Reply, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body = '', file } = reply;
  const length = file ? file.end - file.start : Buffer.byteLength(body);
  const bodiless = status === 304;
  response.writeHead(status, { ...headers, ...(!bodiless && { 'Content-Length': length }) });
  if (request.method === 'HEAD' || bodiless) response.end();
  else if (file && length > 0)
    await pipeline(createReadStream(file.path, { start: file.start, end: file.end - 1 }), response);
  else response.end(body);
}

/** A hanging server still hears the cue that ends it. */
const isSilent = ({ url }: IncomingMessage, cues: Cues): boolean => cues.hanging && url !== '/demo/cue';

async function answer(request: IncomingMessage, response: ServerResponse, options: HttpOptions) {
  const { cues } = options;
  const ready = await replyTo(request, options);
  if (cues.slow > 0) await new Promise((resolve) => setTimeout(resolve, cues.slow));
  if (isSilent(request, cues)) return;
  const headers = { ...ready.headers, ...commonHeaders(options) };
  // A body that was not read would be taken for the next request.
  if (!request.complete) response.shouldKeepAlive = false;
  await send({ ...ready, headers }, request, response);
}

const SOCKET_PATHS = new Set(['/ws', '/api/ws']);

function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  sockets: Promise<WebSocketServer>,
  options: HttpOptions,
) {
  const url = new URL(request.url ?? '/', 'http://demo.invalid');
  const refuse = (line: string): void => {
    socket.end(`HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  };
  socket.on('error', () => {});
  if (options.cues.hanging) return;
  if (refusesOrigin(request, options)) return refuse('403 Forbidden');
  if (!SOCKET_PATHS.has(url.pathname)) return refuse('404 Not Found');
  sockets
    .then((ready) =>
      ready.handleUpgrade(request, socket, head, (client) => {
        options.hub.connect(client, url.searchParams.get('clientId'));
      }),
    )
    .catch(() => socket.destroy());
}

/** The HTTP server with the WebSocket on /ws; not listening yet. */
export function createHttpServer(options: HttpOptions): Server {
  // Loaded when the first socket comes: most starts are looked at by HTTP first, and are to be fast.
  let sockets: Promise<WebSocketServer> | undefined;
  const load = (): Promise<WebSocketServer> => {
    sockets ??= import('ws').then(
      ({ WebSocketServer: Sockets }) => new Sockets({ noServer: true, maxPayload: options.maxBody }),
    );
    return sockets;
  };
  const server = createServer((request, response) => {
    if (isSilent(request, options.cues)) return;
    answer(request, response, options).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => upgrade(request, socket, head, load(), options));
  return server;
}
