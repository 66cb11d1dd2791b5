import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom, VirtualClock } from '../../src/core/index.js';
import { exponentialBackoff } from '../../src/workqueue/index.js';

const clock = new VirtualClock();

describe('exponentialBackoff', () => {
  it('doubles the delay of a key with each failure, up to the longest', () => {
    const limiter = exponentialBackoff({ base: 5, max: 50 })(clock);
    expect(Array.from({ length: 6 }, () => limiter.when('a'))).toEqual([5, 10, 20, 40, 50, 50]);
    expect(limiter.retries('a')).toBe(6);
  });

  it('counts each key alone, and starts over when it is forgotten', () => {
    const limiter = exponentialBackoff({ base: 1 })(clock);
    for (const key of ['a', 'a', '__proto__']) limiter.when(key);
    expect([limiter.retries('a'), limiter.retries('__proto__'), limiter.retries('b')]).toEqual([2, 1, 0]);
    limiter.forget('a');
    expect([limiter.when('a'), limiter.when('__proto__')]).toEqual([1, 2]);
  });

  it('goes from 5 ms to 1000 s by default, and never over', () => {
    const limiter = exponentialBackoff()(clock);
    expect(limiter.when('a')).toBe(5);
    const delays = Array.from({ length: 2_000 }, () => limiter.when('a'));
    expect(Math.max(...delays)).toBe(1_000_000);
    expect(delays.at(-1)).toBe(1_000_000);
  });

  it('adds up to the given share at random', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.01, max: 2, noNaN: true }), (seed, jitter) => {
        const limiter = exponentialBackoff({ base: 10, max: 100, jitter, random: new SeededRandom(seed) })(
          clock,
        );
        for (const delay of [10, 20, 40, 80, 100, 100]) {
          const jittered = limiter.when('a');
          expect(jittered).toBeGreaterThanOrEqual(delay);
          expect(jittered).toBeLessThanOrEqual(delay * (1 + jitter));
        }
      }),
    );
  });

  it('spreads keys apart with the randomness of the machine when none is given', () => {
    const limiter = exponentialBackoff({ base: 1_000, jitter: 1 })(clock);
    expect(new Set(Array.from({ length: 20 }, (_, index) => limiter.when(`${index}`))).size).toBeGreaterThan(
      1,
    );
  });

  it.each([
    [{ base: 0 }, 'Expected base to be a finite number greater than 0, got 0'],
    [{ base: Number.NaN }, 'Expected base to be a finite number greater than 0, got NaN'],
    [{ base: 10, max: 5 }, 'Expected max to be a finite number of at least 10, got 5'],
    [{ max: Number.POSITIVE_INFINITY }, 'Expected max to be a finite number of at least 5, got Infinity'],
    [{ jitter: -1 }, 'Expected jitter to be a finite number of at least 0, got -1'],
  ])('refuses %o', (options, message) => {
    expect(() => exponentialBackoff(options)).toThrow(new RangeError(message));
  });
});
