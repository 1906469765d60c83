import type { IncomingMessage } from 'node:http';

type Asked = Pick<IncomingMessage, 'method' | 'headers'>;

/** A request that changes nothing. */
export function isRead({ method }: Pick<Asked, 'method'>): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** A person looks for a page, as opposed to a script for data. */
export function wantsPage(request: Asked): boolean {
  return isRead(request) && (request.headers.accept ?? '').includes('text/html');
}
