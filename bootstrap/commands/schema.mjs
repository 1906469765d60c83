import { join } from 'node:path';
import { ensurePackages } from '../packages.mjs';
import { root } from '../root.mjs';
import { shown } from '../spawn.mjs';

export async function run(args) {
  await ensurePackages();
  return shown(process.execPath, [join(root, 'tools', 'schema.ts'), ...args]);
}
