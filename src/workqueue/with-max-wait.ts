import type { Clock } from '../core/index.js';
import { expectAtLeast } from './expect-number.js';
import type { RateLimiter, RateLimiterFactory } from './rate-limiter.js';

/**
 * The same limiter with no delay longer than `maxDelay` milliseconds.
 *
 * What lies beyond is cut off, not saved up: the limiter inside counts as if the key had waited. Source: client-go's
 * WithMaxWaitRateLimiter.
 *
 * @throws RangeError when `maxDelay` is below 0.
 */
export function withMaxWait(limiter: RateLimiterFactory, maxDelay: number): RateLimiterFactory {
  const longest = expectAtLeast('maxDelay', maxDelay, 0);
  return (clock: Clock): RateLimiter => {
    const inner = limiter(clock);
    return {
      when: (key: string): number => Math.min(longest, inner.when(key)),
      forget: (key: string): void => inner.forget(key),
      retries: (key: string): number => inner.retries(key),
    };
  };
}
