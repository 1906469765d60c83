import type { IncomingMessage } from 'node:http';
import { OrchestratorError } from '../../core/contract/errors.ts';

/** The largest body that a route takes which says nothing else, in bytes. */
export const bodyLimit = 65_536;

const safeMethods = new Set(['GET', 'HEAD']);
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

type GuardedRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders'>;

/**
 * Judges a request before anything else sees it, and returns its path, decoded once. Throws ORC4001 when it does not
 * come from this panel's own pages or a script, ORC4005 for an address that could be read in two ways.
 */
export function judgeRequest(request: GuardedRequest, allowed: ReadonlySet<string>): string {
  const { headers } = request;
  const host = headers.host?.toLowerCase() ?? '';
  if (!allowed.has(host) || countHeader(request.rawHeaders, 'host') !== 1) refuse();
  // Two readers could take different ones of two; a proxy in front is such a reader.
  if (headers.authorization !== undefined && countHeader(request.rawHeaders, 'authorization') !== 1)
    throw new OrchestratorError('ORC4005', { detail: 'There is more than one header Authorization.' });
  const method = request.method ?? '';
  if (!knownMethods.has(method)) {
    throw new OrchestratorError('ORC4003', { method: method.slice(0, 16), allow: 'GET, HEAD, POST' });
  }
  const origin = headers.origin?.toLowerCase();
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) refuse();
  const path = judgePath(request.url ?? '');
  if (!fromOwnPage(request, path)) refuse();
  return path;
}

/** ORC4004 for a body that is announced larger than its route takes. */
export function judgeLength({ headers }: Pick<IncomingMessage, 'headers'>, limit = bodyLimit): void {
  if (Number(headers['content-length'] ?? 0) > limit) throw new OrchestratorError('ORC4004', { limit });
}

function refuse(): never {
  throw new OrchestratorError('ORC4001');
}

/**
 * What the browser says about the sender; scripts say nothing. Another site may link to a page, but neither change
 * anything nor load the API into itself.
 */
function fromOwnPage({ method, headers }: GuardedRequest, path: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  if (!safeMethods.has(method ?? '')) return false;
  return !path.startsWith('/api/') || headers['sec-fetch-mode'] === 'navigate';
}

/** Refuses everything that two readers could understand differently: escaped slashes, percents, dots-only segments. */
export function judgePath(url: string): string {
  const raw = url.split(/[?#]/, 1)[0] ?? '';
  const bad = (detail: string) => new OrchestratorError('ORC4005', { detail });
  if (!raw.startsWith('/') || raw.startsWith('//')) throw bad('The address is not a path of this panel.');
  if (/%2f|%5c|%25|%00|\\/i.test(raw)) throw bad('The path holds an escaped separator.');
  let path: string;
  try {
    path = decodeURIComponent(raw);
  } catch {
    throw bad('The path is not valid percent-encoding.');
  }
  if (path.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw bad('The path holds a segment of dots.');
  }
  return path;
}

function countHeader(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) count += 1;
  }
  return count;
}
