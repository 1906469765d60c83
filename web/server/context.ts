import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Language } from '../../core/contract/errors.ts';
import type { Role } from './auth.ts';
import type { Seen } from './observer.ts';

/** One request on its way through the panel. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
  /** Decoded once, without the query. */
  readonly path: string;
  /** What the `{names}` of the route's pattern stand for. */
  readonly params: Readonly<Record<string, string>>;
  readonly language: Language;
  readonly role: Role;
  /** Tells the audit log what only the handler knows. */
  note(facts: Partial<Pick<Seen, 'who' | 'code'>>): void;
}

/** The query of a request. Parsed when somebody wants it: most routes have none. */
export function queryOf({ request }: Pick<Exchange, 'request'>): URLSearchParams {
  const url = request.url ?? '';
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}
