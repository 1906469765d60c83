import { performance } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, type PrometheusContentType, Registry } from 'prom-client';

/**
 * Milliseconds between two looks at the event loop, the most that Node.js takes: the library cannot be kept from
 * looking, each look wakes an idle process, and the time between two is counted as lag.
 */
const never = 2 ** 31 - 1;

/** Ends of the names of what comes from those looks. */
const sampled = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'];

/** Begins the name of every series. */
export const metricPrefix = 'orchestrator_';

/**
 * A registry with what Node.js says of its own process (`orchestrator_nodejs_*`, `orchestrator_process_*`). Never the
 * package's global one: two bundles in one process would share or lose it.
 */
export function createRegistry(): Registry<PrometheusContentType> {
  const registry = new Registry<PrometheusContentType>();
  collectDefaultMetrics({ register: registry, prefix: metricPrefix, eventLoopMonitoringPrecision: never });
  for (const part of sampled)
    registry.removeSingleMetric(`${metricPrefix}nodejs_eventloop_lag_${part}_seconds`);
  // Gauges that are named like counters, which Prometheus' own checker refuses. Their parts by type stay.
  for (const kind of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`${metricPrefix}nodejs_active_${kind}_total`);
  addUtilization(registry);
  return registry;
}

/** How busy the event loop was, which Node.js counts anyway: it tells an overloaded process without a look of our own. */
function addUtilization(registry: Registry<PrometheusContentType>): void {
  let before = performance.eventLoopUtilization();
  new Gauge({
    name: `${metricPrefix}nodejs_eventloop_utilization_ratio`,
    help: 'Share of the time since the last scrape in which the event loop was busy, 0 to 1.',
    registers: [registry],
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    },
  });
}
