import type { Clock } from '../core/index.js';
import { expectPositive, expectWhole } from './expect-number.js';
import type { RateLimiter, RateLimiterFactory } from './rate-limiter.js';

export interface TokenBucketOptions {
  /** How many tries a second are let through in the long run. */
  readonly qps: number;
  /** How many tries are let through at once after a quiet time; at least 1. */
  readonly burst: number;
}

/**
 * Bounds the tries of all keys together: `burst` at once, then `qps` a second.
 *
 * A try that finds the bucket empty takes the next free place, so tries line up instead of all coming back together.
 * Forgetting a key gives nothing back, and no key has retries here. Source: client-go's BucketRateLimiter.
 *
 * @throws RangeError when `qps` is not above 0, or `burst` is not a whole number of at least 1.
 */
export function tokenBucket(options: TokenBucketOptions): RateLimiterFactory {
  const interval = 1_000 / expectPositive('qps', options.qps);
  const room = interval * expectWhole('burst', options.burst, 1);
  return (clock: Clock): RateLimiter => {
    // when the bucket will be full again if nothing more is taken: each token moves it on by one interval
    // (a field, because a variable of a closure would be a new object with each try)
    const bucket = { full: clock.monotonic() };
    return {
      when(): number {
        const now = clock.monotonic();
        bucket.full = Math.max(bucket.full, now) + interval;
        return Math.max(0, bucket.full - now - room);
      },
      forget(): void {},
      retries: (): number => 0,
    };
  };
}
