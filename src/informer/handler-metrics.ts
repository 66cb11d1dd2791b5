import type { Gauge, Histogram, MetricLabels, MetricsProvider } from '../core/index.js';

/** Upper bounds in seconds, from a tenth of a millisecond to a quarter of an hour. */
const BUCKETS: readonly number[] = /* @__PURE__ */ Object.freeze([1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1_000]);

/**
 * How far a handler is behind its informer; `name` is the kind, as in `websites.example.com`, and `handler` the registration.
 *
 * All times that come in are in milliseconds. The gauges are set when something is queued or told, and stand still in between: no timer
 * refreshes them.
 */
export class HandlerMetrics {
  readonly #labels: MetricLabels;
  readonly #pending: Gauge;
  readonly #oldest: Gauge;
  readonly #waits: Histogram;

  constructor(provider: MetricsProvider, name: string, handler: string) {
    const labelNames = ['name', 'handler'];
    this.#labels = Object.freeze({ name, handler });
    this.#pending = provider.gauge({
      name: 'informer_handler_pending',
      help: 'Objects that the handler is still to be told of',
      labelNames,
    });
    this.#oldest = provider.gauge({
      name: 'informer_handler_oldest_seconds',
      help: 'How long ago the oldest change was that the handler is not done with, as of the last change or call',
      labelNames,
    });
    this.#waits = provider.histogram({
      name: 'informer_handler_wait_seconds',
      help: 'How long a change waited until the handler was called for it',
      labelNames,
      buckets: BUCKETS,
    });
  }

  /** @param oldest - How long the oldest has waited. */
  queued(pending: number, oldest: number): void {
    this.#pending.set(pending, this.#labels);
    this.#oldest.set(oldest / 1_000, this.#labels);
  }

  /** @param waited - How long the object that the handler is called for has waited. */
  told(pending: number, waited: number): void {
    this.#waits.observe(waited / 1_000, this.#labels);
    this.queued(pending, waited);
  }
}
