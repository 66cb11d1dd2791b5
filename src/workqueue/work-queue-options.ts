import type { Clock, MetricsProvider } from '../core/index.js';
import type { RateLimiterFactory } from './rate-limiter.js';

export interface WorkQueueOptions<T> {
  /** Names the queue in its metrics; without it there are none. */
  readonly name?: string | undefined;
  /** The clock that delays and rate limits live by; the machine's unless given. */
  readonly clock?: Clock | undefined;
  /** What {@link WorkQueue.addRateLimited} waits by; {@link defaultRateLimiter} unless given. */
  readonly rateLimiter?: RateLimiterFactory | undefined;
  /** The key of an item: two items with one key are the same work. Required unless items are strings, which are their own keys. */
  readonly key?: ((item: T) => string) | undefined;
  /**
   * How many milliseconds of waiting are worth one point of priority: greater than 0; 100 unless given.
   *
   * An item goes before all items whose priority is `n` points higher and that are added more than `n * ageing` later. A very large
   * number makes priorities strict.
   */
  readonly ageing?: number | undefined;
  /**
   * The flow of a key, such as its namespace; without it all items are of one flow.
   *
   * Within a priority the flows that have items take turns, one item each, so that many items of one do not hold up the others.
   */
  readonly flowOf?: ((key: string) => string) | undefined;
  /** Where the metrics go; none are kept unless both this and `name` are given. */
  readonly metrics?: MetricsProvider | undefined;
}

/** How an item is added. */
export interface AddOptions<R = string> {
  /** Any finite number; higher ones are handed out first, unless lower ones have waited long; 0 unless given. */
  readonly priority?: number | undefined;
  /** Why, for `reasons()` and `inspect()`: the first eight of a run are kept, the others counted. */
  readonly reason?: R | undefined;
}

/** How long a caller is willing to wait. */
export interface WaitOptions {
  /** Ends the wait: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
