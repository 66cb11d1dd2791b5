import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ring } from '../../src/core/ring.js';

describe('Ring', () => {
  it('gives out what an array gives out, however it is filled and emptied', () => {
    // true: push the next number; false: shift
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (steps) => {
        const ring = new Ring<number>();
        const model: number[] = [];
        for (const [index, pushes] of steps.entries()) {
          if (pushes) {
            ring.push(index);
            model.push(index);
          } else {
            expect(ring.shift()).toBe(model.shift());
          }
        }
        while (model.length > 0) expect(ring.shift()).toBe(model.shift());
        expect(ring.shift()).toBeUndefined();
      }),
    );
  });

  it('keeps its order when it grows while its values go round its end', () => {
    const ring = new Ring<number>();
    for (let value = 0; value < 3; value += 1) ring.push(value);
    ring.shift();
    ring.shift();
    for (let value = 3; value < 40; value += 1) ring.push(value);
    expect(Array.from({ length: 38 }, () => ring.shift())).toEqual(
      Array.from({ length: 38 }, (_, index) => index + 2),
    );
  });
});
