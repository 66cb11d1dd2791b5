import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unmatched } from '../../../src/testing/history/matching.js';

/** The most seekers that can have one each, by trying everything. */
function most([first, ...rest]: readonly (readonly number[])[], taken: ReadonlySet<number>): number {
  if (first === undefined) return 0;
  const without = most(rest, taken);
  const free = first.filter((one) => !taken.has(one));
  return Math.max(without, ...free.map((one) => 1 + most(rest, new Set([...taken, one]))));
}

describe('a matching', () => {
  it('moves those who can go elsewhere', () => {
    const suiting: Readonly<Record<string, readonly number[]>> = { a: [1, 2], b: [1], c: [2, 3] };
    expect(unmatched(['a', 'b', 'c'], (seeker) => suiting[seeker] ?? [])).toEqual([]);
  });

  it('names those who get none', () => {
    expect(unmatched(['a', 'b', 'c'], () => [1, 2])).toHaveLength(1);
    expect(unmatched(['a'], () => [])).toEqual(['a']);
  });

  it('leaves as few without as can be', () => {
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(fc.nat(4), { maxLength: 4 }), { maxLength: 5 }), (lists) => {
        const left = unmatched([...lists.keys()], (seeker) => lists[seeker] ?? []);
        expect(left).toHaveLength(lists.length - most(lists, new Set()));
      }),
      { seed: 20, numRuns: 300 },
    );
  });
});
