import { z } from 'zod';

/** Milliseconds, whole, from 0 to 30 days. */
const ms = z.int().min(0).max(2_592_000_000);
const positiveMs = z.int().min(1).max(2_592_000_000);
const text = z.string().min(1).max(1024);
/** No system takes a NUL in a path, an argument or a variable: it is a fault here rather than at the start. */
const path = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0]*$/);

/**
 * A service's short name: in URLs, file names and `-Name`. Windows keeps the names of devices for itself, and
 * `desired` is the lock of desired.json.
 */
export const serviceIdPattern = '^(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|desired)$)[a-z][a-z0-9-]{0,31}$';
const serviceId = z.string().regex(new RegExp(serviceIdPattern));

/** Names of variables; the one that JavaScript objects give a meaning of their own is not among them. */
export const envKeyPattern = '^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]*$';

const command = z.strictObject({
  /** Absolute, relative to the manifest's folder when it holds a separator, else looked up on PATH at install. */
  file: path,
  /** One argument each, never joined or split. Relative paths in them start at `cwd`. */
  args: z
    .array(
      z
        .string()
        .max(8192)
        .regex(/^[^\0]*$/),
    )
    .max(256),
});

const httpHealth = z.strictObject({
  kind: z.literal('http'),
  /** Path and query on the service's own address, as they go over the wire; any 2xx or 3xx answer is healthy. */
  path: z
    .string()
    .regex(/^\/[!"$-~]*$/)
    .max(1024),
  timeoutMs: positiveMs,
  /** Failed probes in a row before the guardian acts. */
  failureThreshold: z.int().min(1).max(100),
  /** Time a fresh process gets to give its first healthy answer. */
  startupGraceMs: ms,
});

const heartbeatHealth = z.strictObject({
  kind: z.literal('heartbeat'),
  /** The heartbeat file counts as dead when older than this. */
  maxAgeMs: positiveMs,
  startupGraceMs: ms,
});

const processHealth = z.strictObject({
  /** The process being alive is all that is asked. */
  kind: z.literal('process'),
  startupGraceMs: ms,
});

const restart = z.strictObject({
  /** `guardian`: the guardian decides. `host`: the service host (or NSSM) restarts it. `never`: a person does. */
  policy: z.enum(['guardian', 'host', 'never']),
  maxAttempts: z.int().min(1).max(100),
  /** Pause before every attempt but the first. */
  cooldownMs: ms,
  backoff: z.strictObject({
    /** Each pause is the one before times this. */
    factor: z.number().min(1).max(10),
    maxMs: ms,
    /** Share of the pause by which it may differ, 0 to 1. */
    jitter: z.number().min(0).max(1),
  }),
  /** Attempts are forgotten after this long in health. */
  resetAfterMs: ms,
  /** After `maxAttempts`: try again this often, or never (null). */
  retryExhaustedMs: positiveMs.nullable(),
});

const logs = z.strictObject({
  stdout: path,
  stderr: path,
  /** A log file is rotated when it reaches this many bytes. */
  rotateBytes: z.int().min(1024).max(10_737_418_240),
  /** Rotated files of one stream together; the oldest go first. */
  keepBytes: z.int().min(0).max(1_099_511_627_776),
  keepDays: z.int().min(1).max(3650),
});

export const serviceSchema = z.strictObject({
  id: serviceId,
  serviceName: z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,79}$/),
  displayName: text,
  description: text,
  /** `demo`: stands in for the real program and says so. `external`: watched and used, never started or stopped. */
  mode: z.enum(['managed', 'demo', 'external']),
  command: command.nullable(),
  cwd: path,
  aliases: z.array(serviceId).max(8),
  env: z.record(
    z.string().regex(new RegExp(envKeyPattern)),
    z
      .string()
      .max(32_767)
      .regex(/^[^\0]*$/),
  ),
  scheme: z.enum(['http', 'https']),
  host: z.string().regex(/^[A-Za-z0-9:.[\]-]{1,253}$/),
  port: z.int().min(1).max(65_535).nullable(),
  /** Files that must exist, else the service is skipped with a warning. */
  requires: z.array(path).max(64),
  health: z.discriminatedUnion('kind', [httpHealth, heartbeatHealth, processHealth]),
  logs,
  /** Earlier entries of the file only. */
  dependsOn: z.array(serviceId).max(32),
  restart,
  stop: z.strictObject({ timeoutMs: positiveMs }),
  startType: z.enum(['auto', 'delayed', 'manual', 'disabled']),
});

export const manifestSchema = z.strictObject({
  $schema: z.string().max(1024).optional(),
  version: z.literal(1),
  /** The source of an installed copy; Install-Orchestrator writes it. */
  installedFrom: path.optional(),
  backend: z.enum(['Nssm', 'Embedded']),
  paths: z.strictObject({
    /** State: desired.json, run/, incidents/, history.db. */
    data: path,
    logs: path,
  }),
  intervals: z.strictObject({
    healthCheck: positiveMs,
    serviceWatch: positiveMs,
    diskCheck: positiveMs,
  }),
  thresholds: z.strictObject({
    diskFreeGb: z.number().min(0).max(100_000),
    memoryPercent: z.number().min(1).max(100),
  }),
  retention: z.strictObject({
    samplesDays: z.int().min(1).max(3650),
    incidentsDays: z.int().min(1).max(3650),
  }),
  panel: z.strictObject({
    tls: z.strictObject({ certFile: path, keyFile: path }).nullable(),
  }),
  /** Names of secrets, never their values; the values live in `.env.local` or the environment. */
  secrets: z.array(z.string().regex(/^[A-Z][A-Z0-9_]*$/)).max(64),
  services: z.array(serviceSchema).min(1).max(256),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type Service = z.infer<typeof serviceSchema>;
export type RestartPolicy = Service['restart'];
