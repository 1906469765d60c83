import { z } from 'zod';
import { comfyStatusSchema } from '../comfy.ts';
import { comfyEvents } from '../events.ts';
import { type ApiRoute, eventStream } from './route.ts';

const passed = 'Path below ComfyUI’s own root, for example `queue` or `history/{id}`.';

export const comfyRoutes: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/comfy/status',
    summary: 'ComfyUI: version, devices and VRAM, queue, models',
    description: 'Answers 200 also when ComfyUI does not: `reachable` is false then, and `service` says why.',
    role: 'reader',
    answers: { 200: { description: 'ComfyUI as the panel sees it.', schema: comfyStatusSchema } },
  },
  {
    method: 'GET',
    path: '/api/comfy/events',
    summary: 'ComfyUI’s WebSocket as Server-Sent Events',
    description:
      '`ready` gives the client id to submit a job with; then ComfyUI’s own messages by their names, `preview` with an image as base64, `disconnected` with the problem that a question would be answered with, `ping`, `bye`.',
    role: 'reader',
    query: z.object({
      clientId: z
        .string()
        .regex(/^[\w-]{1,64}$/)
        .describe('Id of the first connection; a random one without it.')
        .optional(),
    }),
    answers: {
      200: { description: 'Events until the reader leaves.', type: eventStream, events: comfyEvents },
    },
  },
  {
    method: 'GET',
    path: '/api/comfy/{path...}',
    summary: 'passes a question on to ComfyUI',
    description:
      'Allowed: system_stats, features, prompt, queue, history, view, view_metadata, object_info, models, embeddings, api/jobs.',
    role: 'reader',
    params: { path: passed },
    example: { params: { path: 'queue' } },
    answers: { 200: { description: 'What ComfyUI answers.', type: '*/*' } },
  },
  {
    method: 'POST',
    path: '/api/comfy/{path...}',
    summary: 'passes a job, a command or an upload on to ComfyUI',
    description:
      'Allowed: prompt, queue, history, interrupt, free, upload/image, upload/mask, api/jobs/cancel. A workflow in the format of ComfyUI’s page is refused with words of its own.',
    role: 'operator',
    params: { path: passed },
    example: { params: { path: 'prompt' }, body: { prompt: {}, client_id: '…' } },
    body: {
      type: '*/*',
      description: 'At most 16 MiB for prompt, 100 MiB for uploads, 64 KiB for the others.',
    },
    answers: { 200: { description: 'What ComfyUI answers.', type: '*/*' } },
  },
];
