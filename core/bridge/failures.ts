import type { EnvelopeError, EnvelopeRecord } from '../contract/envelope.ts';
import { isErrorCode, OrchestratorError } from '../contract/errors.ts';

const failureCodes: ReadonlySet<string> = new Set(['ORC3004', 'ORC3005', 'ORC3006']);

/**
 * True when the bridge itself failed, which means *no result*: nothing was learnt about any service, and a cmdlet
 * that was under way may or may not have done its work.
 */
export function isBridgeFailure(error: unknown): error is OrchestratorError {
  return error instanceof OrchestratorError && failureCodes.has(error.code);
}

/** A cmdlet ended with a terminating error. `message` is PowerShell's own text. */
export class CmdletError extends OrchestratorError {
  readonly cmdlet: string;
  readonly category: string;
  readonly target: string | null;
  /** What the cmdlet said on its other streams before it failed. */
  readonly records: readonly EnvelopeRecord[];

  constructor({
    cmdlet,
    error,
    records,
  }: {
    cmdlet: string;
    error: EnvelopeError;
    records: readonly EnvelopeRecord[];
  }) {
    super(isErrorCode(error.code) ? error.code : 'ORC3001', { cmdlet, detail: error.message });
    this.name = 'CmdletError';
    this.message = error.message;
    this.cmdlet = cmdlet;
    this.category = error.category;
    this.target = error.target;
    this.records = records;
  }
}

export function timedOut(cmdlet: string, elapsedMs: number, cause?: unknown): OrchestratorError {
  return new OrchestratorError('ORC3004', { cmdlet, seconds: Math.round(elapsedMs / 100) / 10 }, cause);
}

export function unavailable(detail: string, cause?: unknown): OrchestratorError {
  return new OrchestratorError('ORC3005', { detail }, cause);
}

export function notUnderstood(cmdlet: string, detail: string): OrchestratorError {
  return new OrchestratorError('ORC3006', { cmdlet, detail });
}
