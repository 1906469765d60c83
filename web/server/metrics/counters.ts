import { Counter, Histogram, type Registry } from 'prom-client';
import { createRegistry, metricPrefix } from '../../../core/metrics.ts';
import type { RequestSeen } from './recorder.ts';

export interface Counters {
  readonly registry: Registry;
  request(seen: RequestSeen): void;
  comfyCall(endpoint: string, status: number): void;
}

/** From a state file in memory to a job that ComfyUI thinks long about, in seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What is counted as it happens. */
export function createCounters(): Counters {
  const registry = createRegistry();
  const registers = [registry];
  const requests = new Counter({
    name: `${metricPrefix}http_requests_total`,
    help: 'Requests answered, by method, route pattern and status.',
    labelNames: ['method', 'route', 'status'] as const,
    registers,
  });
  const duration = new Histogram({
    name: `${metricPrefix}http_request_duration_seconds`,
    help: 'Time from the first byte of a request to the last of its answer. Event streams are left out.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets,
    registers,
  });
  const comfy = new Counter({
    name: `${metricPrefix}comfy_api_calls_total`,
    help: 'Calls that the panel passed on to ComfyUI, by address and status; "none" when there was no answer.',
    labelNames: ['endpoint', 'status'] as const,
    registers,
  });
  // The library works out its key of the labels anew with each call, so what it made of them is kept.
  const made = new Map<string, { readonly total: Counted; readonly time: Timed }>();

  function seriesOf({ method, route, status }: RequestSeen) {
    const key = `${method} ${status} ${route}`;
    let series = made.get(key);
    if (!series) {
      const labels = [method, route, String(status)] as const;
      series = { total: requests.labels(...labels), time: duration.labels(...labels) };
      made.set(key, series);
    }
    return series;
  }

  return {
    registry,
    request(seen) {
      const { total, time } = seriesOf(seen);
      total.inc();
      if (seen.seconds !== null) time.observe(seen.seconds);
    },
    comfyCall: (endpoint, status) => comfy.inc({ endpoint, status: status === 0 ? 'none' : String(status) }),
  };
}

type Counted = ReturnType<Counter['labels']>;
type Timed = ReturnType<Histogram['labels']>;
