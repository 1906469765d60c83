import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CmdletName, type CmdletParams, cmdlets } from '../contract/cmdlets.ts';
import { unavailable } from './failures.ts';
import { bootLine, requestLine } from './protocol.ts';
import { checkedRequest } from './request.ts';
import { shellEnvironment } from './shell.ts';

/**
 * Runs one cmdlet in a PowerShell of its own that outlives the caller and is no part of its process tree: the way in
 * which a service has itself stopped. Resolves when that PowerShell is started; its outcome shows in the state files.
 * Rejects with ORC3002 or ORC3003 when the request is not allowed, ORC3005 when nothing could be started.
 */
export async function callDetached<N extends CmdletName>({
  pwsh,
  root,
  env,
  launcher,
  cmdlet,
  params,
}: {
  pwsh: string;
  /** Root of the project: holds ps/. */
  root: string;
  env: NodeJS.ProcessEnv;
  /** The bundled guardian/host/launch.ts. */
  launcher: string;
  cmdlet: N;
  params: CmdletParams<N>;
}): Promise<void> {
  const id = randomUUID();
  const request = checkedRequest({ cmdlets, id, name: cmdlet, params, maxBytes: 64 * 1024 });
  const boot = bootLine({ id, modulePath: join(root, 'ps', 'Orchestrator.psd1') });
  const launch = {
    file: pwsh,
    args: ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', `${boot}; ${requestLine(request)}`],
    cwd: root,
    env: {},
  };
  const argument = Buffer.from(JSON.stringify(launch)).toString('base64');
  try {
    await promisify(execFile)(process.execPath, [launcher, argument], {
      env: shellEnvironment(env),
      timeout: 10_000,
      windowsHide: true,
    });
  } catch (cause) {
    throw unavailable(cause instanceof Error ? cause.message : String(cause));
  }
}
