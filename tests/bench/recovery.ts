import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../../core/contract/manifest.ts';
import { root, run, Stack } from '../e2e/stack.ts';
import { freePort } from '../freePort.ts';
import { sleep } from '../until.ts';
import { listenerOn, median, untilAnswers } from './measure.ts';
import { type Row, show } from './report.ts';

const tiny = join(root, 'tests/bench/tiny.mjs');
const rounds = 7;

/** A supervisor that keeps the tiny service up on a port. */
interface Supervisor {
  readonly name: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Time from spawn to first answer without any supervisor: what no supervisor can be faster than. */
async function bootTime(): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const port = await freePort();
    const child = spawn(process.execPath, [tiny, String(port)], { stdio: 'ignore' });
    times.push((await untilAnswers(port, 5000)) ?? Number.NaN);
    child.kill('SIGKILL');
    await sleep(100);
  }
  return median(times);
}

function addTiny(manifest: Manifest, port: number): void {
  const panel = manifest.services[0];
  if (!panel) throw new Error('the manifest is empty');
  const logs = manifest.paths.logs;
  manifest.services.splice(1, 0, {
    ...panel,
    id: 'tiny',
    serviceName: 'BenchTiny',
    displayName: 'Tiny',
    description: 'The service of the recovery benchmark.',
    command: { file: process.execPath, args: [tiny, String(port)] },
    env: {},
    host: '127.0.0.1',
    port,
    health: { kind: 'http', path: '/', timeoutMs: 1000, failureThreshold: 3, startupGraceMs: 5000 },
    logs: { ...panel.logs, stdout: join(logs, 'tiny-stdout.log'), stderr: join(logs, 'tiny-stderr.log') },
    // Every round is a failure of its own here, not a crash loop.
    restart: { ...panel.restart, maxAttempts: 100, cooldownMs: 0, resetAfterMs: 500 },
    stop: { timeoutMs: 2000 },
  });
}

async function orchestrator(): Promise<Supervisor & { readonly stack: Stack }> {
  const port = await freePort();
  const stack = await Stack.create({ folder: 'bench', change: (manifest) => addTiny(manifest, port) });
  await stack.install();
  await stack.healthy('tiny');
  return { name: 'Orchestrator', port, stack, stop: () => stack.close() };
}

async function pm2(): Promise<Supervisor & { readonly version: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-pm2-'));
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  const npm = process.env['npm_execpath'];
  const install = ['install', '--no-audit', '--no-fund', 'pm2@7'];
  const installed = npm
    ? await run(process.execPath, [npm, ...install], {}, folder)
    : await run('npm', install, {}, folder);
  if (installed.code !== 0) throw new Error(`PM2 could not be installed: ${installed.stderr.slice(-300)}`);
  const env = { PM2_HOME: join(folder, 'home') };
  const cli = join(folder, 'node_modules/pm2/bin/pm2');
  const port = await freePort();
  const call = (...args: string[]) => run(process.execPath, [cli, ...args], env, folder);
  await call('start', tiny, '--name', 'tiny', '--interpreter', process.execPath, '--', String(port));
  if ((await untilAnswers(port, 20_000)) === null) throw new Error('PM2 did not start the service');
  const version = (await call('--version')).stdout.trim().split('\n').at(-1) ?? '';
  return {
    name: 'PM2',
    port,
    version,
    stop: async () => {
      await call('kill');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function supervisord(): Promise<Supervisor> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-supervisord-'));
  const port = await freePort();
  const config = [
    '[supervisord]',
    'nodaemon=true',
    `logfile=${folder}/supervisord.log`,
    `pidfile=${folder}/supervisord.pid`,
    '[program:tiny]',
    `command="${process.execPath}" "${tiny}" ${port}`,
    'autorestart=true',
    'startretries=100',
  ];
  await writeFile(join(folder, 'supervisord.conf'), config.join('\n'));
  const child = spawn('supervisord', ['-c', join(folder, 'supervisord.conf')], { stdio: 'ignore' });
  if ((await untilAnswers(port, 20_000)) === null) throw new Error('supervisord did not start the service');
  return {
    name: 'supervisord',
    port,
    stop: async () => {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Kills the listener again and again; milliseconds from each kill to the next answer. */
async function killRounds({ port }: Supervisor): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    await sleep(1500);
    const pid = listenerOn(port);
    if (pid === null) throw new Error('nobody listens');
    process.kill(pid, 'SIGKILL');
    times.push((await untilAnswers(port, 10_000)) ?? Number.NaN);
  }
  return times;
}

/** Freezes the listener; milliseconds to the next answer, or null when there is none within the limit. */
async function freeze({ port }: Supervisor, limitMs: number): Promise<number | null> {
  await sleep(1500);
  const pid = listenerOn(port);
  if (pid === null) throw new Error('nobody listens');
  process.kill(pid, 'SIGSTOP');
  const time = await untilAnswers(port, limitMs);
  if (time === null) process.kill(pid, 'SIGCONT');
  return time;
}

const ms = (value: number) => `${Math.round(value)} ms`;

/** Recovery after kill -9 and after SIGSTOP, all supervisors in one run. */
export async function recovery(
  missing: readonly string[],
): Promise<{ rows: Row[]; versions: Record<string, string> }> {
  const rows: Row[] = [];
  const versions: Record<string, string> = {};
  const add = (row: Row) => {
    rows.push(row);
    show(row);
  };
  const boot = await bootTime();
  add({ what: 'boot of the tiny service alone', figure: ms(boot), target: '', met: null });

  const peers: Record<string, number> = {};
  const limitMs = 20_000;
  const frozen: Record<string, number | null> = {};
  const makers: [string, () => Promise<Supervisor & { version?: string }>][] = [['PM2', pm2]];
  if (!missing.includes('supervisord')) makers.push(['supervisord', supervisord]);
  for (const [name, make] of makers) {
    const supervisor = await make();
    if (supervisor.version) versions[name] = supervisor.version;
    try {
      peers[name] = median(await killRounds(supervisor)) - boot;
      frozen[name] = await freeze(supervisor, limitMs);
    } finally {
      await supervisor.stop();
    }
    add({
      what: `kill -9 → healthy, less boot: ${name}`,
      figure: ms(peers[name] ?? Number.NaN),
      target: '',
      met: null,
    });
  }

  const ours = await orchestrator();
  try {
    const own = median(await killRounds(ours)) - boot;
    const must = peers['supervisord'];
    add({
      what: 'kill -9 → healthy, less boot: Orchestrator',
      figure: ms(own),
      target: must === undefined ? 'below supervisord' : `must: below ${ms(must)}`,
      met: must === undefined ? null : own < must,
    });
    const goal = peers['PM2'] ?? Number.NaN;
    add({
      what: 'the same against the goal',
      figure: ms(own),
      target: `goal: PM2's ${ms(goal)}`,
      met: own <= goal,
    });
    const { health, stop } = ours.stack.manifest.services[1] ?? {};
    if (health?.kind !== 'http' || !stop) throw new Error('the tiny service is not there');
    const bound =
      health.failureThreshold * (ours.stack.manifest.intervals.healthCheck + health.timeoutMs) +
      stop.timeoutMs +
      boot;
    const thawed = await freeze(ours, bound + 10_000);
    add({
      what: 'SIGSTOP → noticed, restarted, healthy: Orchestrator',
      figure: thawed === null ? 'never' : ms(thawed),
      target: `≤ ${ms(bound)}`,
      met: thawed !== null && thawed <= bound,
    });
  } finally {
    await ours.stop();
  }
  for (const [name, time] of Object.entries(frozen)) {
    const figure = time === null ? `not within ${limitMs / 1000} s` : ms(time);
    add({ what: `SIGSTOP → noticed, restarted, healthy: ${name}`, figure, target: '', met: null });
  }
  return { rows, versions };
}
