import { z } from 'zod';
import type { EventSchemas } from '../events.ts';

/** What one status of a route's answer holds. */
export interface ApiAnswer {
  readonly description: string;
  /** Of a JSON body. */
  readonly schema?: z.ZodType;
  /** Content type of any other body; neither of both for an answer without one. */
  readonly type?: string;
  /** Of a body that is a stream of events; beside `schema` where the reader's Accept decides. */
  readonly events?: EventSchemas;
}

export interface ApiExample {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** One route of the panel for one method. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST';
  /** As the panel's own table of routes has it. */
  readonly path: string;
  /** Half a sentence: what it does. */
  readonly summary: string;
  readonly description?: string;
  /** Whom a panel with tokens answers. */
  readonly role: 'anyone' | 'reader' | 'operator';
  readonly query?: z.ZodObject;
  /** What each `{name}` of the path stands for. */
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: string; readonly schema?: z.ZodType; readonly description?: string };
  /** What a request may look like. */
  readonly example?: ApiExample;
  /** By status. Every route may also answer a problem. */
  readonly answers: Readonly<Record<number, ApiAnswer>>;
}

/** The body of every answer that is not a success (RFC 9457). */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string().describe('What happened.'),
  status: z.int(),
  detail: z.string().describe('What happened, why, and what to do, in one text.'),
  code: z
    .string()
    .regex(/^ORC\d{4}$/)
    .describe('Permanent; docs/errors.md explains each.'),
  why: z.string(),
  fix: z.string().describe('What to do.'),
  requestId: z.string(),
});

export const eventStream = 'text/event-stream';
export const serviceName = 'Id or alias of a service, for example `comfyui` or `comfy`.';
