import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { z } from 'zod';
import { cmdlets as contract } from '../contract/cmdlets.ts';
import type { CmdletContract } from './bridge.ts';
import { unavailable } from './failures.ts';
import { bootLine, requestLine } from './protocol.ts';
import { checkedRequest } from './request.ts';
import { shellEnvironment } from './shell.ts';

/** It travels as base64 of base64 in one argument, and a command line of Windows holds 32 767 characters. */
const maxDetachedBytes = 12 * 1024;

/**
 * Runs one cmdlet in a PowerShell of its own that outlives the caller and is no part of its process tree: the way in
 * which a service has itself stopped. Resolves when that PowerShell is started; its outcome shows in the state files.
 * Rejects with ORC3002 or ORC3003 when the request is not allowed, ORC3005 when nothing could be started.
 */
export async function callDetached<N extends keyof C & string, C extends CmdletContract = typeof contract>({
  pwsh,
  root,
  env,
  launcher,
  cmdlet,
  params,
  cmdlets = contract as unknown as C,
  modulePath = join(root, 'ps', 'Orchestrator.psd1'),
}: {
  pwsh: string;
  /** Root of the project: holds ps/. */
  root: string;
  env: NodeJS.ProcessEnv;
  /** The bundled guardian/host/launch.ts. */
  launcher: string;
  cmdlet: N;
  params: z.infer<C[N]['params']>;
  cmdlets?: C;
  /** The module to import. */
  modulePath?: string;
}): Promise<void> {
  const id = randomUUID();
  const request = checkedRequest({ cmdlets, id, name: cmdlet, params, maxBytes: maxDetachedBytes });
  const boot = bootLine({ id, modulePath });
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
    throw unavailable(launchFault(cause));
  }
}

/** In few words. Node's own message holds the whole command line, and with it the request; so does its cause. */
function launchFault(cause: unknown): string {
  const { code, killed } = cause as { code?: unknown; killed?: boolean };
  if (killed) return 'It was not started in time.';
  if (typeof code === 'string') return `The launcher cannot be started (${code}).`;
  return `The launcher could not start it (exit code ${String(code)}).`;
}
