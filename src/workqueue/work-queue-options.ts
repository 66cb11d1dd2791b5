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
  /** Where the metrics go; none are kept unless both this and `name` are given. */
  readonly metrics?: MetricsProvider | undefined;
}

/** How an item is added. */
export interface AddOptions<R = string> {
  /** Any finite number; higher ones are handed out first; 0 unless given. */
  readonly priority?: number | undefined;
  /** Why, for `reasons()` and `inspect()`: the first eight of a run are kept, the others counted. */
  readonly reason?: R | undefined;
}

/** How long a caller is willing to wait. */
export interface WaitOptions {
  /** Ends the wait: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
