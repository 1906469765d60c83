import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Stack } from '../e2e/stack.ts';
import { freePort } from '../freePort.ts';
import { median, untilAnswers } from './measure.ts';
import { type Row, show } from './report.ts';

const rounds = 5;
const seconds = 3;
/** A small answer of ComfyUI: what a page asks for again and again. */
const path = '/prompt';

interface Run {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
}

async function wrk(url: string, connections: number): Promise<Run> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url];
  const { stdout } = await promisify(execFile)('wrk', args);
  if (/Non-2xx/.test(stdout)) throw new Error(`${url} did not answer well:\n${stdout}`);
  const [, value = '', unit = ''] = /50%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? [];
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  return { perSecond, p50: Number(value) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? Number.NaN) };
}

async function startNginx(upstream: number): Promise<{ port: number; stop: () => Promise<void> }> {
  const [folder, port] = [await mkdtemp(join(tmpdir(), 'orchestrator-nginx-')), await freePort()];
  await mkdir(join(folder, 'logs'));
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 2; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
  uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  upstream comfy { server 127.0.0.1:${upstream}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://comfy; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`,
  );
  const child = spawn('/usr/sbin/nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: 'ignore',
  });
  await untilAnswers(port, 5000, path);
  return {
    port,
    async stop() {
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The proxy beside nginx in front of the same demo ComfyUI, taking turns, after a warm-up of both. */
export async function proxy(missing: readonly string[]): Promise<Row[]> {
  if (missing.includes('nginx') || missing.includes('wrk')) return [];
  const rows: Row[] = [];
  const add = (row: Row) => {
    rows.push(row);
    show(row);
  };
  const stack = await Stack.create({ folder: 'bench-proxy' });
  try {
    await stack.install();
    await stack.healthy('comfyui');
    const comfy = stack.service('comfyui').port ?? 0;
    const nginx = await startNginx(comfy);
    try {
      const direct = `http://127.0.0.1:${comfy}${path}`;
      const through = {
        panel: `http://127.0.0.1:${stack.service('panel').port}/api/comfy${path}`,
        nginx: `http://127.0.0.1:${nginx.port}${path}`,
      };
      for (const url of Object.values(through)) await wrk(url, 32);
      const added: number[] = [];
      const shares: number[] = [];
      const runs: { panel: number; nginx: number }[] = [];
      for (let round = 0; round < rounds; round += 1) {
        added.push((await wrk(through.panel, 1)).p50 - (await wrk(direct, 1)).p50);
        const run = {
          panel: (await wrk(through.panel, 32)).perSecond,
          nginx: (await wrk(through.nginx, 32)).perSecond,
        };
        runs.push(run);
        shares.push(run.panel / run.nginx);
      }
      const latency = median(added);
      add({
        what: 'ComfyUI proxy: added latency p50, 1 connection',
        figure: `${latency.toFixed(2)} ms`,
        target: '≤ 1 ms',
        met: latency <= 1,
      });
      const share = median(shares);
      const [ours, theirs] = [median(runs.map((run) => run.panel)), median(runs.map((run) => run.nginx))];
      add({
        what: 'ComfyUI proxy: requests/s beside nginx, 32 connections',
        figure: `${Math.round(share * 100)} % (${Math.round(ours)} / ${Math.round(theirs)})`,
        target: '≥ 40 %',
        met: share >= 0.4,
      });
    } finally {
      await nginx.stop();
    }
  } finally {
    await stack.close();
  }
  return rows;
}
