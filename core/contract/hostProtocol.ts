import { z } from 'zod';

/**
 * What a service host is started with, as one argument of base64 JSON. Everything is absolute: the host reads no
 * manifest, so a changed or broken manifest cannot change a running service.
 */
export const hostSpecSchema = z.strictObject({
  id: z.string(),
  dataDir: z.string(),
  command: z.strictObject({ file: z.string(), args: z.array(z.string()) }),
  cwd: z.string(),
  /** Added to the host's own environment; what the program sees. */
  env: z.record(z.string(), z.string()),
  stdout: z.string(),
  stderr: z.string(),
  rotateBytes: z.int(),
  keepBytes: z.int(),
  keepDays: z.int(),
  stopTimeoutMs: z.int(),
  /** True for `restart.policy: host`: the host starts the program again when it ends unasked. */
  restart: z.boolean(),
});

/** One line of JSON each way, one request per connection. */
export const hostRequestSchema = z.discriminatedUnion('verb', [
  /** Starts the program unless it runs; a new spec replaces the one the host has. Answers once it is spawned. */
  z.strictObject({ verb: z.literal('start'), spec: hostSpecSchema.optional() }),
  /** Stops the program politely, then its tree by force after `timeoutMs`. With `release` the host ends too. */
  z.strictObject({ verb: z.literal('stop'), timeoutMs: z.int().min(0), release: z.boolean() }),
  z.strictObject({ verb: z.literal('query') }),
]);

export const hostResponseSchema = z.strictObject({
  ok: z.boolean(),
  /** The content of `run/<id>.json` after the verb. */
  run: z.unknown(),
  /** An error code of the registry and one sentence, when not ok. */
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});

export type HostSpec = z.infer<typeof hostSpecSchema>;
export type HostRequest = z.infer<typeof hostRequestSchema>;
export type HostResponse = z.infer<typeof hostResponseSchema>;
