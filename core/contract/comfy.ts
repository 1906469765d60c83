import { z } from 'zod';
import { healthWords } from './cmdlets.ts';

const bytes = z.number().min(0);

/** ComfyUI as the panel sees it: `GET /api/comfy/status`, and the event `comfy`. */
export const comfyStatusSchema = z.object({
  /** When it was asked, ISO 8601 UTC. */
  at: z.string(),
  reachable: z.boolean(),
  /** Where the panel asks it; null when the manifest has no ComfyUI. */
  address: z.string().nullable(),
  /** ComfyUI's own page, for a link in a browser; null when there is none that a reader could open. */
  uiAddress: z.string().nullable(),
  mode: z.enum(['managed', 'demo', 'external']).nullable(),
  latencyMs: z.number().nullable(),
  version: z.string().nullable(),
  os: z.string().nullable(),
  python: z.string().nullable(),
  pytorch: z.string().nullable(),
  devices: z.array(
    z.object({
      name: z.string(),
      /** `cuda`, `cpu`, `mps`, … */
      type: z.string(),
      vramTotalBytes: bytes,
      vramFreeBytes: bytes,
      torchVramTotalBytes: bytes.nullable(),
      torchVramFreeBytes: bytes.nullable(),
    }),
  ),
  ram: z.object({ totalBytes: bytes, freeBytes: bytes }).nullable(),
  queue: z.object({ running: z.int(), pending: z.int() }).nullable(),
  /** Number of files by model folder. */
  models: z.record(z.string(), z.int()),
  /** What the guardian knows of the service. */
  service: z
    .object({
      id: z.string(),
      state: z.string(),
      health: z.enum(healthWords),
      reason: z.string(),
      nextAction: z.string().nullable(),
      nextActionAt: z.string().nullable(),
    })
    .nullable(),
});

export type ComfyStatus = z.infer<typeof comfyStatusSchema>;

/**
 * Messages of ComfyUI's WebSocket that a page needs to follow a job; their data is passed on as it comes. Everything else,
 * such as ComfyUI's own log, stays behind.
 */
export const comfyMessages = [
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
