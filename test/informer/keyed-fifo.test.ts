import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedFifo } from '../../src/informer/keyed-fifo.js';

describe('KeyedFifo', () => {
  it('behaves as an array in which values are looked for', () => {
    const step = fc.record({
      do: fc.constantFrom('push', 'push', 'push', 'shift', 'shift', 'delete', 'clear', 'drain'),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const fifo = new KeyedFifo<string, { readonly key: string; readonly turn: number }>();
        let model: { readonly key: string; readonly turn: number }[] = [];
        for (const [turn, { do: action, key }] of steps.entries()) {
          if (action === 'push') {
            if (fifo.has(key)) continue;
            fifo.push({ key, turn });
            model.push({ key, turn });
          } else if (action === 'shift') {
            expect(fifo.shift()).toEqual(model.shift());
          } else if (action === 'delete') {
            fifo.delete(key);
            model = model.filter((value) => value.key !== key);
          } else {
            if (action === 'drain') expect(fifo.drain()).toEqual(model);
            else fifo.clear();
            model = [];
          }
          expect(fifo.size).toBe(model.length);
          expect([...fifo.values()]).toEqual(model);
          for (const each of ['a', 'b', 'c', 'd']) {
            expect(fifo.get(each)).toEqual(model.find((value) => value.key === each));
          }
        }
      }),
    );
  });
});
