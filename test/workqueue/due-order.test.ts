import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueOrder } from '../../src/workqueue/due-order.js';
import type { Line, TimedItem } from '../../src/workqueue/line.js';

const SEED = 20_261_121;

class Item implements TimedItem<Item> {
  line: Line<Item> | undefined = undefined;
  previous: Item | undefined = undefined;
  next: Item | undefined = undefined;
  readonly readyAt: number;
  readonly sequence: number;

  constructor(readyAt: number, sequence: number) {
    this.readyAt = readyAt;
    this.sequence = sequence;
  }
}

function numberOf(item: Item): number {
  return item.sequence;
}

describe('DueOrder', () => {
  it('has the order of a sorted list, whatever comes and goes', () => {
    // a time to add, or the place of one to take out; half of them the first
    const anyStep = fc.oneof(
      fc.record({ add: fc.integer({ min: 0, max: 30 }) }),
      fc.record({ take: fc.oneof(fc.constant(0), fc.nat(50)) }),
    );
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 200, size: 'max' }), (steps) => {
        const order = new DueOrder<Item>();
        const model: Item[] = [];
        for (const [index, step] of steps.entries()) {
          if ('add' in step) {
            const item = new Item(step.add, index);
            order.push(item);
            model.push(item);
            model.sort((a, b) => a.readyAt - b.readyAt || a.sequence - b.sequence);
          } else {
            const [item] = model.splice(step.take % (model.length || 1), 1);
            if (item !== undefined) order.remove(item);
          }
          expect(order.peek()).toBe(model[0]);
          if (index % 16 === 0) expect(order.toSorted().map(numberOf)).toEqual(model.map(numberOf));
        }
        for (const item of model) {
          expect(order.peek()).toBe(item);
          order.remove(item);
        }
        expect(order.peek()).toBeUndefined();
      }),
      { numRuns: 500, seed: SEED },
    );
  });
});
