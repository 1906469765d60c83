import { z } from 'zod';
import { incidentSchema } from './state.ts';

export const incidentsQuerySchema = z.object({
  /** Id or alias of a service; all without it. */
  service: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** The newest first. */
export const incidentsSchema = z.object({ incidents: z.array(incidentSchema) });
