import { setTimeout as pause } from 'node:timers/promises';
import type { StatusSource } from '../../../core/status/source.ts';
import type { Part } from '../app.ts';
import type { ComfyWatch } from '../comfy/watch.ts';
import type { Recorder } from './recorder.ts';

/** A hanging ComfyUI must not hold up the scrape. */
const comfyMs = 2000;

type Gauges = import('./gauges.ts').Gauges;

/** `GET /api/metrics`, for Prometheus: what was counted, and what is so at the moment. */
export function createMetricsPart({
  recorder,
  source,
  comfy,
  streams,
  version,
}: {
  recorder: Recorder;
  source: StatusSource;
  comfy: Pick<ComfyWatch, 'current'>;
  /** How many event streams are open. */
  streams: () => number;
  version: string;
}): Part {
  let gauges: Promise<Gauges> | null = null;

  async function load(): Promise<Gauges> {
    const registry = await recorder.registry();
    const { createGauges } = await import('./gauges.ts');
    return createGauges({ registry, version });
  }

  return {
    routes: [
      {
        pattern: '/api/metrics',
        methods: {
          GET: async ({ request, response }) => {
            gauges ??= load();
            const asked = Promise.race([comfy.current(), pause(comfyMs, null, { ref: false })]);
            const [shown, { status }, seen] = await Promise.all([gauges, source.current(), asked]);
            shown.show({ status, comfy: seen?.address ? seen : null, streams: streams() });
            const registry = await recorder.registry();
            const text = await registry.metrics();
            response.setHeader('Content-Type', registry.contentType);
            response.setHeader('Cache-Control', 'no-store');
            response.end(request.method === 'HEAD' ? undefined : text);
          },
        },
      },
    ],
  };
}
