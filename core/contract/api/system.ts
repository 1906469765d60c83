import { z } from 'zod';
import { systemStatusSchema } from '../../status/picture.ts';
import { actionBodySchema } from '../action.ts';
import { serviceStatusSchema } from '../cmdlets.ts';
import { panelEvents } from '../events.ts';
import { followQuerySchema } from '../logs.ts';
import { type ApiRoute, eventStream, problemSchema, serviceName } from './route.ts';

const action = z.enum(['start', 'stop', 'restart']);

export const eventsQuerySchema = followQuerySchema.omit({ stream: true }).extend({
  with: z.string().max(64).describe('More events, with commas between: `host`, `comfy`.').optional(),
});

export const systemRoutes: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/health',
    summary: 'answers and asks nobody',
    role: 'anyone',
    answers: { 200: { description: 'The panel answers.', schema: z.object({ status: z.literal('ok') }) } },
  },
  {
    method: 'GET',
    path: '/api/status',
    summary: 'the whole picture, from the state files',
    description: 'Services, guardian, disks, memory, newest incidents, warnings. Needs no PowerShell.',
    role: 'reader',
    answers: { 200: { description: 'The picture.', schema: systemStatusSchema } },
  },
  {
    method: 'GET',
    path: '/api/events',
    summary: 'everything live as Server-Sent Events, one stream per page',
    role: 'reader',
    query: eventsQuerySchema,
    example: { query: { with: 'host,comfy', logs: 'comfyui,panel.stderr' } },
    answers: {
      200: { description: 'Events until the reader leaves.', type: eventStream, events: panelEvents },
    },
  },
  {
    method: 'GET',
    path: '/api/system/{id}/status',
    summary: 'one service',
    role: 'reader',
    params: { id: serviceName },
    answers: { 200: { description: 'The service.', schema: serviceStatusSchema } },
  },
  {
    method: 'POST',
    path: '/api/system/{id}/{action}',
    summary: 'starts, stops or restarts a service',
    description: 'Asks the module; answers with the service as it then is. An external service is refused.',
    role: 'operator',
    params: { id: serviceName, action: '`start`, `stop` or `restart`.' },
    body: { type: 'application/json', schema: actionBodySchema, description: 'May be left out.' },
    example: { params: { id: 'comfyui', action: 'restart' }, body: { wait: true } },
    answers: {
      200: {
        description: 'It is done.',
        schema: z.object({
          accepted: z.literal(false),
          id: z.string(),
          action,
          service: serviceStatusSchema,
        }),
      },
      202: {
        description: 'The target is the panel itself: it happens after this answer.',
        schema: z.object({ accepted: z.literal(true), id: z.string(), action, message: z.string() }),
      },
    },
  },
  {
    method: 'POST',
    path: '/api/system/ignite',
    summary: 'starts every service that does not run, in order',
    description: 'One result per service; a failed one does not fail the call.',
    role: 'operator',
    body: {
      type: 'application/json',
      schema: z.strictObject({ wait: z.boolean().optional() }),
      description: 'May be left out.',
    },
    example: { body: { wait: false } },
    answers: {
      200: {
        description: 'What came of it.',
        schema: z.object({
          ok: z.boolean(),
          results: z.array(
            z.object({
              id: z.string(),
              outcome: z.enum(['started', 'running', 'external', 'skipped', 'failed']),
              service: serviceStatusSchema.nullable(),
              problem: problemSchema.nullable(),
            }),
          ),
        }),
      },
    },
  },
];
