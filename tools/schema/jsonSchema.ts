import { z } from 'zod';

/** JSON Schema 2020-12 of what a writer of the file may write. */
export function jsonSchema(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return `${JSON.stringify(json, null, 2)}\n`;
}
