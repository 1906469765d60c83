import { z } from 'zod';

/** What goes to PowerShell: one line of base64 of this JSON. */
export const requestSchema = z.strictObject({
  id: z.string().min(1).max(64),
  cmdlet: z.string().min(1).max(128),
  params: z.record(z.string(), z.unknown()),
});

export const envelopeErrorSchema = z.strictObject({
  /** A key of the error registry, or ORC3001 for an error PowerShell raised by itself. */
  code: z.string(),
  /** PowerShell's error category, for example `InvalidArgument`. */
  category: z.string(),
  /** What happened, why, and what to do, in the language asked for. */
  message: z.string(),
  target: z.string().nullable(),
});

export const recordSchema = z.strictObject({
  level: z.enum(['error', 'warning', 'information', 'verbose', 'debug']),
  code: z.string().nullable(),
  message: z.string(),
});

/** What comes back: one line of pure-ASCII JSON. Errors of single items are in `records` and leave `ok` true. */
export const envelopeSchema = z.strictObject({
  id: z.string(),
  ok: z.boolean(),
  data: z.array(z.unknown()),
  error: envelopeErrorSchema.nullable(),
  records: z.array(recordSchema),
});

export type BridgeRequest = z.infer<typeof requestSchema>;
export type Envelope = z.infer<typeof envelopeSchema>;
export type EnvelopeError = z.infer<typeof envelopeErrorSchema>;
export type EnvelopeRecord = z.infer<typeof recordSchema>;
