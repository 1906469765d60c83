import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { step } from './report.mjs';
import { root } from './root.mjs';
import { shown } from './spawn.mjs';
import { countPester, none, runVitest } from './suites.mjs';

const boxes = join(root, '.runtime', 'windows', 'boxes');
const own = join(boxes, String(process.pid));
const source = (name) => import(pathToFileURL(join(root, 'tests', 'windows', name)).href);

/**
 * Runs the tests in Windows boxes under Wine: the stories, then Pester in PowerShell for Windows. Whatever happens,
 * Ctrl+C too, nothing of its boxes is left.
 */
export async function runWindows() {
  await endBoxes(abandoned());
  process.env.ORCHESTRATOR_BOXES = own;
  const watch = watchInterrupts();
  try {
    await makeTemplate();
    const { onSpawn } = watch;
    const stories = await runVitest({ name: 'windows', config: 'vitest.windows.config.ts', onSpawn });
    if (watch.interrupted) return { ...stories, failed: stories.failed + 1 };
    const script = join(root, 'tests', 'windows', 'pester.ts');
    const pester = await countPester('windows-pester', (report) =>
      shown(process.execPath, [script, report], { onSpawn }),
    );
    return Object.fromEntries(Object.keys(none).map((key) => [key, pester[key] + stories[key]]));
  } finally {
    await endBoxes([own]);
    watch.end();
  }
}

/** Outlives Ctrl+C, which the terminal sends to the running child too, and hands on a request to end. */
function watchInterrupts() {
  const watch = { interrupted: false };
  let child;
  const handlers = {
    SIGINT: () => {
      watch.interrupted = true;
    },
    SIGTERM: () => {
      watch.interrupted = true;
      child?.kill('SIGTERM');
    },
  };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  watch.onSpawn = (started) => {
    child = started;
  };
  watch.end = () => {
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
  };
  return watch;
}

async function makeTemplate() {
  const { ensureTemplate, parts } = await source('template.ts');
  const { pwsh, node, nssm } = parts.programs;
  const what = `PowerShell ${pwsh.version}, Node ${node.version}, NSSM ${nssm.version}`;
  await step('Windows box', async () => {
    await ensureTemplate();
    return what;
  });
}

/** Boxes of runs that were killed before they could tidy up. */
function abandoned() {
  if (!existsSync(boxes)) return [];
  return readdirSync(boxes)
    .filter((name) => !lives(Number(name)))
    .map((name) => join(boxes, name));
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function endBoxes(folders) {
  const { wineProcesses, wineserver } = await source('wine.ts');
  for (const folder of folders) {
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      const prefix = join(folder, name, 'prefix');
      await wineserver(prefix, '-k');
      for (const { pid } of wineProcesses(prefix)) tryKill(pid);
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

function tryKill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The server has ended it.
  }
}
