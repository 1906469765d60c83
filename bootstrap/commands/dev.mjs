import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages } from '../packages.mjs';
import { ensurePowerShell } from '../powershell.mjs';
import { root } from '../root.mjs';
import { shown } from '../spawn.mjs';

/** Panel and guardian from source, restarted on change. Nothing is installed; what the cmdlets run stays as it is. */
export async function run() {
  await ensurePackages();
  await ensurePowerShell();
  const installed = join(root, '.orchestrator', 'orchestrator.json');
  const manifest =
    process.env.ORCHESTRATOR_MANIFEST ??
    (existsSync(installed) ? installed : join(root, 'deploy', 'local', 'orchestrator.json'));
  const env = { ORCHESTRATOR_MANIFEST: manifest, ORCHESTRATOR_ROOT: root, NODE_ENV: 'development' };
  const children = [];
  const onSpawn = (child) => children.push(child);
  const end = () => {
    for (const child of children) child.kill('SIGINT');
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  const astro = join(root, 'node_modules', 'astro', 'bin', 'astro.mjs');
  const codes = await Promise.all([
    shown(process.execPath, [astro, 'dev'], { env, onSpawn }),
    shown(process.execPath, ['--watch', join(root, 'guardian', 'main.ts')], { env, onSpawn }),
  ]);
  return Math.max(...codes.map((code) => (code === 130 ? 0 : code)));
}
