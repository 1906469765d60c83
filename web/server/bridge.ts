import { join } from 'node:path';
import { callDetached } from '../../core/bridge/detached.ts';
import { findPwsh } from '../../core/bridge/findPwsh.ts';
import { createBridge } from '../../core/bridge/index.ts';
import type { CmdletName, CmdletParams, CmdletResult } from '../../core/contract/cmdlets.ts';
import type { EnvelopeRecord } from '../../core/contract/envelope.ts';
import type { Logger } from '../../core/logger.ts';
import type { PanelSettings } from './settings.ts';

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

/** The bridge of core, started at the first call; `idleMs` after the last one PowerShell is let go. */
export function createPanelBridge({
  settings: { root },
  env,
  logger,
  idleMs,
}: {
  settings: Pick<PanelSettings, 'root'>;
  env: NodeJS.ProcessEnv;
  logger: Logger;
  idleMs: number;
}): PanelBridge & { dispose(): Promise<void> } {
  const pwsh = () => findPwsh({ env, root });
  const bridge = createBridge({ pwsh, root, env, logger, idleMs });
  return {
    call: (name, params, options) => bridge.call(name, params as never, options) as never,
    callDetached: async (cmdlet, params) =>
      callDetached({
        pwsh: await pwsh(),
        root,
        env,
        launcher: join(root, 'dist', 'host', 'launch.js'),
        cmdlet,
        params,
      }),
    dispose: () => bridge.dispose(),
  };
}
