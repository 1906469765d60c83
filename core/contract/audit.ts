import { z } from 'zod';

export const auditQuerySchema = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) });

/** One action that somebody asked the panel for, whatever came of it. Never an address, a token or what was sent. */
export const auditEntrySchema = z.object({
  /** When it was answered, ISO 8601 UTC. */
  at: z.string(),
  /** The same as in the answer's X-Request-Id. */
  requestId: z.string(),
  who: z.object({
    /** `nobody`: no token, or a wrong one. */
    role: z.enum(['operator', 'reader', 'nobody']),
    /** `local`: a panel without tokens. */
    by: z.enum(['local', 'token', 'session', 'none']),
    /** Tells sessions apart; no secret. Null without one. */
    session: z.string().nullable(),
  }),
  /** Method and pattern of the route. */
  action: z.string(),
  /** What the names of the pattern stood for. */
  target: z.record(z.string(), z.string()),
  status: z.int(),
  /** Error code of a refusal or failure. */
  code: z.string().nullable(),
  ms: z.number(),
});

/** `GET /api/audit`: the newest first. */
export const auditSchema = z.object({ entries: z.array(auditEntrySchema) });

export type AuditEntry = z.infer<typeof auditEntrySchema>;
