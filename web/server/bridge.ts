import type { CmdletName, CmdletParams, CmdletResult } from '../../core/contract/cmdlets.ts';
import type { EnvelopeRecord } from '../../core/contract/envelope.ts';

export interface CallResult<N extends CmdletName> {
  readonly data: readonly CmdletResult<N>[];
  /** What the cmdlet said beside its results; faults of single items are here. */
  readonly records: readonly EnvelopeRecord[];
}

/** All that the panel wants of PowerShell. A call throws an error with a `code` of the registry. */
export interface PanelBridge {
  call<N extends CmdletName>(
    name: N,
    params: CmdletParams<N>,
    options: { timeoutMs: number },
  ): Promise<CallResult<N>>;
  /** Starts the cmdlet in a process that outlives this one, and does not wait for its end. */
  callDetached<N extends CmdletName>(name: N, params: CmdletParams<N>): Promise<void>;
}
