import { type Random, systemRandom } from '../core/index.js';
import { expectAtLeast, expectPositive } from './expect-number.js';
import { FailureCounts } from './failure-counts.js';
import type { RateLimiterFactory } from './rate-limiter.js';

export interface ExponentialBackoffOptions {
  /** The delay after the first failure, in milliseconds; 5 unless given. */
  readonly base?: number | undefined;
  /** The longest delay before jitter, in milliseconds; 1,000,000 unless given. */
  readonly max?: number | undefined;
  /** Adds up to this share of each delay, at random: 0.1 is up to a tenth more. 0, so none, unless given. */
  readonly jitter?: number | undefined;
  /** Where jitter comes from; the machine's randomness unless given. */
  readonly random?: Random | undefined;
}

/**
 * Doubles the delay of a key with each of its failures: `base * 2 ** failures`, at most `max`.
 *
 * Each key counts alone; a key is remembered until it is forgotten. The default delays, and no jitter, are client-go's.
 *
 * @throws RangeError when `base` is not above 0, `max` is below `base`, or `jitter` is below 0.
 */
export function exponentialBackoff(options: ExponentialBackoffOptions = {}): RateLimiterFactory {
  const base = expectPositive('base', options.base ?? 5);
  const max = expectAtLeast('max', options.max ?? 1_000_000, base);
  const jitter = expectAtLeast('jitter', options.jitter ?? 0, 0);
  const random = options.random ?? systemRandom;
  return () => {
    const failures = new FailureCounts();
    return {
      when(key: string): number {
        const delay = Math.min(max, base * 2 ** failures.fail(key));
        return jitter === 0 ? delay : delay * (1 + jitter * random.next());
      },
      forget: (key: string): void => failures.forget(key),
      retries: (key: string): number => failures.of(key),
    };
  };
}
