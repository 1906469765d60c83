import { join } from 'node:path';
import { createBridge } from '../../core/bridge/bridge.ts';
import { createLogger } from '../../core/logger.ts';
import { pwsh, root, run, Stack } from '../e2e/stack.ts';
import { median, quantile } from './measure.ts';
import { type Row, show } from './report.ts';

async function pwshTime(line: string): Promise<number> {
  const since = performance.now();
  const { code, stderr } = await run(pwsh(), ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', line]);
  if (code !== 0) throw new Error(stderr);
  return performance.now() - since;
}

/** Import-Module beyond bare pwsh, pair by pair, so that the machine's drift cancels out. */
async function importTime(): Promise<Row> {
  const module = join(root, 'ps', 'Orchestrator.psd1').replaceAll("'", "''");
  const differences: number[] = [];
  for (let i = 0; i < 9; i += 1) {
    const bare = await pwshTime('$null');
    const loaded = await pwshTime(`Import-Module '${module}'`);
    if (i > 1) differences.push(loaded - bare);
  }
  const figure = median(differences);
  return {
    what: 'Import-Module beyond bare pwsh',
    figure: `${Math.round(figure)} ms`,
    target: '≤ 150 ms',
    met: figure <= 150,
  };
}

async function warmCall(): Promise<Row> {
  const stack = await Stack.create({ folder: 'bench-bridge' });
  try {
    await stack.install();
    await stack.healthy('comfyui');
    const env = { ...process.env, ...stack.env() };
    const bridge = createBridge({
      pwsh: pwsh(),
      root,
      env,
      logger: createLogger({ name: 'bench', level: 'silent' }),
    });
    const times: number[] = [];
    try {
      for (let i = 0; i < 220; i += 1) {
        const since = performance.now();
        await bridge.call('Get-OrchestratorStatus', {});
        if (i >= 20) times.push(performance.now() - since);
      }
    } finally {
      await bridge.dispose();
    }
    const p50 = median(times);
    const figure = `${p50.toFixed(1)} ms (p99 ${quantile(times, 0.99).toFixed(1)} ms)`;
    return { what: 'warm bridge call (Get-OrchestratorStatus)', figure, target: '≤ 15 ms', met: p50 <= 15 };
  } finally {
    await stack.close();
  }
}

export async function powershell(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const measure of [importTime, warmCall]) {
    const row = await measure();
    rows.push(row);
    show(row);
  }
  return rows;
}
