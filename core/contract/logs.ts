import { z } from 'zod';
import { levels } from '../logs/level.ts';

export const logStreams = ['stdout', 'stderr'] as const;
const stream = z.enum(logStreams);
/** Milliseconds since 1970; null where nobody knows. */
const at = z.number().nullable();
/** A place in a log; opaque, and good for as long as its file is kept. */
const cursor = z.string().max(256);

/** Lines that came together. The event `logs` carries an array of these; its id is the cursor of all of them. */
export const logBatchSchema = z.object({
  /** Id of the service. */
  log: z.string(),
  stream,
  /** When the panel read them; null for lines that were there before. */
  at,
  lines: z.array(z.string()),
  /** What this reader missed before these lines, being too slow. */
  gap: z.object({ lines: z.int(), bytes: z.int() }).nullable(),
  /** What happened to the file before these lines. */
  mark: z.enum(['rotated', 'truncated', 'replaced']).nullable(),
  /**
   * The line that is being written behind these, as far as it goes: a bar of progress, or a question. The next batch of
   * this log and stream takes its place; absent when there is none.
   */
  partial: z.string().optional(),
});

const fileSchema = z.object({
  /** Its name without folders. */
  file: z.string(),
  /** Bytes. */
  size: z.int(),
  /** Last change, ISO 8601 UTC. */
  changedAt: z.string(),
});

/** `GET /api/logs` */
export const logListSchema = z.object({
  logs: z.array(
    z.object({
      id: z.string(),
      streams: z.array(
        z.object({
          stream,
          file: z.string(),
          /** Bytes; null while the file is not there. */
          size: z.int().nullable(),
          changedAt: z.string().nullable(),
          /** Earlier parts, the newest first. */
          rotated: z.array(fileSchema),
        }),
      ),
    }),
  ),
});

export const logLineOnPageSchema = z.object({ stream, text: z.string(), at, cursor });

/** `GET /api/logs/{id}`: oldest first. Each cursor leads to the page before or after; null at the end. */
export const logPageSchema = z.object({
  lines: z.array(logLineOnPageSchema),
  before: cursor.nullable(),
  after: cursor.nullable(),
});

export const logMatchSchema = z.object({
  kind: z.literal('match'),
  stream,
  /** Name of the file without folders. */
  file: z.string(),
  text: z.string(),
  at,
  /** Of this line: a page before it and one after it leave the line itself out. */
  cursor,
});

/** `GET /api/logs/{id}/search`: one a line, the newest match first, `end` last. */
export const searchLineSchema = z.discriminatedUnion('kind', [
  logMatchSchema,
  z.object({ kind: z.literal('progress'), scannedBytes: z.int(), totalBytes: z.int() }),
  z.object({
    kind: z.literal('end'),
    matches: z.int(),
    /** There are more than the limit. */
    truncated: z.boolean(),
    /** Why it ended before everything was searched; absent otherwise. */
    fault: z.object({ code: z.string(), title: z.string() }).optional(),
  }),
]);

/** Whole numbers as they stand in a query. */
const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** What of logs a stream of events carries. Last-Event-ID stands for `after`, and goes before it. */
export const followQuerySchema = z.object({
  logs: z
    .string()
    .max(4096)
    .describe('Logs to follow, with commas between: `comfyui`, or one stream of it, `comfyui.stderr`.')
    .optional(),
  stream: stream.optional(),
  tail: count(0, 5000).describe('Lines that each log brings along; 200 without it.').optional(),
  after: z.string().max(8192).describe('Where to go on: the id of the last event.').optional(),
});

/** `GET /api/logs/{id}`: the last lines, or those before or after a place. */
export const pageQuerySchema = z
  .object({
    stream: stream.describe('Both without it.').optional(),
    tail: count(1, 5000).describe('So many of the last lines.').optional(),
    before: cursor.describe('The lines before this place.').optional(),
    after: cursor.describe('The lines after it.').optional(),
    limit: count(1, 5000).describe('Lines of the page at most.').default(200),
  })
  .refine(
    ({ tail, before, after }) => [tail, before, after].filter((given) => given !== undefined).length < 2,
    {
      error: 'one of tail, before and after at most',
    },
  );

export const searchQuerySchema = z.object({
  pattern: z.string().min(1).max(1024).describe('Regular expression of JavaScript.'),
  stream: stream.describe('Both without it.').optional(),
  caseSensitive: z.enum(['true', 'false']).default('false'),
  level: z.enum(levels).describe('This level or worse; a line that shows none counts as `info`.').optional(),
  limit: count(1, 10_000).describe('Matches at most.').default(200),
});

export const downloadQuerySchema = z.object({
  stream: stream.describe('`stdout` without it.').optional(),
  file: z
    .string()
    .max(1024)
    .describe('Name of a file in the list of logs; the current one without it.')
    .optional(),
});

export type LogStream = (typeof logStreams)[number];
export type LogBatch = z.infer<typeof logBatchSchema>;
export type LogList = z.infer<typeof logListSchema>;
export type LogPage = z.infer<typeof logPageSchema>;
export type LogMatch = z.infer<typeof logMatchSchema>;
export type SearchLine = z.infer<typeof searchLineSchema>;
