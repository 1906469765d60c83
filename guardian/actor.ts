import { type Bridge, CmdletError, isBridgeFailure } from '../core/bridge/index.ts';
import { OrchestratorError } from '../core/contract/errors.ts';
import type { ActionResult } from './policy/types.ts';

/** The only way in which the guardian changes anything. */
export interface Actor {
  /**
   * Has a service restarted if it is still this process (0: none runs). Never rejects. Resolves when the program is
   * spawned, not when it is healthy.
   */
  restart(id: string, expectedProcessId: number, timeoutMs: number): Promise<ActionResult>;
}

/** Somebody else was at work on the service: nothing was done. */
const lockCode = 'ORC2006';
const timeoutCode = 'ORC3004';

export function createBridgeActor(
  bridge: Pick<Bridge<typeof import('../core/contract/cmdlets.ts').cmdlets>, 'call'>,
): Actor {
  return {
    async restart(id, expectedProcessId, timeoutMs) {
      try {
        const params = { Name: [id], Heal: true, ExpectedProcessId: expectedProcessId };
        const { records } = await bridge.call('Restart-Orchestrator', params, { timeoutMs });
        const fault = records.find(({ level }) => level === 'error');
        if (fault) return { kind: fault.code === lockCode ? 'refused' : 'failed', detail: fault.message };
        return { kind: 'done' };
      } catch (error) {
        return resultOf(error);
      }
    },
  };
}

/** A failure of the bridge is no result. Only where the cmdlet may have worked on is the outcome open. */
export function resultOf(error: unknown): ActionResult {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof OrchestratorError && error.code === timeoutCode) return { kind: 'unknown', detail };
  if (isBridgeFailure(error)) return { kind: 'refused', detail };
  if (error instanceof CmdletError && error.code !== lockCode) return { kind: 'failed', detail };
  return { kind: 'refused', detail };
}
