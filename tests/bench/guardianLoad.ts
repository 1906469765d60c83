import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadManifest } from '../../core/manifest/load.ts';
import { pwsh, root } from '../e2e/stack.ts';
import { sleep } from '../until.ts';
import { cpuSeconds, memoryOf } from './measure.ts';
import { type Row, show } from './report.ts';

/** HTTP servers of this process, each on a port of its own. */
async function servers(count: number): Promise<{ ports: number[]; close(): void }> {
  const all: Server[] = [];
  const ports: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const server = createServer((_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address && typeof address === 'object') ports.push(address.port);
    all.push(server);
  }
  return { ports, close: () => all.forEach((server) => void server.close()) };
}

/** Share of one core that the guardian takes to watch `count` services at the shipped intervals, in percent. */
async function share(count: number, seconds: number): Promise<{ percent: number; privateMb: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-guardian-'));
  const { ports, close } = await servers(count);
  const { manifest } = await loadManifest(join(root, 'deploy/local/orchestrator.json'));
  const comfyui = manifest.services.find(({ id }) => id === 'comfyui');
  if (!comfyui) throw new Error('no comfyui in the manifest');
  const services = ports.map((port, i) => ({
    ...comfyui,
    id: `service-${i}`,
    serviceName: `BenchService${i}`,
    mode: 'external' as const,
    command: null,
    aliases: [],
    port,
  }));
  const file = join(folder, 'orchestrator.json');
  const paths = { data: join(folder, 'data'), logs: join(folder, 'logs') };
  await writeFile(file, JSON.stringify({ ...manifest, paths, services }));
  const args = [
    '--max-semi-space-size=1',
    '--max-old-space-size=128',
    '--disable-warning=ExperimentalWarning',
  ];
  const child = spawn(process.execPath, [...args, join(root, 'dist/guardian/main.js')], {
    stdio: 'ignore',
    env: { ...process.env, ORCHESTRATOR_MANIFEST: file, ORCHESTRATOR_PWSH: pwsh(), ORCHESTRATOR_ROOT: root },
  });
  try {
    await sleep(20_000);
    const pid = child.pid ?? 0;
    const before = cpuSeconds(pid);
    await sleep(seconds * 1000);
    return { percent: ((cpuSeconds(pid) - before) / seconds) * 100, privateMb: memoryOf(pid).privateMb };
  } finally {
    child.kill('SIGINT');
    await new Promise((resolve) => child.once('exit', resolve));
    close();
    await rm(folder, { recursive: true, force: true });
  }
}

export async function guardianLoad(): Promise<Row[]> {
  const half = await share(100, 60);
  const whole = await share(200, 60);
  const row = {
    what: 'guardian with 200 services',
    figure: `${whole.percent.toFixed(1)} % of a core (100: ${half.percent.toFixed(1)} %), ${whole.privateMb.toFixed(1)} MB`,
    target: '≤ 3 %, linear',
    met: whole.percent <= 3 && whole.percent <= half.percent * 2.5 + 0.2,
  };
  show(row);
  return [row];
}
