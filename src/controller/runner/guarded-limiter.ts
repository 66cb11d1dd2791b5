import { preview } from '../../core/index.js';
import type { RateLimiterFactory } from '../../workqueue/index.js';

/** In milliseconds: how long a key waits where its rate limiter does not say. */
const WITHOUT_ANSWER = 1_000;

/**
 * A rate limiter of somebody else that never keeps a key from its next try: one that fails, or answers with no number, is told of to
 * `report`, and the key waits for a second.
 *
 * @throws TypeError where the factory makes none.
 */
export function guardedLimiter(
  controller: string,
  make: RateLimiterFactory,
  report: (error: unknown) => void,
): RateLimiterFactory {
  return (clock) => {
    const limiter = make(clock);
    for (const method of ['when', 'forget', 'retries'] as const) {
      if (typeof limiter?.[method] === 'function') continue;
      throw new TypeError(
        `controller ${controller}: rateLimiter: expected a function that makes { when, forget, retries }, it made ${preview(limiter)}`,
      );
    }
    const guard = <T>(answer: () => T, otherwise: T): T => {
      try {
        return answer();
      } catch (error) {
        report(error);
        return otherwise;
      }
    };
    const when = (key: string): number => {
      const delay: unknown = limiter.when(key);
      if (Number.isFinite(delay)) return delay as number;
      throw new TypeError(
        `rateLimiter: when: expected a finite number of milliseconds, got ${preview(delay)}`,
      );
    };
    return {
      when: (key) => guard(() => when(key), WITHOUT_ANSWER),
      forget: (key) => guard(() => limiter.forget(key), undefined),
      retries: (key) => guard(() => limiter.retries(key), 0),
    };
  };
}
