import type { z } from 'zod';
import { CmdletError } from '../../core/bridge/failures.ts';
import type { actionBodySchema } from '../../core/contract/action.ts';
import type { ServiceStatus } from '../../core/contract/cmdlets.ts';
import type { EnvelopeRecord } from '../../core/contract/envelope.ts';
import { type Language, OrchestratorError } from '../../core/contract/errors.ts';
import type { Manifest, Service } from '../../core/contract/manifest.ts';
import { findService } from '../../core/manifest/findService.ts';
import type { StatusSource } from '../../core/status/source.ts';
import type { PanelBridge } from './bridge.ts';
import { type Problem, toProblem } from './problem.ts';
import { text } from './texts.ts';

export const actions = ['start', 'stop', 'restart'] as const;
export type Action = (typeof actions)[number];

const cmdletOf = {
  start: 'Start-Orchestrator',
  stop: 'Stop-Orchestrator',
  restart: 'Restart-Orchestrator',
} as const satisfies Record<Action, string>;

export type ActionBody = z.infer<typeof actionBodySchema>;

export type ActionResult =
  | {
      readonly accepted: false;
      readonly id: string;
      readonly action: Action;
      readonly service: ServiceStatus;
    }
  /** The panel is its own target: `run` goes on in a process of its own, and must be called after the answer. */
  | {
      readonly accepted: true;
      readonly id: string;
      readonly action: Action;
      readonly message: string;
      readonly run: () => Promise<void>;
    };

export interface IgniteResult {
  readonly id: string;
  readonly outcome: 'started' | 'running' | 'external' | 'skipped' | 'failed';
  readonly service: ServiceStatus | null;
  readonly problem: Problem | null;
}

export interface Caller {
  readonly language: Language;
  readonly requestId: string;
}

export interface SystemHandlers {
  /** Throws ORC2001 for a name that is neither an id nor an alias. */
  status(name: string, language: Language): Promise<ServiceStatus>;
  act(name: string, action: Action, body: ActionBody, caller: Caller): Promise<ActionResult>;
  /** Starts every service that does not run, in file order. A service that fails does not hold up the next. */
  ignite(caller: Caller): Promise<IgniteResult[]>;
}

/** Time for a cold PowerShell, and for the cmdlet's own waiting for a lock. */
const callMs = 60_000;

export function createSystemHandlers({
  manifest,
  source,
  bridge,
  selfId,
}: {
  manifest: Manifest;
  source: StatusSource;
  bridge: PanelBridge;
  /** The service as which this panel runs; null when it was not started as one. */
  selfId: string | null;
}): SystemHandlers {
  const resolve = (name: string) => findService(manifest, name);

  async function run(service: Service, action: Action, wait: boolean): Promise<ServiceStatus> {
    const timeoutMs = timeLimit(service, action, wait);
    const target = { Name: [service.id], By: 'panel' as const };
    const { data, records } =
      action === 'stop'
        ? await bridge.call(cmdletOf.stop, target, { timeoutMs })
        : await bridge.call(cmdletOf[action], { ...target, ...(wait && { Wait: true }) }, { timeoutMs });
    const status = data.find(({ id }) => id === service.id);
    const fault = records.find(({ level }) => level === 'error');
    if (fault) throw itemError(cmdletOf[action], fault);
    if (status) return status;
    throw new OrchestratorError('ORC3006', {
      cmdlet: cmdletOf[action],
      detail: `It says nothing about ${service.id}.`,
    });
  }

  async function status(name: string, language: Language): Promise<ServiceStatus> {
    const { id } = resolve(name);
    const snapshot = await source.current();
    const found = snapshot.in(language).services.find((service) => service.id === id);
    if (!found) throw new Error(`the picture lacks ${id}`);
    return found;
  }

  return {
    status,
    async act(name, action, { wait }, { language }) {
      const service = resolve(name);
      const { id, displayName } = service;
      if (service.mode === 'external') throw new OrchestratorError('ORC2008', { service: displayName });
      if (id !== selfId) return { accepted: false, id, action, service: await run(service, action, wait) };
      const message = text(`self.${action}`, language);
      const params = { Name: [id], By: 'panel' as const };
      return {
        accepted: true,
        id,
        action,
        message,
        run: () => bridge.callDetached(cmdletOf[action], params),
      };
    },
    async ignite({ language, requestId }) {
      const results: IgniteResult[] = [];
      const stopped = await startable(manifest, source);
      let broken: Problem | null = null;
      for (const { id, mode } of manifest.services) {
        const seen = await status(id, language);
        const service = resolve(id);
        if (!stopped.has(id)) {
          const outcome = mode === 'external' ? 'external' : seen.state === 'Skipped' ? 'skipped' : 'running';
          results.push({ id, outcome, service: seen, problem: null });
          continue;
        }
        if (broken) {
          results.push({ id, outcome: 'failed', service: seen, problem: broken });
          continue;
        }
        try {
          const wait = isAwaited(manifest, id, stopped);
          results.push({ id, outcome: 'started', service: await run(service, 'start', wait), problem: null });
        } catch (error) {
          const problem = toProblem({ error, requestId, language });
          // Without PowerShell the others would only fail the same way, each after its own time limit.
          if (problem.code === 'ORC3004' || problem.code === 'ORC3005') broken = problem;
          results.push({ id, outcome: 'failed', service: seen, problem });
        }
      }
      return results;
    },
  };
}

async function startable(manifest: Manifest, source: StatusSource): Promise<Set<string>> {
  const { status } = await source.current();
  const external = new Set(manifest.services.filter(({ mode }) => mode === 'external').map(({ id }) => id));
  const ready = status.services.filter(
    ({ id, state, desired }) =>
      !external.has(id) &&
      state !== 'Skipped' &&
      (desired === 'stopped' || !['Running', 'Starting'].includes(state)),
  );
  return new Set(ready.map(({ id }) => id));
}

/** Whether a later service of those to be started builds on this one. */
function isAwaited(manifest: Manifest, id: string, stopped: ReadonlySet<string>): boolean {
  return manifest.services.some((service) => stopped.has(service.id) && service.dependsOn.includes(id));
}

function timeLimit({ stop, health }: Service, action: Action, wait: boolean): number {
  const stopping = action === 'start' ? 0 : stop.timeoutMs;
  return callMs + stopping + (wait ? health.startupGraceMs : 0);
}

/** The fault of a single item, as if the whole call had failed with it: there was only this item. */
function itemError(cmdlet: string, { code, message }: EnvelopeRecord): CmdletError {
  const error = { code: code ?? 'ORC3001', category: '', message, target: null };
  return new CmdletError({ cmdlet, error, records: [] });
}
