import { z } from 'zod';

/** ISO 8601 in UTC, as `Date.prototype.toISOString` writes it. */
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/);
const pid = z.int().min(1);

/** `desired.json`: what should be. Written by the cmdlets under a lock. */
export const desiredSchema = z.object({
  version: z.literal(1),
  services: z.record(
    z.string(),
    z.object({
      state: z.enum(['running', 'stopped']),
      /** Grows by one with each Start, Stop or Restart that a person asks for; a new one clears the attempts. */
      generation: z.int().min(0),
      at: instant,
      by: z.enum(['operator', 'install', 'panel', 'guardian']),
    }),
  ),
});

export const runStates = ['Starting', 'Running', 'Stopping', 'Stopped', 'Exited', 'Failed'] as const;

/**
 * `run/<id>.json`: what is known of a service's program. Written by its host; with the Nssm backend by the cmdlets, under
 * the service's lock, from what the service manager says.
 */
export const runSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  /** `Exited`: it ended without being asked to. `Failed`: it could not be started. */
  state: z.enum(runStates),
  /** The process that looks after the program: a service host, or NSSM. Null where none lives. */
  hostProcessId: pid.nullable(),
  /** Start time of the host in the system's own unit, so that a reused pid is not taken for it; null where unknown. */
  hostStart: z.string().nullable(),
  /** Path of the Unix socket, or name of the pipe, on which the host takes commands; empty with the Nssm backend. */
  socket: z.string(),
  /** The program's pid, not the host's. */
  processId: pid.nullable(),
  processStart: z.string().nullable(),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  /** Times this host has started the program. */
  launches: z.int().min(0),
  error: z.string().nullable(),
  updatedAt: instant,
});

export const guardianStates = [
  'stopped',
  'starting',
  'healthy',
  'suspect',
  'restarting',
  'cooling',
  'exhausted',
  'skipped',
] as const;

export const guardianServiceSchema = z.object({
  state: z.enum(guardianStates),
  since: instant,
  /** One sentence that goes as it is to the log, the page and the cmdlet. */
  reason: z.string(),
  attempts: z.int().min(0),
  maxAttempts: z.int().min(1),
  lastHealthyAt: instant.nullable(),
  nextAction: z.string().nullable(),
  nextActionAt: instant.nullable(),
  /** The desired generation that this view is about. */
  generation: z.int().min(0),
  failures: z.int().min(0),
  processId: pid.nullable(),
  /** While restarting: the process id that must change, and until when to wait for it. */
  hold: z.object({ processId: pid.nullable(), until: instant }).nullable(),
  latencyMs: z.number().nullable(),
  incidentId: z.string().nullable(),
});

export const incidentSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  service: z.string(),
  openedAt: instant,
  closedAt: instant.nullable(),
  outcome: z.enum(['open', 'recovered', 'exhausted', 'stopped']),
  /** For example `exited with code 137` or `no answer for 12 s`. */
  cause: z.string(),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  evidence: z.array(z.string()),
  attempts: z.array(z.object({ number: z.int(), at: instant, result: z.string() })),
  /** What the operator can do next. */
  advice: z.string(),
});

/** `guardian.json`, beside `desired.json`: the heartbeat and view of the guardian. */
export const heartbeatSchema = z.object({
  version: z.literal(1),
  processId: pid,
  startedAt: instant,
  at: instant,
  cycle: z.int().min(0),
  services: z.record(z.string(), guardianServiceSchema),
  disks: z.array(
    z.object({ path: z.string(), freeBytes: z.number(), totalBytes: z.number(), low: z.boolean() }),
  ),
  memory: z
    .object({
      totalBytes: z.number(),
      availableBytes: z.number(),
      usedPercent: z.number(),
      high: z.boolean(),
    })
    .nullable(),
  /** The newest first, at most 20. */
  incidents: z.array(incidentSchema),
});

export type Desired = z.infer<typeof desiredSchema>;
export type RunState = z.infer<typeof runSchema>;
export type GuardianService = z.infer<typeof guardianServiceSchema>;
export type GuardianState = (typeof guardianStates)[number];
export type Incident = z.infer<typeof incidentSchema>;
export type Heartbeat = z.infer<typeof heartbeatSchema>;
