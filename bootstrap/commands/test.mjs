import { parseArgs } from 'node:util';
import { ensureBuild } from '../build.mjs';
import { ensurePrograms } from '../debian.mjs';
import { ensurePackages } from '../packages.mjs';
import { ensurePowerShell } from '../powershell.mjs';
import { Failure } from '../report.mjs';
import { none, runChecks, runPester, runVitest } from '../suites.mjs';
import { runWindows } from '../windows.mjs';

/**
 * Each suite; `needs` are programs without which it leaves some of its tests out, `requires` those without which it
 * cannot run at all.
 */
const suites = {
  check: { run: () => runChecks() },
  vitest: {
    run: () => runVitest({ name: 'vitest', config: 'vitest.config.ts' }),
    needs: ['chromium', 'prometheus'],
  },
  pester: { run: () => runPester() },
  e2e: { run: () => runVitest({ name: 'e2e', config: 'vitest.e2e.config.ts' }), needs: ['chromium'] },
  windows: { run: () => runWindows(), requires: ['wine64', 'script', 'dotnet'] },
};

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
  const missing = await ensurePrograms(
    names.flatMap((name) => [...(suites[name].needs ?? []), ...(suites[name].requires ?? [])]),
  );
  for (const program of missing) console.log(`SKIPPED: what needs ${program}, which is not on this machine.`);
  process.env.ORCHESTRATOR_MISSING = missing.join(',');

  const total = { ...none };
  const rows = [];
  for (const name of names) {
    const since = Date.now();
    console.log(`\n── ${name} ${'─'.repeat(60 - name.length)}`);
    const { run: runSuite, requires = [] } = suites[name];
    const absent = requires.filter((program) => missing.includes(program));
    if (absent.length > 0) console.log(`SKIPPED: the whole suite, for want of ${absent.join(', ')}.`);
    const result = absent.length > 0 ? { ...none, skipped: 1 } : await runSuite();
    for (const key of Object.keys(total)) total[key] += result[key];
    rows.push({ suite: name, ...result, seconds: Math.round((Date.now() - since) / 1000) });
  }
  console.log('');
  console.table(rows);
  const strict = process.env.CI === 'true' && total.skipped + missing.length > 0;
  if (strict) console.log('With CI=true a test that was left out counts as a failure.');
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 || total.passed + total.skipped === 0 || strict ? 1 : 0;
}
