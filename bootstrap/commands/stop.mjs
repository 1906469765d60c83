import { isInstalled } from '../dataFolder.mjs';
import { runScript } from '../module.mjs';

export async function run() {
  if (!isInstalled()) {
    console.log('Nothing to stop: Orchestrator is not installed here.');
    return 0;
  }
  return runScript('stop.ps1');
}
