import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../src/controller/trace/index.js';
import { Diary, updated } from './runs.js';

const SEED = 20_261_123;
const ROOM = 4;

/** What happens: a run begins, or one of those that began writes, perhaps long after it was forgotten, or ends. */
const step = fc.oneof(
  fc.constant({ type: 'began' } as const),
  fc.record({
    type: fc.constant('wrote' as const),
    run: fc.nat(8),
    revision: fc.integer({ min: 1, max: 12 }),
    store: fc.constantFrom(undefined, 'eu'),
    outcome: fc.constantFrom('written', 'written', 'unchanged', 'failed'),
  }),
  fc.record({ type: fc.constant('ended' as const), run: fc.nat(8) }),
);

describe('Trace', () => {
  it(`knows just the writes of the runs that it keeps (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const diary = new Diary(ROOM);
        const begun: RunRecord[] = [];
        // every write that was told, in order, whatever became of its run
        const writes: { run: RunRecord; revision: string; store: string | undefined; wasKept: boolean }[] =
          [];
        for (const event of steps) {
          const run = event.type === 'began' ? undefined : begun.at(-1 - event.run);
          if (event.type === 'began') begun.push(diary.began('deployment'));
          else if (run === undefined) continue;
          else if (event.type === 'ended') diary.trace.ended(run, 'success', 1_001);
          else {
            const { revision, store, outcome } = event;
            diary.wrote(run, `${revision}`, { store, outcome });
            const wasKept = begun.slice(-ROOM).includes(run);
            if (outcome === 'written') writes.push({ run, revision: `${revision}`, store, wasKept });
          }
          const kept = begun.slice(-ROOM);
          expect([...diary.trace.runs()]).toEqual(kept.toReversed());
          for (let number = 1; number <= 12; number += 1) {
            for (const store of [undefined, 'eu']) {
              // the last that wrote it while it was kept counts, as long as it is
              const last = writes.findLast(
                (write) => write.wasKept && write.revision === `${number}` && write.store === store,
              );
              const expected = last !== undefined && kept.includes(last.run) ? [last.run.id] : [];
              expect(diary.trace.causesOf([updated(`${number}`, { store })])).toEqual(expected);
            }
          }
        }
      }),
      { seed: SEED, numRuns: 150 },
    );
  });
});
