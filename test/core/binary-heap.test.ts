import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BinaryHeap } from '../../src/core/index.js';

const numbers = (): BinaryHeap<number> => new BinaryHeap((a, b) => a < b);

describe('BinaryHeap', () => {
  it('is empty at first', () => {
    const heap = numbers();
    expect([heap.size, heap.peek(), heap.pop(), heap.size]).toEqual([0, undefined, undefined, 0]);
  });

  it('shows the top without taking it', () => {
    const heap = numbers();
    heap.push(2);
    heap.push(1);
    expect([heap.peek(), heap.peek(), heap.size]).toEqual([1, 1, 2]);
  });

  it('gives out equal items, each once', () => {
    const heap = numbers();
    for (const item of [1, 1, 0, 1]) heap.push(item);
    expect([heap.pop(), heap.pop(), heap.pop(), heap.pop(), heap.pop()]).toEqual([0, 1, 1, 1, undefined]);
  });

  it('orders by whatever it is told', () => {
    const heap = new BinaryHeap<{ at: number; seq: number }>(
      (a, b) => a.at < b.at || (a.at === b.at && a.seq < b.seq),
    );
    for (const [at, seq] of [
      [2, 0],
      [1, 1],
      [2, 2],
      [1, 3],
    ] as const)
      heap.push({ at, seq });
    const order = [heap.pop(), heap.pop(), heap.pop(), heap.pop()].map((item) => item?.seq);
    expect(order).toEqual([1, 3, 0, 2]);
  });

  it('does what a sorted array does', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: 'pop' as const })), (steps) => {
        const heap = numbers();
        const model: number[] = [];
        for (const step of steps) {
          if (step === 'pop') expect(heap.pop()).toBe(model.shift());
          else {
            heap.push(step);
            model.push(step);
            model.sort((a, b) => a - b);
          }
          expect(heap.size).toBe(model.length);
          expect(heap.peek()).toBe(model[0]);
        }
        while (model.length > 0) expect(heap.pop()).toBe(model.shift());
      }),
    );
  });
});
