import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runScript } from '../module.mjs';
import { root } from '../root.mjs';

export async function run() {
  if (!process.env.ORCHESTRATOR_MANIFEST && !existsSync(join(root, '.orchestrator', 'orchestrator.json'))) {
    console.log('Nothing to stop: Orchestrator is not installed here.');
    return 0;
  }
  return runScript('stop.ps1');
}
