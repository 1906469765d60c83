import { collectDefaultMetrics, type PrometheusContentType, Registry } from 'prom-client';

/** Begins the name of every series. */
export const metricPrefix = 'orchestrator_';

/**
 * A registry with what Node.js says of its own process (`orchestrator_nodejs_*`, `orchestrator_process_*`). Never the
 * package's global one: two bundles in one process would share or lose it.
 */
export function createRegistry(): Registry<PrometheusContentType> {
  const registry = new Registry<PrometheusContentType>();
  // The default looks at the event loop every 10 ms, which wakes an idle process for nothing.
  collectDefaultMetrics({ register: registry, prefix: metricPrefix, eventLoopMonitoringPrecision: 100 });
  // Gauges that are named like counters, which Prometheus' own checker refuses. Their parts by type stay.
  for (const kind of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`${metricPrefix}nodejs_active_${kind}_total`);
  return registry;
}
