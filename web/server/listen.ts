import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { OrchestratorError } from '../../core/contract/errors.ts';
import { bareHost, isLoopback } from './address.ts';

export interface Listening {
  readonly port: number;
  readonly addresses: readonly string[];
  /** Takes no new requests, ends idle connections at once and the others after `graceMs`. */
  close(options?: { graceMs?: number }): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  readonly service: string;
  readonly handler: RequestListener;
  /** Milliseconds that a sender has for the head of a request. */
  readonly headersMs?: number;
}

/** More connections at a time are closed at once: a panel has a few people and some scripts. */
const maxConnections = 1000;

/** `localhost` means both loopback addresses; a machine without IPv6 does with one. ORC2002 when the port is taken. */
export async function listen({
  host,
  port,
  tls,
  service,
  handler,
  headersMs = 10_000,
}: ListenOptions): Promise<Listening> {
  const bare = bareHost(host);
  const addresses = bare === 'localhost' ? ['127.0.0.1', '::1'] : [bare];
  const servers: Server[] = [];
  const bound: string[] = [];
  let actual = port;
  try {
    for (const address of addresses) {
      // Node looks for late senders this often; its half a minute would be longer than the time they have.
      const options = { connectionsCheckingInterval: Math.min(1000, headersMs) };
      const server = tls ? secureServer({ ...tls, ...options }, handler) : createServer(options, handler);
      server.maxConnections = maxConnections;
      server.headersTimeout = headersMs;
      // Bodies are timed by their route: an upload may take longer than a command.
      server.requestTimeout = 0;
      server.keepAliveTimeout = 30_000;
      if (!(await bind(server, address, actual, bound.length > 0))) continue;
      servers.push(server);
      bound.push(address);
      const info = server.address();
      if (info && typeof info === 'object') actual = info.port;
    }
  } catch (error) {
    await closeAll(servers, 0);
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE') throw error;
    throw new OrchestratorError('ORC2002', { port: actual, service, owner: 'another program' });
  }
  return {
    port: actual,
    addresses: bound,
    close: ({ graceMs = 800 } = {}) => closeAll(servers, graceMs),
  };
}

function secureServer(options: Parameters<typeof createSecureServer>[0], handler: RequestListener): Server {
  try {
    return createSecureServer(options, handler);
  } catch (error) {
    throw new OrchestratorError('ORC4011', { detail: (error as Error).message });
  }
}

/** False when the machine has no such address and may do without it. */
function bind(server: Server, address: string, port: number, optional: boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const absent = error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT';
      if (absent && optional) resolve(false);
      else reject(error);
    });
    server.listen({ host: address, port, ipv6Only: address.includes(':') && isLoopback(address) }, () =>
      resolve(true),
    );
  });
}

async function closeAll(servers: readonly Server[], graceMs: number): Promise<void> {
  const closing = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  for (const server of servers) server.closeIdleConnections();
  const timer = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
  }, graceMs);
  await Promise.all(closing);
  clearTimeout(timer);
}
