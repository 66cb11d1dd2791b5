import { register } from 'prom-client';
import { healthHandler, type HealthHandlerOptions, type HttpListener } from '../../controller/index.js';
import type { PrometheusRegistry } from './prometheus-metrics.js';

/** What is served, and how. */
export interface ObservabilityHandlerOptions extends Omit<HealthHandlerOptions, 'pages'> {
  /** For `/metrics`; prom-client's own `register` unless given. */
  readonly registry?: PrometheusRegistry | undefined;
}

/**
 * Serves `/metrics` for Prometheus beside `/healthz` and `/readyz`: a listener for `createServer` of `node:http`.
 *
 * @throws RangeError for a time-out that is no number of milliseconds above 0.
 *
 * @example
 * ```ts
 * createServer(observabilityHandler({ registry, health: manager.health, ready: manager.ready })).listen(8080);
 * ```
 */
export function observabilityHandler(options: ObservabilityHandlerOptions): HttpListener {
  const { registry = register, ...others } = options;
  const metrics = async (): Promise<{ type: string; body: string }> => ({
    type: registry.contentType,
    body: await registry.metrics(),
  });
  return healthHandler({ ...others, pages: { '/metrics': metrics } });
}
