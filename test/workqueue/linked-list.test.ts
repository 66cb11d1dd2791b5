import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinkedList } from '../../src/workqueue/linked-list.js';

interface Member {
  readonly value: number;
  previous: Member | undefined;
  next: Member | undefined;
}

describe('LinkedList', () => {
  it('does what an array does, whatever is added and wherever something is removed', () => {
    const steps = fc.array(fc.record({ add: fc.boolean(), at: fc.nat({ max: 1_000 }) }), { maxLength: 100 });
    fc.assert(
      fc.property(steps, (script) => {
        const list = new LinkedList<Member>();
        const array: Member[] = [];
        for (const { add, at } of script) {
          if (add || array.length === 0) {
            const member: Member = { value: at, previous: undefined, next: undefined };
            list.push(member);
            array.push(member);
          } else {
            const [member] = array.splice(at % array.length, 1) as [Member];
            list.remove(member);
            expect([member.previous, member.next]).toEqual([undefined, undefined]);
          }
          expect(list.first).toBe(array[0]);
          expect(Array.from(list, ({ value }) => value)).toEqual(array.map(({ value }) => value));
        }
      }),
      { seed: 20_261_121 },
    );
  });
});
