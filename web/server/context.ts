import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Language } from '../../core/contract/errors.ts';
import type { Role } from './auth.ts';

/** One request on its way through the panel. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
  /** Decoded once, without the query. */
  readonly path: string;
  readonly language: Language;
  readonly role: Role;
}

/** A raw route: answers by itself, or throws an error with a code. */
export type Route = (exchange: Exchange) => void | Promise<void>;
