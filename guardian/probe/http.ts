import type { RequestOptions } from 'node:http';
import type { ProbeResult } from '../policy/types.ts';

/** What was heard over HTTP; who answered is another question. Null is *no result*: this machine could not ask. */
export type HttpAnswer = Omit<ProbeResult, 'owner'>;

// An import of node:http reads all that it exports, and with it 5 MB of a WebSocket client that nobody needs here.
const { request: plainRequest } = process.getBuiltinModule('node:http');

/** Bytes of a body that are read; a longer one does not matter to health. */
const drainLimit = 65_536;
/** The timer came this late: this program was asleep, and whoever it asked may not be to blame. */
const latenessMs = 1000;
/** Faults of the asking side. */
const ownFaults: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
};

type Request = typeof plainRequest;

/** Asks a health address once. Any 2xx or 3xx is healthy. Never rejects. */
export function probeHttp({
  address,
  path,
  timeoutMs,
  signal,
}: {
  /** As serviceAddress gives it: `http://127.0.0.1:3000`. */
  address: string;
  path: string;
  timeoutMs: number;
  signal?: AbortSignal;
}): Promise<HttpAnswer | null> {
  const url = new URL(address);
  const options: RequestOptions & { rejectUnauthorized?: boolean } = {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port || (url.protocol === 'https:' ? 443 : 80),
    path,
    agent: false,
    headers: { host: url.host, accept: '*/*', 'user-agent': 'orchestrator-guardian', connection: 'close' },
  };
  if (url.protocol !== 'https:') return ask({ send: plainRequest, options, timeoutMs, signal });
  // The address is the manifest's own, often with a certificate made at home; nothing secret is sent.
  const { request } = process.getBuiltinModule('node:https');
  const secure = { ...options, rejectUnauthorized: false };
  return ask({ send: request as Request, options: secure, timeoutMs, signal });
}

function ask({
  send,
  options,
  timeoutMs,
  signal,
}: {
  send: Request;
  options: RequestOptions;
  timeoutMs: number;
  signal: AbortSignal | undefined;
}): Promise<HttpAnswer | null> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const request = send(options);
    const finish = (answer: HttpAnswer | null) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      resolve(answer);
      request.destroy();
    };
    const abort = () => finish(null);
    const timer = setTimeout(() => {
      const late = performance.now() - begun - timeoutMs > latenessMs;
      finish(late ? null : failed(`no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? '';
      finish(ownFaults.has(code) ? null : failed(words[code] ?? `no connection (${code || 'unknown'})`));
    });
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      const latencyMs = Math.round((performance.now() - begun) * 10) / 10;
      const healthy = status >= 200 && status < 400;
      const answer = { healthy, latencyMs, detail: `answers with status ${status}`, answered: true };
      let drained = 0;
      response.on('data', (chunk: Buffer) => {
        drained += chunk.length;
        if (drained > drainLimit) finish(answer);
      });
      response.on('end', () => finish(answer));
      // The status has been given; a body that breaks off is not what is asked here.
      response.on('error', () => finish(answer));
      response.on('close', () => finish(answer));
    });
    request.end();
  });
}

function failed(detail: string): HttpAnswer {
  return { healthy: false, latencyMs: null, detail, answered: false };
}
