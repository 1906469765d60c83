import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runScript } from './module.mjs';
import { root } from './root.mjs';
import { shown } from './spawn.mjs';

const bin = (...parts) => join(root, 'node_modules', ...parts);
/** Where the suites' own reports go. */
const out = join(root, 'tests', '.out');

/** The rules that no program has to run for: form, types, generated files. */
export const checks = [
  { name: 'format and lint', args: [bin('@biomejs', 'biome', 'bin', 'biome'), 'ci', '--colors=off'] },
  {
    name: 'types of .ts',
    args: [bin('typescript7', 'bin', 'tsc'), '--noEmit', '-p', join(root, 'tsconfig.json')],
  },
  {
    name: 'types of .astro',
    args: [bin('astro', 'bin', 'astro.mjs'), 'check', '--minimumSeverity', 'warning'],
  },
  { name: 'generated files', args: [join(root, 'tools', 'schema.ts'), '--check'] },
];

export const none = { passed: 0, failed: 0, skipped: 0 };

/** Runs every check; each counts as one test. */
export async function runChecks() {
  const total = { ...none };
  for (const { name, args } of checks) {
    const code = await shown(process.execPath, args, { env: { ASTRO_TELEMETRY_DISABLED: '1' } });
    console.log(`${code === 0 ? '✓' : '✗'} ${name}`);
    total[code === 0 ? 'passed' : 'failed'] += 1;
  }
  return total;
}

/** Runs a Vitest configuration and counts from its own report. A run without a report is one failure. */
export async function runVitest({ name, config, args = [], onSpawn }) {
  mkdirSync(out, { recursive: true });
  const report = join(out, `${name}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const command = [bin('vitest', 'vitest.mjs'), 'run', '--config', join(root, config), ...reporters, ...args];
  const code = await shown(process.execPath, command, { onSpawn });
  if (!existsSync(report)) return { ...none, failed: 1 };
  const {
    numPassedTests,
    numFailedTests,
    numPendingTests,
    numTodoTests = 0,
  } = JSON.parse(readFileSync(report, 'utf8'));
  const failed = numFailedTests === 0 && code !== 0 ? 1 : numFailedTests;
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
}

/** Runs the Pester tests and counts from the report their runner writes. */
export async function runPester(args = []) {
  return countPester('pester', (report) =>
    runScript('../tests/pester/run.ps1', ['-Report', report, ...args]),
  );
}

/** Counts from the report that a run of Pester writes where `run` is told to. A run without one is one failure. */
export async function countPester(name, run) {
  mkdirSync(out, { recursive: true });
  const report = join(out, `${name}.json`);
  rmSync(report, { force: true });
  const code = await run(report);
  if (!existsSync(report)) return { ...none, failed: 1 };
  const { passed, failed, skipped } = JSON.parse(readFileSync(report, 'utf8'));
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, skipped };
}
