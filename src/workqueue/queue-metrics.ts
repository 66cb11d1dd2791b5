import type {
  Clock,
  Counter,
  Gauge,
  Histogram,
  MetricDefinition,
  MetricLabels,
  MetricsProvider,
} from '../core/index.js';
import type { Run } from './entry.js';
import { LinkedList } from './linked-list.js';

/** Upper bounds in seconds, from 10 nanoseconds to 1000 seconds: what Kubernetes' components use for both histograms. */
const BUCKETS: readonly number[] = /* @__PURE__ */ Object.freeze([
  1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1_000,
]);

/**
 * What a queue tells about itself, under client-go's names.
 *
 * Each metric has the labels `name` and `controller`, which say the same: controller-runtime has both.
 *
 * All times that come in are milliseconds of the monotonic clock. The two gauges of unfinished work are read when the provider
 * asks for them; for one that cannot ask, they are set when an item is handed out or done, and stand still in between. No timer
 * refreshes them.
 */
export class QueueMetrics {
  readonly #labels: MetricLabels;
  readonly #depth: Gauge;
  readonly #adds: Counter;
  readonly #queued: Histogram;
  readonly #worked: Histogram;
  readonly #retries: Counter;
  // what sets the gauges that the provider does not ask for, and what ends its asking for the others
  readonly #setters: (() => void)[] = [];
  readonly #ends: (() => void)[] = [];
  // the runs in hand, the oldest first, how many they are, and the sum of their starting times
  readonly #runs = new LinkedList<Run<unknown>>();
  #inHand = 0;
  #startedSum = 0;

  constructor(provider: MetricsProvider, name: string, clock: Clock) {
    this.#labels = Object.freeze({ name, controller: name });
    this.#depth = provider.gauge(
      definition('workqueue_depth', 'Items that wait to be handed out, or to be run once more'),
    );
    this.#adds = provider.counter(
      definition('workqueue_adds_total', 'Items that were added and not yet waiting'),
    );
    this.#queued = provider.histogram({
      ...definition(
        'workqueue_queue_duration_seconds',
        'How long an item waited from its first add until it was handed out',
      ),
      buckets: BUCKETS,
    });
    this.#worked = provider.histogram({
      ...definition('workqueue_work_duration_seconds', 'How long an item was in hand'),
      buckets: BUCKETS,
    });
    this.#retries = provider.counter(
      definition('workqueue_retries_total', 'Items that were added with a delay or a rate limit'),
    );
    this.#show(
      provider.gauge(definition('workqueue_unfinished_work_seconds', 'How long all items were in hand')),
      () => (this.#inHand * clock.monotonic() - this.#startedSum) / 1_000,
    );
    this.#show(
      provider.gauge(
        definition('workqueue_longest_running_processor_seconds', 'How long the oldest item was in hand'),
      ),
      () => {
        const oldest = this.#runs.first;
        return oldest === undefined ? 0 : (clock.monotonic() - oldest.startedAt) / 1_000;
      },
    );
  }

  added(depth: number): void {
    this.#adds.add(1, this.#labels);
    this.#depth.set(depth, this.#labels);
  }

  retried(): void {
    this.#retries.add(1, this.#labels);
  }

  handedOut(run: Run<unknown>, addedAt: number, depth: number): void {
    this.#runs.push(run);
    this.#inHand += 1;
    this.#startedSum += run.startedAt;
    this.#depth.set(depth, this.#labels);
    this.#queued.observe((run.startedAt - addedAt) / 1_000, this.#labels);
    for (const set of this.#setters) set();
  }

  finished(run: Run<unknown>, now: number): void {
    this.#runs.remove(run);
    this.#inHand -= 1;
    this.#startedSum = this.#inHand === 0 ? 0 : this.#startedSum - run.startedAt;
    this.#worked.observe((now - run.startedAt) / 1_000, this.#labels);
    for (const set of this.#setters) set();
  }

  /** Lets go of the provider: for when nothing is in hand and nothing will be. */
  close(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  #show(gauge: Gauge, read: () => number): void {
    if (gauge.observe === undefined) this.#setters.push(() => gauge.set(read(), this.#labels));
    else this.#ends.push(gauge.observe(read, this.#labels));
  }
}

function definition(name: string, help: string): MetricDefinition {
  return { name, help, labelNames: ['name', 'controller'] };
}
