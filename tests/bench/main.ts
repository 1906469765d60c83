import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pwsh, root } from '../e2e/stack.ts';
import { guardianLoad } from './guardianLoad.ts';
import { panel } from './panel.ts';
import { powershell } from './powershell.ts';
import { proxy } from './proxy.ts';
import { recovery } from './recovery.ts';
import { type Row, writeReport } from './report.ts';
import { soak } from './soak.ts';
import { tail } from './tail.ts';

const { only, minutes, logs } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '10' },
    logs: { type: 'string', default: 'comfyui,panel,guardian' },
  },
}).values;
const wanted = (name: string) => only === undefined || only.includes(name);
const missing = (process.env['ORCHESTRATOR_MISSING'] ?? '').split(',').filter(Boolean);
for (const program of missing)
  console.log(`LEFT OUT: the comparison with ${program}, which is not on this machine.`);

const rows: Row[] = [];
const versions: Record<string, string> = {
  Node: process.versions.node,
  PowerShell: execFileSync(pwsh(), ['-NoProfile', '-Version'], { encoding: 'utf8' })
    .trim()
    .replace('PowerShell ', ''),
};
if (wanted('powershell')) rows.push(...(await powershell()));
if (wanted('panel')) rows.push(...(await panel()));
if (wanted('proxy')) rows.push(...(await proxy(missing)));
if (wanted('tail')) rows.push(...(await tail()));
if (wanted('recovery')) {
  const result = await recovery(missing);
  rows.push(...result.rows);
  Object.assign(versions, result.versions);
}
if (wanted('guardian')) rows.push(...(await guardianLoad()));

if (wanted('soak')) rows.push(...(await soak({ minutes: Number(minutes), logs })));

if (only === undefined) await writeReport(join(root, 'docs', 'benchmarks.md'), rows, versions);
const missed = rows.filter(({ met }) => met === false);
console.log(`\n${rows.filter(({ met }) => met).length} targets met, ${missed.length} missed`);
for (const { what, figure, target } of missed) console.log(`  missed: ${what}: ${figure}, target ${target}`);
