import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRevisions } from '../../src/informer/index.js';

describe('compareRevisions', () => {
  it('orders revisions as the numbers they are, however long', () => {
    const numbers = fc.bigInt({ min: 0n, max: 10n ** 30n });
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const order = compareRevisions(String(a), String(b));
        expect(Math.sign(order)).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('tells apart neighbours that a floating point number cannot', () => {
    expect(compareRevisions('9007199254740993', '9007199254740992')).toBeGreaterThan(0);
  });
});
