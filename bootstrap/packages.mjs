import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './node.mjs';
import { step } from './report.mjs';
import { root } from './root.mjs';
import { quiet } from './spawn.mjs';

const stamp = join(root, 'node_modules', '.orchestrator-stamp');

/** Installs the npm packages of the lock file, unless they are there already. */
export async function ensurePackages() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).update(process.version).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  await step('npm packages', async () => {
    const { file, args } = npm();
    await quiet(file, [...args, 'ci', '--no-audit', '--no-fund'], {
      what: 'The npm packages could not be installed.',
      fix: 'Check the connection to the npm registry and the free disk space, then try again.',
    });
    writeFileSync(stamp, hash);
    return 'installed';
  });
}
