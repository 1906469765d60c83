import type { Incident } from '../../../core/contract/state.ts';
import { ago, deadPid, incidentFile, type StateFolder, viewFile } from './stateFolder.ts';

const GB = 2 ** 30;
const disks = [
  { path: '/', freeBytes: 6.2 * GB, totalBytes: 118 * GB, low: true },
  { path: '/data', freeBytes: 812 * GB, totalBytes: 1862 * GB, low: false },
];
const memory = { totalBytes: 32 * GB, availableBytes: 18.4 * GB, usedPercent: 42.5, high: false };

const incidents: Incident[] = [
  incidentFile({
    id: 'i-3',
    outcome: 'exhausted',
    openedAt: ago(240_000),
    cause: 'exited with code 1: CUDA out of memory',
    evidence: [
      'got prompt',
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.25 GiB.',
      'Prompt executed in 4.21 seconds',
    ],
    attempts: [
      { number: 1, at: ago(235_000), result: 'started, died after 12 s' },
      { number: 2, at: ago(190_000), result: 'started, died after 11 s' },
      { number: 3, at: ago(130_000), result: 'started, died after 12 s' },
    ],
    advice: 'Use a smaller model or image, or close other programs that use the GPU; then press Start.',
  }),
  incidentFile({
    id: 'i-2',
    service: 'panel',
    outcome: 'recovered',
    openedAt: ago(86_400_000),
    cause: 'no answer for 12 s',
  }),
  incidentFile({
    id: 'i-1',
    outcome: 'stopped',
    openedAt: ago(3 * 86_400_000),
    cause: 'exited with code 137',
  }),
];

/** Realistic states of a whole folder, for looking at pages and for tests. */
export const scenes: Readonly<Record<string, (folder: StateFolder) => Promise<void>>> = {
  async healthy(folder) {
    await folder.desired({ panel: 'running', comfyui: 'running', guardian: 'running' });
    for (const id of ['panel', 'comfyui', 'guardian']) await folder.run(id, {});
    await folder.heartbeat({
      services: { panel: viewFile({ latencyMs: 1.4 }), comfyui: viewFile({ latencyMs: 12.6 }) },
      disks: [disks[1] ?? disks[0]].flatMap((disk) => disk ?? []),
      memory,
      incidents: incidents.slice(1),
    });
  },
  async failed(folder) {
    await scenes.healthy?.(folder);
    await folder.run('comfyui', { state: 'Exited', processId: null, exitCode: 1, endedAt: ago(118_000) });
    await folder.heartbeat({
      services: {
        panel: viewFile({ latencyMs: 1.4 }),
        comfyui: viewFile({
          state: 'exhausted',
          reason: 'It was restarted 3 times and died each time: CUDA out of memory.',
          attempts: 3,
          processId: null,
          latencyMs: null,
        }),
      },
      disks,
      memory: { ...memory, usedPercent: 88.1, availableBytes: 3.8 * GB, high: true },
      incidents,
    });
  },
  async cooling(folder) {
    await scenes.healthy?.(folder);
    await folder.run('comfyui', { state: 'Exited', processId: null, exitCode: 1, endedAt: ago(18_000) });
    await folder.heartbeat({
      services: {
        panel: viewFile({ latencyMs: 1.4 }),
        comfyui: viewFile({
          state: 'cooling',
          reason: 'It exited with code 1; the next attempt waits.',
          attempts: 1,
          processId: null,
          latencyMs: null,
          nextAction: 'restart',
          nextActionAt: ago(-22_000),
        }),
      },
      disks,
      memory,
      incidents: incidents.slice(1),
    });
  },
  async guardianDead(folder) {
    await scenes.healthy?.(folder);
    await folder.run('guardian', {
      state: 'Exited',
      processId: null,
      exitCode: null,
      signal: 'SIGKILL',
      endedAt: ago(95_000),
    });
    await folder.heartbeat({
      processId: deadPid,
      at: ago(96_000),
      services: { panel: viewFile(), comfyui: viewFile() },
      disks,
      memory,
    });
  },
  async stopped(folder) {
    await folder.desired({ panel: 'stopped', comfyui: 'stopped', guardian: 'stopped' }, 2);
    await folder.run('comfyui', { state: 'Stopped', processId: null, exitCode: 0, endedAt: ago(60_000) });
  },
  async damaged(folder) {
    await scenes.healthy?.(folder);
    const { writeFile } = await import('node:fs/promises');
    await writeFile(folder.paths.run('comfyui'), '{"version":1,"id":"com');
    await writeFile(folder.paths.desired, '{"version":2}');
  },
};
