import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/index.js';
import { itemFastSlow } from '../../src/workqueue/index.js';

describe('itemFastSlow', () => {
  it('tries fast a few times, then slowly, until the key is forgotten', () => {
    const limiter = itemFastSlow({ fast: 5, slow: 100, maxFastAttempts: 2 })(new VirtualClock());
    expect(Array.from({ length: 4 }, () => limiter.when('a'))).toEqual([5, 5, 100, 100]);
    expect(limiter.when('b')).toBe(5);
    expect(limiter.retries('a')).toBe(4);
    limiter.forget('a');
    expect([limiter.retries('a'), limiter.when('a')]).toEqual([0, 5]);
  });

  it.each([
    [{ fast: -1, slow: 1, maxFastAttempts: 1 }, 'Expected fast to be a finite number of at least 0, got -1'],
    [
      { fast: 1, slow: Number.NaN, maxFastAttempts: 1 },
      'Expected slow to be a finite number of at least 0, got NaN',
    ],
    [
      { fast: 1, slow: 1, maxFastAttempts: 0.5 },
      'Expected maxFastAttempts to be a whole number of at least 0, got 0.5',
    ],
  ])('refuses %o', (options, message) => {
    expect(() => itemFastSlow(options)).toThrow(new RangeError(message));
  });
});
