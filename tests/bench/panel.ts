import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { root, Stack } from '../e2e/stack.ts';
import { sleep } from '../until.ts';
import { median, memoryOf, quantile, untilAnswers } from './measure.ts';
import { type Row, show } from './report.ts';

const rounds = 7;

/** Panel process start → first 200 of /api/health, without a host or PowerShell between. */
async function startTimes(stack: Stack): Promise<number[]> {
  const { port, command, env } = stack.service('panel');
  const times: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const child = spawn(process.execPath, command?.args ?? [], {
      cwd: root,
      stdio: 'ignore',
      env: {
        ...process.env,
        ...env,
        ORCHESTRATOR_MANIFEST: join(stack.manifest.paths.data, 'orchestrator.json'),
      },
    });
    times.push((await untilAnswers(port ?? 0, 10_000, '/api/health')) ?? Number.NaN);
    child.kill('SIGINT');
    await new Promise((resolve) => child.once('exit', resolve));
  }
  return times;
}

/** GETs at a fixed rate whether or not earlier ones have been answered; the latencies in ms. */
async function load({
  port,
  path,
  perSecond,
  seconds,
}: {
  port: number;
  path: string;
  perSecond: number;
  seconds: number;
}) {
  const agent = new Agent({ keepAlive: true });
  const latencies: number[] = [];
  const pending: Promise<void>[] = [];
  const since = performance.now();
  for (let i = 0; i < perSecond * seconds; i += 1) {
    const due = since + (i * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    pending.push(
      new Promise((resolve) => {
        const call = request({ host: '127.0.0.1', port, path, agent }, (response) => {
          response.resume();
          response.on('end', () => {
            // From when it was due, so that a stall is not hidden by the requests that it held back.
            latencies.push(
              response.statusCode === 200
                ? performance.now() - Math.max(due, since)
                : Number.POSITIVE_INFINITY,
            );
            resolve();
          });
        });
        call.on('error', () => {
          latencies.push(Number.POSITIVE_INFINITY);
          resolve();
        });
        call.end();
      }),
    );
  }
  await Promise.all(pending);
  agent.destroy();
  return latencies;
}

const mb = (value: number) => `${value.toFixed(1)} MB`;

/** Start, status latency, and idle memory before and after load, of one stack with the demo ComfyUI. */
export async function panel(): Promise<Row[]> {
  const rows: Row[] = [];
  const add = (row: Row) => {
    rows.push(row);
    show(row);
  };
  const stack = await Stack.create({ folder: 'bench-panel' });
  try {
    await stack.install();
    await stack.healthy('comfyui');
    await stack.objects('Stop-Orchestrator panel');
    const start = median(await startTimes(stack));
    add({
      what: 'panel process start → first 200',
      figure: `${Math.round(start)} ms`,
      target: '≤ 500 ms',
      met: start <= 500,
    });
    await stack.objects('Start-Orchestrator panel -Wait');
    await sleep(20_000);

    const pids = {
      panel: stack.pid('panel'),
      guardian: stack.pid('guardian'),
      host: stack.run('panel')?.hostProcessId ?? 0,
    };
    const targets = { panel: 45, guardian: 35, host: 25 };
    const idle: Record<string, number> = {};
    for (const [name, pid] of Object.entries(pids)) {
      const { privateMb, rssMb } = memoryOf(pid);
      idle[name] = privateMb;
      const limit = targets[name as keyof typeof targets];
      add({
        what: `idle private memory: ${name}`,
        figure: `${mb(privateMb)} (RSS ${mb(rssMb)})`,
        target: `≤ ${limit} MB`,
        met: privateMb <= limit,
      });
    }

    const port = stack.service('panel').port ?? 0;
    const latencies = await load({ port, path: '/api/status', perSecond: 200, seconds: 15 });
    const p99 = quantile(latencies, 0.99);
    add({
      what: '/api/status p99 at 200 requests/s, PowerShell cold',
      figure: `${p99.toFixed(1)} ms (p50 ${median(latencies).toFixed(1)} ms)`,
      target: '≤ 15 ms',
      met: p99 <= 15,
    });
    await sleep(60_000);
    const after = memoryOf(pids.panel).privateMb;
    const before = idle['panel'] ?? Number.NaN;
    add({
      what: 'panel 60 s after that load',
      figure: `${mb(after)} (${(after / before).toFixed(2)} ×)`,
      target: '≤ 1.5 ×',
      met: after <= before * 1.5,
    });
  } finally {
    await stack.close();
  }
  return rows;
}
