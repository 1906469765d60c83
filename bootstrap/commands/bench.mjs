import { join } from 'node:path';
import { ensureBuild } from '../build.mjs';
import { ensurePrograms } from '../debian.mjs';
import { ensurePackages } from '../packages.mjs';
import { ensurePowerShell } from '../powershell.mjs';
import { root } from '../root.mjs';
import { shown } from '../spawn.mjs';

export async function run(args) {
  await ensurePackages();
  await ensurePowerShell();
  await ensureBuild();
  process.env.ORCHESTRATOR_MISSING = (await ensurePrograms(['supervisord', 'nginx', 'wrk'])).join(',');
  return shown(process.execPath, [join(root, 'tests', 'bench', 'main.ts'), ...args]);
}
