import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Levels } from '../../../../src/scheduler/plugins/counts/levels.js';

const SEED = 20_261_121;

describe('Levels', () => {
  it('know the lowest of counts that come, go and change by one', () => {
    const steps = fc.array(
      fc.record({ at: fc.nat({ max: 4 }), change: fc.constantFrom('flip', 'up', 'down') }),
    );
    fc.assert(
      fc.property(steps, (list) => {
        const levels = new Levels();
        const counts = new Map<number, number>();
        for (const { at, change } of list) {
          const count = counts.get(at);
          if (count === undefined) {
            levels.change(0, 1);
            counts.set(at, 0);
          } else if (change === 'flip') {
            levels.change(count, -1);
            counts.delete(at);
          } else if (change === 'up' || count > 0) {
            const next = change === 'up' ? count + 1 : count - 1;
            levels.move(count, next);
            counts.set(at, next);
          }
          expect(levels.size).toBe(counts.size);
          expect(levels.lowest).toBe(counts.size === 0 ? 0 : Math.min(...counts.values()));
        }
      }),
      { seed: SEED },
    );
  });
});
