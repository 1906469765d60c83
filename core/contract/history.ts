import { z } from 'zod';

/** Spans that the pages and the API offer, with their length in milliseconds. */
export const spans = {
  '1h': 3_600_000,
  '6h': 6 * 3_600_000,
  '24h': 24 * 3_600_000,
  '7d': 7 * 24 * 3_600_000,
  '30d': 30 * 24 * 3_600_000,
} as const;

export type Span = keyof typeof spans;

const span = z.enum(Object.keys(spans) as [Span, ...Span[]]);
const at = z.int().describe('Milliseconds since 1970.');
const ratio = z.number().min(0).max(1).nullable();

export const uptimeQuerySchema = z.object({
  span: span.default('24h'),
  /** Equal parts of the span, one bar each. */
  parts: z.coerce.number().int().min(1).max(288).default(48),
});

export const latencyQuerySchema = z.object({ span: span.default('24h') });

/** How much of the time each service was healthy while it should run. */
export const uptimeSchema = z.object({
  /** False when the guardian has left no history that can be read; all ratios are null then. */
  available: z.boolean(),
  from: at,
  until: at,
  services: z.array(
    z.object({
      id: z.string(),
      /** Of the whole span, 0 to 1; null when nobody looked. */
      ratio,
      /** Of each part, oldest first. */
      bars: z.array(ratio),
    }),
  ),
});

/** How fast one service answered. */
export const latencySchema = z.object({
  available: z.boolean(),
  id: z.string(),
  from: at,
  until: at,
  points: z.array(
    z.object({
      at,
      /** Mean and largest of the part, in milliseconds; null when nothing was measured. */
      meanMs: z.number().nullable(),
      maxMs: z.number().nullable(),
      /** Share of healthy looks, 0 to 1. */
      ratio,
    }),
  ),
});

export type UptimeReport = z.infer<typeof uptimeSchema>;
export type LatencyReport = z.infer<typeof latencySchema>;
