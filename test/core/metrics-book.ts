import type {
  Counter,
  Gauge,
  Histogram,
  HistogramDefinition,
  MetricDefinition,
  MetricLabels,
  MetricsProvider,
} from '../../src/core/index.js';

/** Writes down what was asked for, and what was measured: the sum of a counter, the value of a gauge, all of a histogram. */
export class MetricsBook implements MetricsProvider {
  readonly definitions = new Map<string, HistogramDefinition & { readonly type: string }>();
  /** By name and labels, as in `name{a="b"}`. */
  readonly values: Record<string, number | number[]> = {};
  readonly #asks: boolean;
  readonly #asked = new Map<() => number, string>();

  /** @param options.asks - Whether gauges are asked for their values, as those of Prometheus are. */
  constructor(options: { readonly asks: boolean } = { asks: false }) {
    this.#asks = options.asks;
  }

  counter(definition: MetricDefinition): Counter {
    this.definitions.set(definition.name, { ...definition, type: 'counter' });
    return {
      add: (value, labels) => {
        const series = this.#series(definition, labels);
        this.values[series] = ((this.values[series] as number | undefined) ?? 0) + value;
      },
    };
  }

  gauge(definition: MetricDefinition): Gauge {
    this.definitions.set(definition.name, { ...definition, type: 'gauge' });
    const gauge: Gauge = {
      set: (value, labels) => (this.values[this.#series(definition, labels)] = value),
    };
    if (!this.#asks) return gauge;
    return {
      ...gauge,
      observe: (read, labels) => {
        this.#asked.set(read, this.#series(definition, labels));
        return () => this.#asked.delete(read);
      },
    };
  }

  histogram(definition: HistogramDefinition): Histogram {
    this.definitions.set(definition.name, { ...definition, type: 'histogram' });
    return {
      observe: (value, labels) => {
        const series = this.#series(definition, labels);
        this.values[series] = [...((this.values[series] as number[] | undefined) ?? []), value];
      },
    };
  }

  /** What the gauges say that are asked. */
  ask(): Record<string, number> {
    return Object.fromEntries(Array.from(this.#asked, ([read, series]) => [series, read()]));
  }

  #series({ name, labelNames = [] }: MetricDefinition, labels: MetricLabels = {}): string {
    const given = Object.entries(labels);
    if (given.map(([label]) => label).join() !== labelNames.join()) {
      throw new TypeError(
        `${name}: expected the labels ${labelNames.join()}, got ${Object.keys(labels).join()}`,
      );
    }
    return given.length === 0
      ? name
      : `${name}{${given.map(([label, value]) => `${label}="${value}"`).join(',')}}`;
  }
}
