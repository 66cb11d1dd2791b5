/** What a metric is; names and labels follow client-go and controller-runtime where they have one. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

/** A histogram, with the upper bounds of its buckets. */
export interface HistogramDefinition extends MetricDefinition {
  readonly buckets?: readonly number[];
}

export type MetricLabels = Readonly<Record<string, string>>;

export interface Counter {
  add(value: number, labels?: MetricLabels): void;
}
export interface Gauge {
  set(value: number, labels?: MetricLabels): void;
  /**
   * Asks for the value whenever the metrics are collected, until the function that it answers is called; the value is then gone.
   *
   * For what changes by itself, such as an age. A provider that does not know when it is read leaves this out, and is told by
   * `set` whenever something happens.
   */
  observe?(read: () => number, labels?: MetricLabels): () => void;
}
export interface Histogram {
  observe(value: number, labels?: MetricLabels): void;
}

/**
 * The port of metrics: three methods, called once for each metric of each owner.
 *
 * Asked twice for one name, a provider answers with the same metric. Durations are in seconds, as Prometheus has them.
 */
export interface MetricsProvider {
  counter(definition: MetricDefinition): Counter;
  gauge(definition: MetricDefinition): Gauge;
  histogram(definition: HistogramDefinition): Histogram;
}

const ignore = (): void => undefined;
const NOOP_COUNTER: Counter = { add: ignore };
const NOOP_GAUGE: Gauge = { set: ignore };
const NOOP_HISTOGRAM: Histogram = { observe: ignore };

/** Measures nothing: the default everywhere. */
export const noopMetrics: MetricsProvider = /* @__PURE__ */ Object.freeze({
  counter: () => NOOP_COUNTER,
  gauge: () => NOOP_GAUGE,
  histogram: () => NOOP_HISTOGRAM,
});
