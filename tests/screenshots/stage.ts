import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Incident } from '../../core/contract/state.ts';
import { openHistory } from '../../core/history/history.ts';
import { writeState } from '../../core/state/files.ts';
import { freePort } from '../freePort.ts';
import { until } from '../until.ts';
import { scenes } from '../vitest/web/scenes.ts';
import { createStateFolder, type StateFolder } from '../vitest/web/stateFolder.ts';

export interface Stage {
  readonly address: string;
  readonly folder: StateFolder;
  close(): Promise<void>;
}

/** The built panel over a day of made-up history, with a demo ComfyUI that has drawn a few images. */
export async function setStage(scene: string): Promise<Stage> {
  const [port, comfyPort] = [await freePort(), await freePort()];
  const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-stage-'));
  const folder = await createStateFolder({
    dataDir,
    port,
    change: (manifest) => ({
      ...manifest,
      services: manifest.services.map((service) => ({
        ...service,
        port: service.id === 'panel' ? port : service.id === 'comfyui' ? comfyPort : service.port,
        logs: {
          ...service.logs,
          stdout: join(dataDir, 'logs', `${service.id}-stdout.log`),
          stderr: join(dataDir, 'logs', `${service.id}-stderr.log`),
        },
      })),
    }),
  });
  await scenes[scene]?.(folder);
  fillHistory(folder);
  await fillIncidents(folder);
  await fillLogs(folder);
  const demo = run('dist/comfyui-demo/main.js', [
    '--port',
    String(comfyPort),
    '--base-directory',
    join(dataDir, 'comfy'),
  ]);
  const panel = run('dist/panel/main.js', [], {
    ORCHESTRATOR_MANIFEST: folder.manifestPath,
    LOG_LEVEL: 'silent',
  });
  const address = `http://localhost:${port}`;
  await until('the panel', () => answers(`${address}/api/health`));
  await until('ComfyUI', () => answers(`http://127.0.0.1:${comfyPort}/system_stats`));
  await drawImages(comfyPort);
  // The heartbeat must stay fresh while pictures are taken.
  const heart = setInterval(() => void scenes[scene]?.(folder), 5000);
  return {
    address,
    folder,
    async close() {
      clearInterval(heart);
      await Promise.all([end(panel), end(demo)]);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function run(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', resolve(file), ...args], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await gone;
}

const answers = (url: string) =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

const minute = 60_000;

function fillHistory({ paths }: StateFolder): void {
  const history = openHistory({ path: paths.history });
  const now = Date.now();
  for (let age = 24 * 60; age >= 0; age -= 2) {
    const wave = 1 + Math.sin(age / 90) / 3 + ((age * 7919) % 97) / 300;
    const down = (age > 830 && age < 850) || (age > 180 && age < 194);
    history.addSamples(now - age * minute, [
      { service: 'panel', state: 'healthy', healthy: true, latencyMs: 1.3 * wave },
      {
        service: 'comfyui',
        state: down ? 'restarting' : 'healthy',
        healthy: !down,
        latencyMs: down ? null : 11 * wave + (age % 211 === 0 ? 160 : 0),
      },
      { service: 'guardian', state: 'healthy', healthy: age > 1300 ? null : true, latencyMs: null },
    ]);
  }
  history.close();
}

async function fillIncidents({ paths }: StateFolder): Promise<void> {
  const at = (ago: number) => new Date(Date.now() - ago * minute).toISOString();
  const one = (part: Partial<Incident>): Incident => ({
    version: 1,
    id: 'i',
    service: 'comfyui',
    openedAt: at(190),
    closedAt: at(176),
    outcome: 'recovered',
    cause: 'exited with code 1: CUDA out of memory',
    exitCode: 1,
    signal: null,
    evidence: ['torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.25 GiB.'],
    attempts: [{ number: 1, at: at(189), result: 'started, healthy after 14 s' }],
    advice: 'Use a smaller model or image, or close other programs that use the GPU.',
    ...part,
  });
  for (const incident of [
    one({ id: 'i-191' }),
    one({ id: 'i-850', openedAt: at(850), closedAt: at(831), cause: 'no answer for 45 s', evidence: [] }),
    one({
      id: 'i-3400',
      service: 'panel',
      openedAt: at(3400),
      closedAt: at(3399),
      cause: 'exited with code 137',
      evidence: [],
    }),
  ])
    await writeState(paths.incident(incident.id), incident);
}

async function fillLogs({ manifest }: StateFolder): Promise<void> {
  const [panel, comfy, guardian] = ['panel', 'comfyui', 'guardian'].map(
    (id) => manifest.services.find((service) => service.id === id)?.logs,
  );
  const time = (ago: number) => new Date(Date.now() - ago * 1000).toISOString();
  const write = async (file: string | undefined, lines: readonly string[]) => {
    if (!file) return;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
    await appendFile(file, `${lines.join('\n')}\n`);
  };
  await write(panel?.stdout, [
    JSON.stringify({
      level: 'info',
      time: time(7300),
      name: 'panel',
      address: 'http://localhost:3000',
      msg: 'panel listens',
    }),
    JSON.stringify({
      level: 'info',
      time: time(60),
      name: 'panel',
      method: 'POST',
      path: '/api/system/comfyui/restart',
      status: 200,
      ms: 412,
      msg: 'request',
    }),
  ]);
  await write(
    guardian?.stdout,
    Array.from({ length: 24 }, (_, index) =>
      JSON.stringify({
        level: 'info',
        time: time(360 - index * 15),
        name: 'guardian',
        msg: `cycle ${4200 + index}: 3 of 3 healthy`,
        panel: 'healthy 1.4 ms',
        comfyui: 'healthy 12 ms',
      }),
    ),
  );
  await write(comfy?.stderr, [
    'Total VRAM 24564 MB, total RAM 65288 MB',
    'pytorch version: 2.8.0+cu129',
    'Set vram state to: NORMAL_VRAM',
    'Device: cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync',
    'WARNING: custom node ComfyUI-Impact-Pack was imported in 8.4 s',
    'Starting server',
    'To see the GUI go to: http://127.0.0.1:8188',
    'got prompt',
    '100%|██████████| 20/20 [00:06<00:00,  3.12it/s]',
    'Prompt executed in 7.21 seconds',
    'got prompt',
    '!!! Exception during processing !!! CUDA out of memory. Tried to allocate 2.25 GiB.',
    'Traceback (most recent call last):',
    '  File "execution.py", line 496, in execute',
    '    output_data = await get_output_data(obj, input_data_all)',
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.25 GiB.',
    'Got an OOM, unloading all loaded models.',
    'Prompt executed in 4.21 seconds',
  ]);
}

async function drawImages(port: number): Promise<void> {
  for (let color = 0; color < 5; color += 1) {
    const prompt = {
      1: {
        class_type: 'EmptyImage',
        inputs: { width: 256, height: 256, batch_size: 1, color: 0x2a6f97 + color * 0x302010 },
      },
      2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'stage' } },
    };
    await fetch(`http://127.0.0.1:${port}/prompt`, { method: 'POST', body: JSON.stringify({ prompt }) });
  }
}
