import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FailureCounts } from '../../src/workqueue/failure-counts.js';

const KEYS = ['a', 'b', 'c'] as const;

describe('FailureCounts', () => {
  it('counts as a map does, whatever fails and is forgotten in between', () => {
    const step = fc.record({ does: fc.constantFrom('fail', 'forget'), key: fc.constantFrom(...KEYS) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const counts = new FailureCounts();
        const model = new Map<string, number>();
        for (const { does, key } of steps) {
          if (does === 'fail') {
            const before = model.get(key) ?? 0;
            expect(counts.fail(key)).toBe(before);
            model.set(key, before + 1);
          } else {
            counts.forget(key);
            model.delete(key);
          }
          for (const each of KEYS) expect(counts.of(each)).toBe(model.get(each) ?? 0);
        }
      }),
    );
  });
});
