import { z } from 'zod';
import { systemStatusSchema } from '../status/picture.ts';
import { problemSchema } from './api/route.ts';
import { comfyStatusSchema } from './comfy.ts';
import { hostSchema } from './host.ts';
import { logBatchSchema } from './logs.ts';
import { incidentSchema } from './state.ts';

/** The data of each event of a stream, by the event's name. */
export type EventSchemas = Readonly<Record<string, z.ZodType>>;

const role = z.enum(['operator', 'reader']);

/** What every stream says of itself. */
const always = {
  ping: z.object({ at: z.string() }),
  bye: z.strictObject({}),
};

/** `GET /api/events` */
export const panelEvents = {
  hello: z.object({
    /** Id of the panel's own service; null when it was started by hand. */
    self: z.string().nullable(),
    /** Whether this panel asks for a token. */
    signIn: z.boolean(),
    role,
  }),
  status: systemStatusSchema,
  incident: incidentSchema,
  host: hostSchema,
  comfy: comfyStatusSchema,
  logs: z.array(logBatchSchema),
  ...always,
} satisfies EventSchemas;

/** `GET /api/logs/{id}` as a stream. */
export const logEvents = {
  hello: z.object({ role }),
  logs: panelEvents.logs,
  ...always,
} satisfies EventSchemas;

/** Messages that are ComfyUI's own: their data is passed on as it comes. */
const comfyOwn = [
  'status',
  'execution_start',
  'execution_cached',
  'executing',
  'progress',
  'progress_state',
  'executed',
  'execution_success',
  'execution_error',
  'execution_interrupted',
] as const;

/** `GET /api/comfy/events` */
export const comfyEvents: EventSchemas = {
  /** Submit a job with this id, and its events arrive here. */
  ready: z.object({ clientId: z.string() }),
  preview: z.object({
    mime: z.enum(['image/jpeg', 'image/png']),
    nodeId: z.string().nullable(),
    promptId: z.string().nullable(),
    base64: z.string(),
  }),
  /** ComfyUI is gone; the problem says why, and the panel tries again after so many milliseconds. */
  disconnected: z.object({ problem: problemSchema, retryMs: z.number() }),
  ...Object.fromEntries(comfyOwn.map((name) => [name, z.unknown()])),
  ...always,
};
