import type { Clock } from '../core/index.js';
import type { RateLimiter, RateLimiterFactory } from './rate-limiter.js';

/**
 * Asks several limiters and takes the longest delay.
 *
 * Every one of them counts each try. Retries are the most that any of them knows of.
 *
 * @throws TypeError when no limiter is given.
 */
export function maxOf(...limiters: readonly RateLimiterFactory[]): RateLimiterFactory {
  if (limiters.length === 0)
    throw new TypeError('Expected maxOf to be given at least one rate limiter, got none');
  return (clock: Clock): RateLimiter => {
    const bound = limiters.map((limiter) => limiter(clock));
    return {
      when(key: string): number {
        let longest = 0;
        for (const limiter of bound) longest = Math.max(longest, limiter.when(key));
        return longest;
      },
      forget(key: string): void {
        for (const limiter of bound) limiter.forget(key);
      },
      retries: (key: string): number =>
        bound.reduce((most, limiter) => Math.max(most, limiter.retries(key)), 0),
    };
  };
}
