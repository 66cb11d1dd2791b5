import type { Clock } from '../core/index.js';

/** Decides how long a key waits before its next try. */
export interface RateLimiter {
  /** Counts one more failure of the key and answers how many milliseconds it must wait now. */
  when(key: string): number;
  /** Forgets the failures of the key; what was spent on all keys together stays spent. */
  forget(key: string): void;
  /** How many times the key has failed since it was last forgotten. */
  retries(key: string): number;
}

/**
 * Makes a rate limiter that lives by a clock.
 *
 * A work queue calls it once, with its own clock, so that every queue has a limiter of its own. To share one among
 * queues, answer the same one: `() => shared`.
 */
export type RateLimiterFactory = (clock: Clock) => RateLimiter;
