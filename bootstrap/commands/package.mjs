import { join } from 'node:path';
import { ensureBuild } from '../build.mjs';
import { npm } from '../node.mjs';
import { ensurePackages } from '../packages.mjs';
import { root } from '../root.mjs';
import { shown } from '../spawn.mjs';

export async function run(args) {
  await ensurePackages();
  await ensureBuild();
  const env = { ORCHESTRATOR_NPM: JSON.stringify(npm()) };
  return shown(process.execPath, [join(root, 'tools', 'package.ts'), ...args], { env });
}
