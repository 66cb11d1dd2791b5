import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/store/change.js';
import { EventLog } from '../../src/store/event-log.js';

/** As much of a change as the log looks at. */
function change(revision: number, time: number): Change {
  return { revision, time } as Change;
}

describe('the event log', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ gap: fc.integer({ min: 1, max: 3 }), wait: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.record({ compact: fc.nat(100) }) },
  );

  it('keeps what a plain list keeps, by count, by age and by compaction', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.nat(100),
        fc.array(step, { maxLength: 60 }),
        (most, age, steps) => {
          const log = new EventLog({ changes: most, age }, 1);
          let model: Change[] = [];
          let compacted = 1;
          let revision = 1;
          let time = 0;
          const keep = (kept: Change[]): void => {
            const dropped = model.slice(0, model.length - kept.length);
            compacted = Math.max(compacted, dropped.at(-1)?.revision ?? 0);
            model = kept;
          };
          for (const next of steps) {
            if ('compact' in next) {
              const to = Math.min(revision, next.compact);
              log.compact(to);
              keep(model.filter((kept) => kept.revision > to));
              compacted = Math.max(compacted, to);
            } else {
              revision += next.gap;
              time += next.wait;
              log.append(change(revision, time));
              keep(model.filter((kept) => kept.time >= time - age));
              keep(model.slice(Math.max(0, model.length + 1 - most)));
              model.push(change(revision, time));
            }
            expect(log.compacted).toBe(compacted);
            expect([...log.after(compacted)].map((kept) => kept.revision)).toEqual(
              model.map((kept) => kept.revision),
            );
            for (const from of [compacted + 1, revision - 1, revision]) {
              if (from < compacted) continue;
              expect([...log.after(from)]).toHaveLength(model.filter((kept) => kept.revision > from).length);
            }
          }
        },
      ),
    );
  });
});
