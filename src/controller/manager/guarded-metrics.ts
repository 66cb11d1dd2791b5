import { type MetricsProvider, noopMetrics } from '../../core/index.js';

/** A provider whose metrics never throw: their failures go to `report`, and who counts goes on. */
export function guardedMetrics(provider: MetricsProvider, report: (error: unknown) => void): MetricsProvider {
  if (provider === noopMetrics) return provider;
  const guard = (measure: () => void): void => {
    try {
      measure();
    } catch (error) {
      report(error);
    }
  };
  const newCounter = provider.counter.bind(provider);
  const newGauge = provider.gauge.bind(provider);
  const newHistogram = provider.histogram.bind(provider);
  return {
    counter(definition) {
      const counter = newCounter(definition);
      return { add: (value, labels) => guard(() => counter.add(value, labels)) };
    },
    gauge(definition) {
      const gauge = newGauge(definition);
      const set: typeof gauge.set = (value, labels) => guard(() => gauge.set(value, labels));
      if (gauge.observe === undefined) return { set };
      return {
        set,
        observe(read, labels) {
          const end = gauge.observe?.(read, labels);
          return () => guard(() => end?.());
        },
      };
    },
    histogram(definition) {
      const histogram = newHistogram(definition);
      return { observe: (value, labels) => guard(() => histogram.observe(value, labels)) };
    },
  };
}
