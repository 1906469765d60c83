import type { Bridge } from '../core/bridge/index.ts';
import type { Instant } from './policy/types.ts';
import type { Log } from './report.ts';

/**
 * Has the module look at the Windows services: it writes what the service manager says into the run files, and what an
 * operator did with other tools into desired.json.
 */
export interface ManagerWatch {
  /** False until the first answer: until then the run files are of an earlier time. */
  readonly answered: boolean;
  /**
   * Asks when it is time to, one question at a time; `urgent`: something was seen that only the service manager can
   * explain. Resolves to true when an answer came. Never rejects.
   */
  ask(urgent: boolean): Promise<boolean>;
}

/** A hand that stops or starts a service is noticed within this. */
const everyMs = 5000;
const urgentEveryMs = 250;
/** Pause after a question without an answer: PowerShell may be broken. */
const afterFailureMs = 5000;
const limitMs = 30_000;

export function createManagerWatch({
  bridge,
  now,
  log,
}: {
  bridge: Pick<Bridge<typeof import('../core/contract/cmdlets.ts').cmdlets>, 'call'>;
  now: () => Instant;
  log: Log;
}): ManagerWatch {
  let answered = false;
  let asking = false;
  let failures = 0;
  let askedAt = Number.NEGATIVE_INFINITY;

  async function question(): Promise<boolean> {
    try {
      const { data } = await bridge.call('Sync-OrchestratorService', {}, { timeoutMs: limitMs });
      answered = true;
      for (const { id, change } of data) {
        if (change === 'none' || change === 'settling' || change === 'busy') continue;
        log.info({ service: id, change }, `${id}: an operator has ${change} it through the service manager`);
      }
      if (failures > 0) log.info({ failures }, 'the service manager can be asked again');
      failures = 0;
      return true;
    } catch (error) {
      failures += 1;
      const detail = error instanceof Error ? error.message : String(error);
      const fields = { detail, failures };
      if (failures === 1) log.error(fields, `the service manager cannot be asked: ${detail}`);
      else log.debug(fields, 'the service manager can still not be asked');
      return false;
    }
  }

  return {
    get answered() {
      return answered;
    },
    async ask(urgent) {
      const pause = failures > 0 ? afterFailureMs : urgent ? urgentEveryMs : everyMs;
      const since = now() - askedAt;
      if (asking || (since >= 0 && since < pause)) return false;
      asking = true;
      try {
        return await question();
      } finally {
        asking = false;
        askedAt = now();
      }
    },
  };
}
