import { z } from 'zod';

/** The body of an action: nothing, or `{"wait": true}` to be answered only when the service is healthy. */
export const actionBodySchema = z.strictObject({ wait: z.boolean().default(false) });
