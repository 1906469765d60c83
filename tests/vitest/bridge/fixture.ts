import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import { type BridgeOptions, createBridge } from '../../../core/bridge/bridge.ts';
import { findPwsh } from '../../../core/bridge/findPwsh.ts';
import { createLogger } from '../../../core/logger.ts';

export const root = join(import.meta.dirname, '..', '..', '..');
export const modulePath = join(root, 'tests', 'fakes', 'bridge', 'Orchestrator.psd1');
export const silent = createLogger({ name: 'test', level: 'silent' });
export const pwsh = await findPwsh({ env: process.env, root });

const none = z.strictObject({});
const anything = z.unknown();

/** What the fake module offers. The last three are names that the module itself must refuse. */
export const cmdlets = {
  'Get-FakeEcho': {
    params: z.strictObject({
      Name: z.array(z.string()).optional(),
      Value: z.unknown().optional(),
      Force: z.boolean().optional(),
    }),
    result: z.object({
      name: z.array(z.string()).nullable(),
      value: z.unknown(),
      force: z.boolean(),
      bound: z.array(z.string()),
    }),
  },
  'Start-FakeSleep': {
    params: z.strictObject({ Seconds: z.number(), ProcessIdPath: z.string().optional() }),
    result: z.string(),
  },
  'Set-FakeMark': { params: z.strictObject({ Path: z.string(), Seconds: z.number() }), result: anything },
  'Start-FakeChild': { params: none, result: z.int() },
  'Write-FakeStream': { params: none, result: z.string() },
  'Invoke-FakeError': { params: z.looseObject({ Kind: z.string().optional() }), result: z.string() },
  'Set-FakeSession': { params: none, result: anything },
  'Get-FakeSession': { params: none, result: z.looseObject({ processId: z.int() }) },
  'Write-FakeNoise': { params: none, result: z.string() },
  'Get-FakeLarge': {
    params: z.strictObject({ Megabytes: z.int(), Raw: z.boolean().optional() }),
    result: z.string(),
  },
  'Get-FakeShape': { params: none, result: z.looseObject({}) },
  'Get-FakeHidden': { params: none, result: anything },
  'Get-FakeInternal': { params: none, result: anything },
  'Get-ChildItem': { params: z.looseObject({}), result: anything },
} as const;

export type FakeBridge = ReturnType<typeof fakeBridge>;

/** A bridge to a real PowerShell with the fake module. */
export function fakeBridge({ limits, ...options }: Partial<BridgeOptions<typeof cmdlets>> = {}) {
  const fixed = { pwsh, root, env: process.env, logger: silent, cmdlets, modulePath };
  // A machine that is busy with other tests may take longer than an operator would wait.
  return createBridge({ ...fixed, ...options, limits: { startTimeoutMs: 50_000, ...limits } });
}

/** The shell's process id. Throws when there is none: a signal to process 0 would go to the tests themselves. */
export function pidOf(bridge: FakeBridge): number {
  const { pid } = bridge.stats;
  if (pid === null) throw new Error('PowerShell does not run');
  return pid;
}

export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 5000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** False for a process that is gone or waits to be reaped. */
export async function isAlive(pid: number): Promise<boolean> {
  const { readFile } = await import('node:fs/promises');
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that are really held, in buffers and on the heap. */
export function heldBytes(): number {
  collectGarbage();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}
