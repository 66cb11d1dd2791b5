import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summarize } from '../../../src/controller/helpers/summarize.js';

const SEED = 20_261_121;
const TYPES = ['A', 'B', 'C'];

const conditions = fc.uniqueArray(
  fc.record({
    type: fc.constantFrom(...TYPES, 'Other'),
    status: fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const),
    observedGeneration: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
    reason: fc.constant('Reason'),
    message: fc.constant(''),
    lastTransitionTime: fc.constant('2026-01-01T00:00:00Z'),
  }),
  { selector: ({ type }) => type },
);

describe('summarize', () => {
  it(`is the conjunction of three truth values, of which the unknown are those that are not of now (seed ${SEED})`, () => {
    fc.assert(
      fc.property(conditions, (list) => {
        const values = TYPES.map((type) => {
          const found = list.find((condition) => condition.type === type);
          if (found === undefined || found.observedGeneration === 1) return 'Unknown';
          return found.status;
        });
        const expected = values.includes('False') ? 'False' : values.includes('Unknown') ? 'Unknown' : 'True';
        expect(summarize(TYPES, list, 2).status).toBe(expected);
      }),
      { seed: SEED },
    );
  });
});
