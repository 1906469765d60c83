import { z } from 'zod';
import { serviceStatusSchema } from '../contract/cmdlets.ts';
import { incidentSchema } from '../contract/state.ts';

/** One word for everything, the worst first. */
export const overallWords = [
  'failed',
  'recovering',
  'starting',
  'unwatched',
  'attention',
  'stopped',
  'healthy',
] as const;

/** The whole picture that `GET /api/status` and the `status` event carry. */
export const systemStatusSchema = z.object({
  /** When this picture was put together, ISO 8601 UTC. */
  at: z.string(),
  overall: z.enum(overallWords),
  /** In the order of the manifest, which is the start order. */
  services: z.array(serviceStatusSchema),
  guardian: z.object({
    alive: z.boolean(),
    /** Age of its heartbeat; null when there is none. */
    ageMs: z.number().nullable(),
    at: z.string().nullable(),
    processId: z.int().nullable(),
  }),
  disks: z.array(
    z.object({ path: z.string(), freeBytes: z.number(), totalBytes: z.number(), low: z.boolean() }),
  ),
  memory: z
    .object({
      totalBytes: z.number(),
      availableBytes: z.number(),
      usedPercent: z.number(),
      high: z.boolean(),
    })
    .nullable(),
  /** The newest first, at most 20. */
  incidents: z.array(incidentSchema),
  warnings: z.array(z.string()),
});

export type SystemStatus = z.infer<typeof systemStatusSchema>;
export type OverallWord = (typeof overallWords)[number];
