import { expectAtLeast, expectWhole } from './expect-number.js';
import { FailureCounts } from './failure-counts.js';
import type { RateLimiterFactory } from './rate-limiter.js';

export interface ItemFastSlowOptions {
  /** The delay of the first failures, in milliseconds. */
  readonly fast: number;
  /** The delay of all later failures, in milliseconds. */
  readonly slow: number;
  /** How many failures are tried again fast. */
  readonly maxFastAttempts: number;
}

/**
 * Tries a key again fast a few times, then slowly.
 *
 * Each key counts alone; a key is remembered until it is forgotten. Source: client-go's ItemFastSlowRateLimiter.
 *
 * @throws RangeError when a delay is below 0, or `maxFastAttempts` is not a whole number of at least 0.
 */
export function itemFastSlow(options: ItemFastSlowOptions): RateLimiterFactory {
  const fast = expectAtLeast('fast', options.fast, 0);
  const slow = expectAtLeast('slow', options.slow, 0);
  const attempts = expectWhole('maxFastAttempts', options.maxFastAttempts, 0);
  return () => {
    const failures = new FailureCounts();
    return {
      when: (key: string): number => (failures.fail(key) < attempts ? fast : slow),
      forget: (key: string): void => failures.forget(key),
      retries: (key: string): number => failures.of(key),
    };
  };
}
