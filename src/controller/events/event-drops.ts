import type { Clock, Counter, Logger, MetricsProvider, Timer } from '../../core/index.js';

/**
 * Why an event was not told.
 *
 * - `spam`: its source told too much of the object
 * - `queue_full`: too much waited to be written
 * - `rejected`: the server does not want it
 * - `gave_up`: the server failed too often
 * - `stopped`: the recorder was stopped before
 */
export type DropReason = 'spam' | 'queue_full' | 'rejected' | 'gave_up' | 'stopped';

/** How many milliseconds lie between two reports at least. */
const INTERVAL = 60_000;

/** Counts the events that are not told, in a metric, and logs once a minute how many there were. */
export class EventDrops {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #dropped: Counter;
  // what no report has told of, by reason, and the last error among it
  readonly #unreported = new Map<DropReason, number>();
  #error: unknown;
  // before this moment there is no report, unless the end comes first
  #quietUntil = Number.NEGATIVE_INFINITY;
  // armed while there is something to report, and the end has not come
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: MetricsProvider;
  }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#dropped = options.metrics.counter({
      name: 'events_dropped_total',
      help: 'Events that were recorded and not told to the server.',
      labelNames: ['controller', 'reason'],
    });
  }

  add(controller: string, reason: DropReason, count: number, error?: unknown): void {
    this.#dropped.add(count, { controller, reason });
    this.#unreported.set(reason, (this.#unreported.get(reason) ?? 0) + count);
    this.#error = error ?? this.#error;
    const left = this.#quietUntil - this.#clock.monotonic();
    if (left <= 0) this.#report();
    else if (!this.#closed) this.#timer ??= this.#clock.setTimer(left, this.#report, { keepAlive: false });
  }

  /** Reports what is left; there is no timer any more. */
  close(): void {
    this.#closed = true;
    if (this.#unreported.size > 0) this.#report();
  }

  readonly #report = (): void => {
    this.#timer?.cancel();
    this.#timer = undefined;
    const dropped = Object.fromEntries(this.#unreported);
    const fields = this.#error === undefined ? { dropped } : { dropped, error: this.#error };
    this.#unreported.clear();
    this.#error = undefined;
    this.#quietUntil = this.#clock.monotonic() + INTERVAL;
    this.#logger.warn(fields, 'events were dropped');
  };
}
