import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordKey, similarKey, sourceKey } from '../../../src/controller/events/event-keys.js';
import type { NewEvent } from '../../../src/controller/events/new-event.js';

// texts that look like parts of keys, so that what belongs to two of them could be taken for one
const text = fc.constantFrom('', 'a', '1:a', ':', '=', '-', 'undefined;');
const missing = fc.option(text, { nil: undefined, freq: 2 });
const object = fc.record({ kind: missing, namespace: missing, name: text, uid: missing });
const event = fc.record({
  reportingController: text,
  type: fc.constant('Normal'),
  reason: text,
  action: text,
  regarding: object,
  related: fc.option(object, { nil: undefined }),
});

function keys(of: NewEvent, note: string | undefined): string[] {
  const source = sourceKey(of);
  const similar = similarKey(source, of);
  return [source, similar, recordKey(similar, note)];
}

/** The same, so that it is plain what each stands for. */
function plain(of: NewEvent, note: string | undefined): string[] {
  const written = (value: unknown): string => JSON.stringify(value, (_, part) => part ?? 'nothing');
  const source = [of.reportingController, of.regarding];
  const similar = [source, of.type, of.reason, of.action, of.related];
  return [source, similar, [similar, [note]]].map(written);
}

it('two events have a key in common where what it stands for is the same', () => {
  const told = fc.tuple(event, missing);
  const mutated = told.chain(([one, note]) =>
    fc.tuple(
      fc.constant([one, note] as const),
      fc.record({ change: event, note: missing, keep: fc.nat(63) }),
    ),
  );
  fc.assert(
    fc.property(mutated, ([[one, note], { change, note: otherNote, keep }]) => {
      const names = Object.keys(one) as (keyof typeof one)[];
      const other = { ...one };
      for (const [bit, name] of names.entries()) {
        if ((keep & (1 << bit)) === 0) Object.assign(other, { [name]: change[name] });
      }
      const [a, b] = [keys(one as NewEvent, note), keys(other as NewEvent, otherNote)];
      const [plainA, plainB] = [plain(one as NewEvent, note), plain(other as NewEvent, otherNote)];
      expect(a.map((key, at) => key === b[at])).toEqual(plainA.map((key, at) => key === plainB[at]));
    }),
    { seed: 20_261_122, numRuns: 2_000 },
  );
});
