import {
  Counter as PrometheusCounter,
  Histogram as PrometheusHistogram,
  type Metric,
  type OpenMetricsContentType,
  type PrometheusContentType,
  register,
  type Registry,
} from 'prom-client';
import type {
  Counter,
  Gauge,
  Histogram,
  HistogramDefinition,
  MetricDefinition,
  MetricsProvider,
} from '../../core/index.js';
import { ObservedGauge } from './observed-gauge.js';

/** A registry of either of the two formats of prom-client. */
export type PrometheusRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>;

/** Where the metrics go. */
export interface PrometheusMetricsOptions {
  /** prom-client's own `register` unless given. */
  readonly registry?: PrometheusRegistry | undefined;
  /** What every name begins with, as in `shop_`; nothing unless given. */
  readonly prefix?: string | undefined;
}

/** What prom-client's metrics have, and its types do not say. */
interface Registered {
  readonly type: string;
  readonly labelNames: readonly string[];
  /** Of a histogram. */
  readonly upperBounds?: readonly number[];
}

/** What every metric of prom-client is made from. */
interface Configuration {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  readonly registers: PrometheusRegistry[];
}

/**
 * Metrics in a registry of prom-client.
 *
 * A metric that is registered already is used, if it has the same type, labels and buckets: several managers, each with a provider of its
 * own, can share a registry. Gauges are asked for their values when the registry is read.
 *
 * Asking for a metric throws a TypeError where another one has its name.
 *
 * @example
 * ```ts
 * const registry = new Registry();
 * const manager = new Manager({ client, controllers, metrics: prometheusMetrics({ registry }) });
 * ```
 */
export function prometheusMetrics(options: PrometheusMetricsOptions = {}): MetricsProvider {
  const { registry = register, prefix = '' } = options;
  // what was answered for a metric: asked for it twice, the provider answers the same
  const answered = new Map<Metric, unknown>();

  const provide = <M extends Metric, P>(
    type: string,
    definition: HistogramDefinition,
    make: (configuration: Configuration) => M,
    wrap: (metric: M) => P,
  ): P => {
    const { help, labelNames = [], buckets } = definition;
    const name = `${prefix}${definition.name}`;
    const registered: Metric | undefined = registry.getSingleMetric(name);
    if (registered !== undefined) checkSame(name, registered, { type, labelNames, buckets });
    const metric = registered ?? make({ name, help, labelNames: [...labelNames], registers: [registry] });
    if (!answered.has(metric)) answered.set(metric, wrap(metric as M));
    return answered.get(metric) as P;
  };

  return {
    counter: (definition: MetricDefinition) =>
      provide(
        'counter',
        definition,
        (configuration) => new PrometheusCounter(configuration),
        (counter): Counter => ({ add: (value, labels = {}) => counter.inc(labels, value) }),
      ),
    gauge: (definition: MetricDefinition) =>
      provide(
        'gauge',
        definition,
        (configuration) => new ObservedGauge(configuration),
        (gauge): Gauge => ({
          set: (value, labels = {}) => gauge.set(labels, value),
          observe: (read, labels = {}) => gauge.observe(read, labels),
        }),
      ),
    histogram: (definition: HistogramDefinition) =>
      provide(
        'histogram',
        definition,
        (configuration) =>
          new PrometheusHistogram(
            definition.buckets === undefined
              ? configuration
              : { ...configuration, buckets: [...definition.buckets] },
          ),
        (histogram): Histogram => ({ observe: (value, labels = {}) => histogram.observe(labels, value) }),
      ),
  };
}

function checkSame(
  name: string,
  metric: Metric,
  {
    type,
    labelNames,
    buckets,
  }: { type: string; labelNames: readonly string[]; buckets?: readonly number[] | undefined },
): void {
  const registered = metric as unknown as Registered;
  const there = describe(registered.type, registered.labelNames, registered.upperBounds);
  const asked = describe(type, labelNames, buckets ?? registered.upperBounds);
  if (there !== asked)
    throw new TypeError(`prometheusMetrics: ${name} is ${there}, and was asked for as ${asked}`);
  if (type === 'gauge' && !(metric instanceof ObservedGauge)) {
    throw new TypeError(`prometheusMetrics: ${name} is a gauge that was registered by somebody else`);
  }
}

function describe(
  type: string,
  labelNames: readonly string[],
  buckets: readonly number[] | undefined,
): string {
  const labels = labelNames.length === 0 ? 'no labels' : `the labels ${labelNames.toSorted().join(', ')}`;
  return buckets === undefined
    ? `a ${type} with ${labels}`
    : `a ${type} with ${labels} and the buckets ${buckets.join(', ')}`;
}
