import { z } from 'zod';

/** The machine at one moment, as the panel's own process sees it. Sizes are bytes. */
export const hostSchema = z.object({
  /** ISO 8601 UTC. */
  at: z.string(),
  name: z.string(),
  /** `linux`, `win32`, `darwin`. */
  platform: z.string(),
  /** Version of the operating system, for a person. */
  system: z.string(),
  cpu: z.object({
    model: z.string(),
    /** Logical processors. */
    count: z.int(),
    /** Of all processors together, 0 to 100; null when it was never looked at twice. */
    usedPercent: z.number().nullable(),
  }),
  memory: z.object({ totalBytes: z.number(), availableBytes: z.number() }),
  /** Since the machine started, in seconds. */
  uptimeSeconds: z.number(),
  versions: z.object({ orchestrator: z.string(), node: z.string() }),
});

export type HostFacts = z.infer<typeof hostSchema>;
