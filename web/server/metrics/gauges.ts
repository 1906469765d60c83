import { Gauge, type Registry } from 'prom-client';
import { healthWords } from '../../../core/contract/cmdlets.ts';
import type { ComfyStatus } from '../../../core/contract/comfy.ts';
import { metricPrefix } from '../../../core/metrics.ts';
import type { SystemStatus } from '../../../core/status/picture.ts';
import { causeClass } from './causes.ts';

/** What is known at the moment of a scrape. */
export interface Observed {
  readonly status: SystemStatus;
  /** Null when there is no ComfyUI, or it has not answered soon enough for this scrape. */
  readonly comfy: ComfyStatus | null;
  readonly streams: number;
}

export interface Gauges {
  /** Sets every gauge anew, so that nothing that is gone stays. */
  show(observed: Observed): void;
}

/** Makes the gauges of what the guardian and the panel see. Labels are ids, words of the contract and disks. */
export function createGauges({ registry, version }: { registry: Registry; version: string }): Gauges {
  const all: (() => void)[] = [];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) => {
    const made = new Gauge({
      name: metricPrefix + name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
    });
    all.push(() => {
      made.reset();
      // Without labels it would show 0 now, which is a lie where nothing is known.
      if (labelNames.length === 0) made.remove();
    });
    return made;
  };
  const build = gauge('build_info', 'Version of Orchestrator and of Node.js; always 1.', ['version', 'node']);
  const streams = gauge('open_streams', 'Event streams that are open now.');
  const up = gauge('service_up', '1 when the service is healthy.', ['service']);
  const desired = gauge('service_desired', '1 when the service should run.', ['service']);
  const health = gauge('service_health', '1 for the health that the service has now.', ['service', 'health']);
  const attempts = gauge('service_attempts', 'Restarts tried since the service was last healthy for long.', [
    'service',
  ]);
  const latency = gauge('service_latency_seconds', 'Time the last health probe took.', ['service']);
  const restarts = gauge(
    'service_restarts',
    'Restarts tried within the newest 20 incidents of all services, by kind of cause.',
    ['service', 'cause'],
  );
  const open = gauge('open_incidents', 'Incidents that are not over.', ['service']);
  const diskFree = gauge('disk_free_bytes', 'Free space, as the guardian measured it last.', ['path']);
  const diskTotal = gauge('disk_total_bytes', 'Size of the disk.', ['path']);
  const memoryAvailable = gauge('memory_available_bytes', 'Memory of the machine that is free to be used.');
  const memoryTotal = gauge('memory_total_bytes', 'Memory of the machine.');
  const guardianUp = gauge('guardian_up', '1 when the heartbeat of the guardian is fresh.');
  const heartbeat = gauge(
    'guardian_heartbeat_age_seconds',
    'Age of the heartbeat; absent when there is none.',
  );
  const comfyUp = gauge('comfy_reachable', '1 when ComfyUI answered when it was last asked.');
  const queue = gauge('comfy_queue_jobs', 'Jobs in the queue of ComfyUI.', ['state']);
  const vramFree = gauge('comfy_vram_free_bytes', 'Free VRAM by device.', ['device']);
  const vramTotal = gauge('comfy_vram_total_bytes', 'VRAM by device.', ['device']);

  function showServices({ services, incidents }: SystemStatus): void {
    for (const { id: service, ...seen } of services) {
      up.set({ service }, Number(seen.health === 'healthy'));
      desired.set({ service }, Number(seen.desired === 'running'));
      for (const word of healthWords) health.set({ service, health: word }, Number(seen.health === word));
      attempts.set({ service }, seen.attempts);
      if (seen.latencyMs !== null) latency.set({ service }, seen.latencyMs / 1000);
      open.set(
        { service },
        incidents.filter((each) => each.service === service && each.outcome === 'open').length,
      );
    }
    const known = new Set(services.map(({ id }) => id));
    for (const { service, cause, attempts: tried } of incidents)
      if (known.has(service) && tried.length > 0)
        restarts.inc({ service, cause: causeClass(cause) }, tried.length);
  }

  function showMachine({ disks, memory, guardian }: SystemStatus): void {
    for (const { path, freeBytes, totalBytes } of disks) {
      diskFree.set({ path }, freeBytes);
      diskTotal.set({ path }, totalBytes);
    }
    if (memory) {
      memoryAvailable.set(memory.availableBytes);
      memoryTotal.set(memory.totalBytes);
    }
    guardianUp.set(Number(guardian.alive));
    if (guardian.ageMs !== null) heartbeat.set(guardian.ageMs / 1000);
  }

  function showComfy({ reachable, queue: jobs, devices }: ComfyStatus): void {
    comfyUp.set(Number(reachable));
    if (jobs) for (const state of ['running', 'pending'] as const) queue.set({ state }, jobs[state]);
    for (const [index, { vramFreeBytes, vramTotalBytes }] of devices.entries()) {
      vramFree.set({ device: String(index) }, vramFreeBytes);
      vramTotal.set({ device: String(index) }, vramTotalBytes);
    }
  }

  return {
    show({ status, comfy, streams: count }) {
      for (const forget of all) forget();
      build.set({ version, node: process.version }, 1);
      streams.set(count);
      showServices(status);
      showMachine(status);
      if (comfy) showComfy(comfy);
    },
  };
}
