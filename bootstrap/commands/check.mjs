import { ensurePackages } from '../packages.mjs';
import { runChecks } from '../suites.mjs';

export async function run() {
  await ensurePackages();
  const { failed } = await runChecks();
  return failed === 0 ? 0 : 1;
}
