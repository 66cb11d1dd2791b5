import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/index.js';
import { tokenBucket } from '../../src/workqueue/index.js';

describe('tokenBucket', () => {
  it('lets a burst through, then lines tries up behind each other', () => {
    const limiter = tokenBucket({ qps: 10, burst: 3 })(new VirtualClock());
    expect(Array.from({ length: 6 }, () => limiter.when('a'))).toEqual([0, 0, 0, 100, 200, 300]);
  });

  it('fills up again with time, but never over the burst', async () => {
    const clock = new VirtualClock();
    const limiter = tokenBucket({ qps: 10, burst: 2 })(clock);
    for (const expected of [0, 0, 100]) expect(limiter.when('a')).toBe(expected);
    await clock.advance(150);
    expect(limiter.when('b')).toBe(50);
    await clock.advance(1_000_000);
    for (const expected of [0, 0, 100]) expect(limiter.when('c')).toBe(expected);
  });

  it('knows no retries, and gives nothing back for a key that is forgotten', () => {
    const limiter = tokenBucket({ qps: 1, burst: 1 })(new VirtualClock());
    limiter.when('a');
    limiter.forget('a');
    expect(limiter.retries('a')).toBe(0);
    expect(limiter.when('a')).toBe(1_000);
  });

  it('agrees with a bucket that counts tokens', async () => {
    const tries = fc.array(fc.nat({ max: 500 }), { maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 10 }),
        tries,
        async (qps, burst, gaps) => {
          const clock = new VirtualClock();
          const limiter = tokenBucket({ qps, burst })(clock);
          let tokens = burst;
          for (const gap of gaps) {
            await clock.advance(gap);
            tokens = Math.min(burst, tokens + (gap * qps) / 1_000) - 1;
            expect(limiter.when('a')).toBeCloseTo(Math.max(0, (-tokens * 1_000) / qps), 5);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    [{ qps: 0, burst: 1 }, 'Expected qps to be a finite number greater than 0, got 0'],
    [{ qps: 1, burst: 0 }, 'Expected burst to be a whole number of at least 1, got 0'],
    [{ qps: 1, burst: 1.5 }, 'Expected burst to be a whole number of at least 1, got 1.5'],
  ])('refuses %o', (options, message) => {
    expect(() => tokenBucket(options)).toThrow(new RangeError(message));
  });
});
