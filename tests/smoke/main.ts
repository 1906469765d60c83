import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { launchOptions } from '../chromium.ts';
import { apiChecks, checkPage, devices, type Outcome, pages } from './checks.ts';
import { htmlReport } from './report.ts';

// node tests/smoke/main.ts --url http://localhost:3000 [--report FOLDER]; a token comes from ORCHESTRATOR_TOKEN.
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://localhost:3000' },
    report: { type: 'string', default: 'tests/.out/smoke' },
  },
});
const target = { url: values.url.replace(/\/+$/, ''), token: process.env['ORCHESTRATOR_TOKEN'] || null };
const folder = resolve(values.report);
const outcomes: Outcome[] = [];

async function check(
  name: string,
  work: () => Promise<Pick<Outcome, 'faults'> & Partial<Outcome>>,
): Promise<void> {
  const began = performance.now();
  const { faults, picture = null } = await work().catch((error: Error) => ({
    faults: [`${error.message}${error.cause instanceof Error ? `: ${error.cause.message}` : ''}`],
    picture: null,
  }));
  const ms = Math.round(performance.now() - began);
  outcomes.push({ name, faults, ms, picture });
  console.log(`${faults.length > 0 ? '✗' : '✓'} ${name} (${ms} ms)`);
  for (const fault of faults) console.log(`    ${fault}`);
}

await mkdir(folder, { recursive: true });
for (const [name, work] of Object.entries(apiChecks))
  await check(name, async () => ({ faults: await work(target) }));
const browser = await chromium.launch(launchOptions());
try {
  for (const path of pages)
    for (const device of Object.keys(devices))
      await check(`${path} on a ${device}`, () => checkPage({ browser, target, path, device, folder }));
} finally {
  await browser.close();
}
const report = join(folder, 'index.html');
await writeFile(report, htmlReport({ url: target.url, at: new Date(), outcomes }));
const failed = outcomes.filter(({ faults }) => faults.length > 0).length;
console.log(`\n${outcomes.length - failed} passed, ${failed} failed`);
console.log(`Report: ${report}`);
process.exitCode = failed > 0 ? 1 : 0;
