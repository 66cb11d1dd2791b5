import { exponentialBackoff } from './exponential-backoff.js';
import { maxOf } from './max-of.js';
import type { RateLimiterFactory } from './rate-limiter.js';
import { tokenBucket } from './token-bucket.js';

/**
 * What a work queue limits by unless told otherwise.
 *
 * Each key backs off from 5 ms to 1000 s, and all keys together get 10 tries a second after a burst of 100. Source:
 * client-go's DefaultControllerRateLimiter.
 */
export function defaultRateLimiter(): RateLimiterFactory {
  return maxOf(exponentialBackoff(), tokenBucket({ qps: 10, burst: 100 }));
}
