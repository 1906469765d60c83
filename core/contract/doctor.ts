import { z } from 'zod';
import { checkSchema } from './cmdlets.ts';

/** What the doctor (Test-Orchestrator) said when it was last asked by the panel. */
export const doctorSchema = z.object({
  /** An examination is under way. */
  running: z.boolean(),
  /** The last finished one; null before the first. */
  report: z
    .object({
      /** When it ended, ISO 8601 UTC. */
      at: z.string(),
      /** How long it took, in milliseconds. */
      tookMs: z.int(),
      checks: z.array(checkSchema),
    })
    .nullable(),
});

export type DoctorState = z.infer<typeof doctorSchema>;
