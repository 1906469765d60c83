import { parseArgs } from 'node:util';
import { ensureBuild } from '../build.mjs';
import { ensurePrograms } from '../debian.mjs';
import { ensurePackages } from '../packages.mjs';
import { ensurePowerShell } from '../powershell.mjs';
import { Failure } from '../report.mjs';
import { runChecks, runPester, runVitest } from '../suites.mjs';

const suites = {
  check: () => runChecks(),
  vitest: () => runVitest({ name: 'vitest', config: 'vitest.config.ts' }),
  pester: () => runPester(),
  e2e: () => runVitest({ name: 'e2e', config: 'vitest.e2e.config.ts' }),
};

/** Programs without which a suite leaves some of its tests out. */
const needs = ['chromium'];

function chosen(args) {
  const { only } = parseArgs({ args, options: { only: { type: 'string', multiple: true } } }).values;
  const unknown = only?.find((name) => !Object.hasOwn(suites, name));
  if (unknown) {
    throw new Failure({
      what: `There is no suite "${unknown}".`,
      why: `The suites are: ${Object.keys(suites).join(', ')}.`,
      fix: 'Run for example: npm test -- --only vitest',
    });
  }
  return only ?? Object.keys(suites);
}

export async function run(args) {
  const names = chosen(args);
  await ensurePackages();
  await ensurePowerShell();
  await ensureBuild();
  const missing = await ensurePrograms(needs);
  for (const program of missing) console.log(`SKIPPED: what needs ${program}, which is not on this machine.`);
  process.env.ORCHESTRATOR_MISSING = missing.join(',');

  const total = { passed: 0, failed: 0, skipped: 0 };
  const rows = [];
  for (const name of names) {
    const since = Date.now();
    console.log(`\n── ${name} ${'─'.repeat(60 - name.length)}`);
    const result = await suites[name]();
    for (const key of Object.keys(total)) total[key] += result[key];
    rows.push({ suite: name, ...result, seconds: Math.round((Date.now() - since) / 1000) });
  }
  console.log('');
  console.table(rows);
  const strict = process.env.CI === 'true' && total.skipped + missing.length > 0;
  if (strict) console.log('With CI=true a test that was left out counts as a failure.');
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 || total.passed === 0 || strict ? 1 : 0;
}
