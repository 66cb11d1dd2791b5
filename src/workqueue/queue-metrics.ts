import type { Counter, Gauge, Histogram, MetricLabels, MetricsProvider } from '../core/index.js';
import type { Run } from './entry.js';

/** Upper bounds in seconds, from 10 nanoseconds to 1000 seconds: what Kubernetes' components use for both histograms. */
const BUCKETS: readonly number[] = /* @__PURE__ */ Object.freeze([
  1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1_000,
]);

/**
 * What a queue tells about itself, under client-go's names; each metric has the label `name`.
 *
 * All times that come in are milliseconds of the monotonic clock. The two gauges of unfinished work are set when an item is
 * handed out or done, and stand still in between: no timer refreshes them.
 */
export class QueueMetrics {
  readonly #labels: MetricLabels;
  readonly #depth: Gauge;
  readonly #adds: Counter;
  readonly #queued: Histogram;
  readonly #worked: Histogram;
  readonly #retries: Counter;
  readonly #unfinished: Gauge;
  readonly #longest: Gauge;
  // the runs in hand, the oldest first, and the sum of their starting times
  readonly #runs = new Set<Run<unknown>>();
  #startedSum = 0;

  constructor(provider: MetricsProvider, name: string) {
    const labelNames = ['name'];
    const buckets = BUCKETS;
    this.#labels = Object.freeze({ name });
    this.#depth = provider.gauge({
      name: 'workqueue_depth',
      help: 'Items that wait to be handed out, or to be run once more',
      labelNames,
    });
    this.#adds = provider.counter({
      name: 'workqueue_adds_total',
      help: 'Items that were added and not yet waiting',
      labelNames,
    });
    this.#queued = provider.histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'How long an item waited from its first add until it was handed out',
      labelNames,
      buckets,
    });
    this.#worked = provider.histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'How long an item was in hand',
      labelNames,
      buckets,
    });
    this.#retries = provider.counter({
      name: 'workqueue_retries_total',
      help: 'Items that were added with a delay or a rate limit',
      labelNames,
    });
    this.#unfinished = provider.gauge({
      name: 'workqueue_unfinished_work_seconds',
      help: 'How long all items in hand have been there, added up, as of the last hand-out or end of a run',
      labelNames,
    });
    this.#longest = provider.gauge({
      name: 'workqueue_longest_running_processor_seconds',
      help: 'How long the oldest item in hand has been there, as of the last hand-out or end of a run',
      labelNames,
    });
  }

  added(depth: number): void {
    this.#adds.add(1, this.#labels);
    this.#depth.set(depth, this.#labels);
  }

  retried(): void {
    this.#retries.add(1, this.#labels);
  }

  handedOut(run: Run<unknown>, addedAt: number, depth: number): void {
    this.#runs.add(run);
    this.#startedSum += run.startedAt;
    this.#depth.set(depth, this.#labels);
    this.#queued.observe((run.startedAt - addedAt) / 1_000, this.#labels);
    this.#setUnfinished(run.startedAt);
  }

  finished(run: Run<unknown>, now: number): void {
    this.#runs.delete(run);
    this.#startedSum = this.#runs.size === 0 ? 0 : this.#startedSum - run.startedAt;
    this.#worked.observe((now - run.startedAt) / 1_000, this.#labels);
    this.#setUnfinished(now);
  }

  #setUnfinished(now: number): void {
    const [oldest] = this.#runs;
    this.#unfinished.set((this.#runs.size * now - this.#startedSum) / 1_000, this.#labels);
    this.#longest.set(oldest === undefined ? 0 : (now - oldest.startedAt) / 1_000, this.#labels);
  }
}
