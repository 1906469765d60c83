import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPwsh } from '../core/bridge/findPwsh.ts';
import { createBridge } from '../core/bridge/index.ts';
import type { Manifest } from '../core/contract/manifest.ts';
import { runSchema } from '../core/contract/state.ts';
import { createLogger } from '../core/logger.ts';
import { loadManifest } from '../core/manifest/load.ts';
import { readState } from '../core/state/files.ts';
import { statePaths } from '../core/state/paths.ts';
import packageJson from '../package.json' with { type: 'json' };
import { createBridgeActor } from './actor.ts';
import { systemClock } from './clock.ts';
import { isAlive } from './host/procfs.ts';
import { createManagerWatch } from './managerWatch.ts';
import { type Setup, setUp } from './setup.ts';
import { otherGuardian } from './soleGuardian.ts';

/** A stop may take this long before it is made short work of. */
const patienceMs = 1500;

const { env } = process;
const log = createLogger({ name: 'guardian', level: env['LOG_LEVEL'] ?? 'info' });
const root = env['ORCHESTRATOR_ROOT'] ?? projectRoot();
const bridge = createBridge({ pwsh: () => findPwsh({ env, root }), root, env, logger: log, idleMs: 0 });
let setup: Setup | null = null;
let ending = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void end(0, `stopping: ${signal}`));
}
process.on('message', (message) => {
  if (message === 'shutdown') void end(0, 'stopping: asked to by its host');
});
process.on('uncaughtException', (error) => void crash(error));
process.on('unhandledRejection', (error) => void crash(error));

await run();

async function run(): Promise<void> {
  let manifest: Manifest;
  try {
    ({ manifest } = await loadManifest(manifestPath()));
  } catch (error) {
    log.fatal(error instanceof Error ? error.message : String(error));
    return end(1);
  }
  const other = await otherGuardian({
    file: statePaths(manifest.paths.data).guardian,
    ownProcessId: process.pid,
    maxAgeMs: heartbeatLimit(manifest),
    now: Date.now(),
    isAlive,
  });
  if (other !== null) {
    log.fatal(
      { other },
      `Another guardian, process ${other}, is at work on ${manifest.paths.data}. This one ends.`,
    );
    return end(1);
  }
  const actor = createBridgeActor(bridge);
  const onUsurped = (processId: number) => {
    log.fatal({ other: processId }, `Another guardian, process ${processId}, has taken over. This one ends.`);
    void end(1);
  };
  const manager =
    manifest.backend === 'Nssm' ? createManagerWatch({ bridge, now: systemClock.now, log }) : null;
  setup = await setUp({ manifest, actor, manager, log, version: packageJson.version, onUsurped });
  await setup.guardian.start();
  void warm(manifest);
}

/** The first restart shall not have to wait for PowerShell to start and to compile. */
async function warm(manifest: Manifest): Promise<void> {
  try {
    await bridge.warm();
    await bridge.call('Get-OrchestratorStatus', {});
    await rehearse(manifest);
  } catch (error) {
    if (!ending)
      log.error({ detail: String(error) }, 'PowerShell does not answer: nothing could be restarted now');
  }
}

/** A restart of this very program, given up because its process is not the one expected: all but the act itself. */
async function rehearse({ paths, services }: Manifest): Promise<void> {
  const self = services.find(({ health }) => health.kind === 'heartbeat');
  if (!self) return;
  const { value } = await readState(statePaths(paths.data).run(self.id), runSchema);
  if (value?.processId !== process.pid || process.ppid === process.pid) return;
  const params = { Name: [self.id], Heal: true, ExpectedProcessId: process.ppid };
  await bridge.call('Restart-Orchestrator', params);
}

function manifestPath(): string {
  const named = env['ORCHESTRATOR_MANIFEST'];
  if (named) return named;
  const installed = join(root, '.orchestrator', 'orchestrator.json');
  if (existsSync(installed)) return installed;
  return join(root, 'deploy', process.platform === 'win32' ? 'windows' : 'local', 'orchestrator.json');
}

/** From source and from the bundle alike: the nearest folder above that holds the module. */
function projectRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let at = here; dirname(at) !== at; at = dirname(at)) {
    if (existsSync(join(at, 'ps')) && existsSync(join(at, 'package.json'))) return at;
  }
  return dirname(here);
}

function heartbeatLimit({ intervals, services }: Manifest): number {
  const ages = services.map(({ health }) => (health.kind === 'heartbeat' ? health.maxAgeMs : 0));
  return Math.max(3 * intervals.healthCheck, ...ages);
}

async function end(code: number, why?: string): Promise<void> {
  if (ending) return;
  ending = true;
  if (why) log.info(why);
  process.exitCode = code;
  setTimeout(() => process.exit(code), patienceMs);
  setup?.close();
  await bridge.dispose().catch(() => {});
  process.exit(code);
}

function crash(error: unknown): Promise<void> {
  log.fatal({ detail: error instanceof Error ? error.stack : String(error) }, 'the guardian failed and ends');
  return end(1);
}
