import type { Counter, Gauge, Histogram, MetricLabels, MetricsProvider } from '../../core/index.js';
import type { ReconcileOutcome } from '../reconcile-outcome.js';

/** Upper bounds in seconds, from 5 ms to a minute: those of controller-runtime. */
const BUCKETS: readonly number[] = /* @__PURE__ */ Object.freeze([
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
  1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
]);

/**
 * What a controller tells about itself: under controller-runtime's names what that has, and the rest as `keelson_controller_*`.
 *
 * Every counter of a controller is there from the start, at 0; those by kind once a kind has something to count. The two gauges are
 * read when the provider asks for them; for one that cannot ask, they are set when a reconcile begins or ends.
 *
 * Source: `pkg/internal/controller/metrics` in controller-runtime.
 */
export class ControllerMetrics {
  readonly #controller: string;
  readonly #labels: MetricLabels;
  readonly #success: MetricLabels;
  readonly #requeueAfter: MetricLabels;
  readonly #error: MetricLabels;
  // the labels of each kind that something was counted of: made once
  readonly #byKind = new Map<string, MetricLabels>();
  readonly #results: Counter;
  readonly #errors: Counter;
  readonly #terminalErrors: Counter;
  readonly #panics: Counter;
  readonly #timeouts: Counter;
  readonly #interrupted: Counter;
  readonly #seconds: Histogram;
  readonly #staleReads: Counter;
  readonly #noopWrites: Counter;
  readonly #uncachedReads: Counter;
  readonly #strayWrites: Counter;
  readonly #hotLoops: Counter;
  // sets the gauge where the provider does not ask for it
  readonly #setActive: (() => void) | undefined;
  // what ends the provider's asking, or leaves the gauge at 0
  readonly #ends: (() => void)[] = [];
  // reconciles that began and have not ended
  #active = 0;

  /** @param maxConcurrent - How many reconciles of the controller run at the same time at most. */
  constructor(provider: MetricsProvider, controller: string, maxConcurrent: number) {
    this.#controller = controller;
    this.#labels = Object.freeze({ controller });
    this.#success = Object.freeze({ controller, result: 'success' });
    this.#requeueAfter = Object.freeze({ controller, result: 'requeue_after' });
    this.#error = Object.freeze({ controller, result: 'error' });
    const labelNames = ['controller'];
    this.#results = provider.counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Reconciles that ended, by what came of them',
      labelNames: ['controller', 'result'],
    });
    // `requeue` is what nothing here can end with: a dashboard that adds it up finds it all the same
    const requeue = Object.freeze({ controller, result: 'requeue' });
    for (const labels of [this.#success, this.#requeueAfter, this.#error, requeue])
      this.#results.add(0, labels);
    const counter = (name: string, help: string): Counter => {
      const made = provider.counter({ name, help, labelNames });
      made.add(0, this.#labels);
      return made;
    };
    this.#errors = counter(
      'controller_runtime_reconcile_errors_total',
      'Reconciles that failed, for good or not, or took too long',
    );
    this.#terminalErrors = counter(
      'controller_runtime_terminal_reconcile_errors_total',
      'Reconciles that failed for good',
    );
    this.#panics = counter(
      'controller_runtime_reconcile_panics_total',
      'Reconciles that threw what is no Error',
    );
    this.#timeouts = counter(
      'controller_runtime_reconcile_timeouts_total',
      'Reconciles that took longer than they may',
    );
    this.#interrupted = counter(
      'keelson_controller_interrupted_reconciles_total',
      'Reconciles that were cut short by a stop or a lost leadership, and have no result',
    );
    this.#seconds = provider.histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'How long reconciles took',
      labelNames,
      buckets: BUCKETS,
    });
    this.#strayWrites = counter(
      'keelson_controller_stray_writes_total',
      'Times that a reconcile wrote after it had ended, or had not awaited what it wrote',
    );
    this.#hotLoops = counter(
      'keelson_controller_hot_loops_total',
      'Times that fields were found to be written back and forth',
    );
    const labelNamesByKind = ['controller', 'kind'];
    this.#staleReads = provider.counter({
      name: 'keelson_controller_stale_reads_total',
      help: 'Own writes that the cache did not show in time',
      labelNames: labelNamesByKind,
    });
    this.#noopWrites = provider.counter({
      name: 'keelson_controller_noop_writes_total',
      help: 'Writes that changed nothing',
      labelNames: labelNamesByKind,
    });
    this.#uncachedReads = provider.counter({
      name: 'keelson_controller_uncached_reads_total',
      help: 'Reads of the cache for a kind that it does not have',
      labelNames: labelNamesByKind,
    });
    this.#show(
      provider.gauge({
        name: 'controller_runtime_max_concurrent_reconciles',
        help: 'How many reconciles run at the same time at most',
        labelNames,
      }),
      () => maxConcurrent,
    );
    this.#setActive = this.#show(
      provider.gauge({
        name: 'controller_runtime_active_workers',
        help: 'How many reconciles run',
        labelNames,
      }),
      () => this.#active,
    );
  }

  began(): void {
    this.#active += 1;
    this.#setActive?.();
  }

  /** @param seconds - How long it took. */
  ended(outcome: ReconcileOutcome, seconds: number): void {
    this.#active -= 1;
    this.#setActive?.();
    this.#seconds.observe(seconds, this.#labels);
    switch (outcome) {
      case 'success':
        this.#results.add(1, this.#success);
        return;
      case 'requeue_after':
        this.#results.add(1, this.#requeueAfter);
        return;
      case 'interrupted':
        this.#interrupted.add(1, this.#labels);
        return;
      case 'terminal':
        this.#terminalErrors.add(1, this.#labels);
        break;
      case 'timeout':
        this.#timeouts.add(1, this.#labels);
        break;
      case 'error':
        break;
    }
    this.#errors.add(1, this.#labels);
    this.#results.add(1, this.#error);
  }

  /**
   * A reconcile threw what is no Error; how it ended is told as well.
   *
   * That is what is nearest to a panic of Go: a thrown text has no stack and no reason, so only the code can be at fault. A
   * `TypeError` is none, for a failed `fetch` throws it too.
   */
  panicked(): void {
    this.#panics.add(1, this.#labels);
  }

  /** The cache did not show an own write in time. */
  staleRead(kind: string): void {
    this.#staleReads.add(1, this.#labelsOf(kind));
  }

  /** A write changed nothing. */
  noopWrite(kind: string): void {
    this.#noopWrites.add(1, this.#labelsOf(kind));
  }

  /** The cache was read for a kind that the controller does not cache. */
  uncachedRead(kind: string): void {
    this.#uncachedReads.add(1, this.#labelsOf(kind));
  }

  /** A reconcile wrote after it had ended, or had not awaited what it wrote. */
  strayWrite(): void {
    this.#strayWrites.add(1, this.#labels);
  }

  /** Fields were found to be written back and forth. */
  hotLoop(): void {
    this.#hotLoops.add(1, this.#labels);
  }

  /** Lets go of the provider; the gauges are gone, or at 0 where the provider does not ask for them. */
  close(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  /** Shows a gauge; what sets it is the answer where the provider does not ask. */
  #show(gauge: Gauge, read: () => number): (() => void) | undefined {
    if (gauge.observe !== undefined) {
      this.#ends.push(gauge.observe(read, this.#labels));
      return undefined;
    }
    const set = (): void => gauge.set(read(), this.#labels);
    set();
    this.#ends.push(() => gauge.set(0, this.#labels));
    return set;
  }

  #labelsOf(kind: string): MetricLabels {
    const known = this.#byKind.get(kind);
    if (known !== undefined) return known;
    const labels = Object.freeze({ controller: this.#controller, kind });
    this.#byKind.set(kind, labels);
    return labels;
  }
}
