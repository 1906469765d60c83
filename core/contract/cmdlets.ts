import { z } from 'zod';
import { guardianStates, runStates } from './state.ts';

const names = z.array(z.string().min(1).max(256)).max(256);

export const healthWords = [
  'healthy',
  'starting',
  'suspect',
  'restarting',
  'cooling',
  'exhausted',
  'unhealthy',
  'stopped',
  'skipped',
  'unknown',
] as const;

/** One service as Get-OrchestratorStatus and the panel show it. */
export const serviceStatusSchema = z.object({
  id: z.string(),
  serviceName: z.string(),
  displayName: z.string(),
  mode: z.enum(['managed', 'demo', 'external']),
  desired: z.enum(['running', 'stopped']),
  /** What the backend sees. */
  state: z.enum(['Running', 'Starting', 'Stopping', 'Stopped', 'External', 'Skipped', 'Unknown']),
  health: z.enum(healthWords),
  /** One sentence: why it is as it is. */
  reason: z.string(),
  processId: z.int().nullable(),
  /** ISO 8601 UTC; of the current process, or of its end. */
  since: z.string().nullable(),
  exitCode: z.int().nullable(),
  /** `http://127.0.0.1:3000`, null for a service without a port. */
  address: z.string().nullable(),
  attempts: z.int(),
  maxAttempts: z.int(),
  guardianState: z.enum(guardianStates).nullable(),
  nextAction: z.string().nullable(),
  nextActionAt: z.string().nullable(),
  latencyMs: z.number().nullable(),
  /** Where the Windows service differs from the manifest, one sentence each. Null: nobody looked, as in the panel. */
  drift: z.array(z.string()).nullable(),
  /** Faults of state files that were worked around, one sentence each. */
  warnings: z.array(z.string()),
});

/** One line of what Install-Orchestrator did or would do. */
export const installChangeSchema = z.object({
  target: z.string(),
  property: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  action: z.enum(['none', 'create', 'change', 'remove']),
});

/** One service as Sync-OrchestratorService found it. */
export const syncSchema = z.object({
  id: z.string(),
  state: z.enum(runStates).nullable(),
  processId: z.int().nullable(),
  /** `settling`: a stop that must last to count. `busy`: another session holds the service. */
  change: z.enum(['none', 'settling', 'stopped', 'started', 'restarted', 'busy']),
});

export const checkSchema = z.object({
  name: z.string(),
  status: z.enum(['pass', 'warn', 'fail', 'skip']),
  message: z.string(),
  /** What to do about it; empty when it passed. */
  fix: z.string(),
  code: z.string().nullable(),
});

export const findingSchema = z.object({
  code: z.string(),
  /** JSON pointer to the fault. */
  path: z.string(),
  line: z.int().nullable(),
  message: z.string(),
  /** Nearest known key, for an unknown one. */
  suggestion: z.string().nullable(),
});

export const manifestReportSchema = z.object({
  path: z.string(),
  valid: z.boolean(),
  findings: z.array(findingSchema),
});

export const logLineSchema = z.object({
  id: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  level: z.string().nullable(),
  text: z.string(),
});

/**
 * Every cmdlet the bridge may call: its parameters and one item of its `data`. The module refuses any other name.
 * Parameter names are PascalCase as in PowerShell; results have their first letter lowered.
 */
export const cmdlets = {
  'Get-OrchestratorStatus': {
    params: z.strictObject({ Name: names.optional() }),
    result: serviceStatusSchema,
  },
  'Start-Orchestrator': {
    params: z.strictObject({
      Name: names.optional(),
      Wait: z.boolean().optional(),
      By: z.enum(['operator', 'panel']).optional(),
    }),
    result: serviceStatusSchema,
  },
  'Stop-Orchestrator': {
    params: z.strictObject({ Name: names.optional(), By: z.enum(['operator', 'panel']).optional() }),
    result: serviceStatusSchema,
  },
  'Restart-Orchestrator': {
    params: z.strictObject({
      Name: names.optional(),
      Wait: z.boolean().optional(),
      /** The guardian's door: acts only where the service is desired running, and leaves desired.json alone. */
      Heal: z.boolean().optional(),
      /** With Heal: does nothing when the service's process is no longer this one (0: none was running). */
      ExpectedProcessId: z.int().min(0).optional(),
      By: z.enum(['operator', 'panel']).optional(),
    }),
    result: serviceStatusSchema,
  },
  /** What was done to Windows services with other tools; it is noted in desired.json and the run files. */
  'Sync-OrchestratorService': { params: z.strictObject({ Name: names.optional() }), result: syncSchema },
  'Test-Orchestrator': { params: z.strictObject({}), result: checkSchema },
  'Test-OrchestratorManifest': {
    params: z.strictObject({ Path: z.string().optional() }),
    result: manifestReportSchema,
  },
  'Get-OrchestratorLog': {
    params: z.strictObject({
      Name: names.optional(),
      Tail: z.int().min(1).max(100_000).optional(),
      Pattern: z.string().max(1024).optional(),
    }),
    result: logLineSchema,
  },
  'Clear-OrchestratorLog': {
    params: z.strictObject({ Name: names.optional() }),
    result: z.object({ id: z.string(), removed: z.int(), freedBytes: z.int() }),
  },
} as const;

export type CmdletName = keyof typeof cmdlets;
export type CmdletParams<N extends CmdletName> = z.infer<(typeof cmdlets)[N]['params']>;
export type CmdletResult<N extends CmdletName> = z.infer<(typeof cmdlets)[N]['result']>;
export type ServiceStatus = z.infer<typeof serviceStatusSchema>;
export type Finding = z.infer<typeof findingSchema>;
