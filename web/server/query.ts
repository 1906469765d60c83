import type { z } from 'zod';
import { OrchestratorError } from '../../core/contract/errors.ts';
import { type Exchange, queryOf } from './context.ts';

/** The query as its schema wants it. Throws ORC4005 naming the first parameter that does not fit. */
export function readQuery<T>(exchange: Pick<Exchange, 'request'>, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(Object.fromEntries(queryOf(exchange)));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new OrchestratorError('ORC4005', {
    detail: `${issue?.path.join('.') || 'query'}: ${issue?.message ?? 'not valid'}`,
  });
}
