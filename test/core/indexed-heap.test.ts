import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IndexedHeap } from '../../src/core/index.js';

interface Item {
  value: number;
  position: number;
}

const item = (value: number): Item => ({ value, position: -1 });
const makeHeap = (): IndexedHeap<Item> => new IndexedHeap((a, b) => a.value < b.value);

/** Takes the top out. */
function take(heap: IndexedHeap<Item>): number | undefined {
  const top = heap.peek();
  if (top !== undefined) heap.remove(top);
  return top?.value;
}

describe('IndexedHeap', () => {
  it('is empty at first', () => {
    const heap = makeHeap();
    expect([heap.size, heap.peek(), [...heap]]).toEqual([0, undefined, []]);
  });

  it('shows the top without taking it', () => {
    const heap = makeHeap();
    heap.push(item(2));
    heap.push(item(1));
    expect([heap.peek()?.value, heap.peek()?.value, heap.size]).toEqual([1, 1, 2]);
  });

  it('gives out equal items, each once', () => {
    const heap = makeHeap();
    for (const value of [1, 1, 0, 1]) heap.push(item(value));
    expect([take(heap), take(heap), take(heap), take(heap), take(heap)]).toEqual([0, 1, 1, 1, undefined]);
  });

  it('tells its items that they are out', () => {
    const heap = makeHeap();
    const items = [item(1), item(2), item(3)];
    for (const each of items) heap.push(each);
    heap.remove(items[1] as Item);
    expect(items.map(({ position }) => position === -1)).toEqual([false, true, false]);
    heap.clear();
    expect(items.every(({ position }) => position === -1)).toBe(true);
    expect(heap.size).toBe(0);
  });

  it('does what a sorted array does, whatever is added and wherever something is removed or changed', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ add: fc.integer({ min: 0, max: 20 }) }),
        fc.record({ remove: fc.nat({ max: 1_000 }) }),
        fc.record({ change: fc.nat({ max: 1_000 }), to: fc.integer({ min: 0, max: 20 }) }),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, (sequence) => {
        const heap = makeHeap();
        const model: Item[] = [];
        for (const step of sequence) {
          if ('add' in step) {
            const added = item(step.add);
            heap.push(added);
            model.push(added);
          } else if (model.length === 0) {
            continue;
          } else if ('change' in step) {
            const changed = model[step.change % model.length] as Item;
            changed.value = step.to;
            heap.update(changed);
          } else {
            const [removed] = model.splice(step.remove % model.length, 1);
            heap.remove(removed as Item);
          }
          expect(heap.size).toBe(model.length);
          expect(heap.peek()?.value).toBe(
            model.length === 0 ? undefined : Math.min(...model.map(({ value }) => value)),
          );
        }
        const left = model.map(({ value }) => value).sort((a, b) => a - b);
        expect(left.map(() => take(heap))).toEqual(left);
      }),
    );
  });
});
