export { observabilityHandler, type ObservabilityHandlerOptions } from './observability-handler.js';
export {
  prometheusMetrics,
  type PrometheusMetricsOptions,
  type PrometheusRegistry,
} from './prometheus-metrics.js';
