import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/index.js';
import { exponentialBackoff, withMaxWait } from '../../src/workqueue/index.js';

describe('withMaxWait', () => {
  it('cuts delays off, and passes the rest on', () => {
    const limiter = withMaxWait(exponentialBackoff({ base: 5 }), 12)(new VirtualClock());
    expect(Array.from({ length: 4 }, () => limiter.when('a'))).toEqual([5, 10, 12, 12]);
    expect(limiter.retries('a')).toBe(4);
    limiter.forget('a');
    expect([limiter.retries('a'), limiter.when('a')]).toEqual([0, 5]);
  });

  it('refuses a longest delay below zero', () => {
    expect(() => withMaxWait(exponentialBackoff(), -1)).toThrow(
      new RangeError('Expected maxDelay to be a finite number of at least 0, got -1'),
    );
  });
});
