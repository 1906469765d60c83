import { runScript } from '../module.mjs';

export async function run() {
  return runScript('status.ps1');
}
