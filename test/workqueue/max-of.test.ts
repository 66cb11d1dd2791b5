import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/index.js';
import { exponentialBackoff, itemFastSlow, maxOf, tokenBucket } from '../../src/workqueue/index.js';

describe('maxOf', () => {
  it('takes the longer of the delay of the key and that of all keys together', () => {
    const limiter = maxOf(
      exponentialBackoff({ base: 5 }),
      tokenBucket({ qps: 10, burst: 2 }),
    )(new VirtualClock());
    expect([limiter.when('a'), limiter.when('a'), limiter.when('b'), limiter.when('c')]).toEqual([
      5, 10, 100, 200,
    ]);
  });

  it('forgets in all, and knows the most retries of any', () => {
    const slow = itemFastSlow({ fast: 1, slow: 2, maxFastAttempts: 1 });
    const limiter = maxOf(exponentialBackoff(), slow, tokenBucket({ qps: 1, burst: 9 }))(new VirtualClock());
    limiter.when('a');
    limiter.when('a');
    expect(limiter.retries('a')).toBe(2);
    limiter.forget('a');
    expect(limiter.retries('a')).toBe(0);
    expect(limiter.when('a')).toBe(5);
  });

  it('refuses to choose among none', () => {
    expect(() => maxOf()).toThrow(
      new TypeError('Expected maxOf to be given at least one rate limiter, got none'),
    );
  });
});
