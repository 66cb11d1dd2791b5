import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/index.js';
import { WorkQueue } from '../../src/workqueue/index.js';

const SEED = 20_261_121;

interface Added {
  readonly item: string;
  readonly priority: number;
  readonly at: number;
}

// times and priorities that are exact in binary, so that the bounds are too
const anyPriority = fc.constantFrom(-100, -1, 0, 0, 1, 2.5, 10);
const anyAgeing = fc.constantFrom(0.5, 1, 10, 100);
const anyScript = fc.array(
  fc.record({ wait: fc.integer({ min: 0, max: 800 }), priority: anyPriority, take: fc.boolean() }),
  { maxLength: 80, size: 'max' },
);

describe('ageing', { timeout: 120_000 }, () => {
  it('never hands out an item after one of a higher priority that was added later than the bound', async () => {
    await fc.assert(
      fc.asyncProperty(anyScript, anyAgeing, async (script, ageing) => {
        const clock = new VirtualClock(0);
        const queue = new WorkQueue<string>({ clock, ageing });
        const waiting = new Map<string, Added>();
        const take = (): void => {
          const item = queue.tryGet();
          if (item === undefined) return;
          const first = waiting.get(item) as Added;
          waiting.delete(item);
          const overtaken = [...waiting.values()].filter(
            ({ priority, at }) => first.at - at > Math.max(0, first.priority - priority) * ageing,
          );
          expect(overtaken).toEqual([]);
        };
        for (const [index, { wait, priority, take: takes }] of script.entries()) {
          await clock.advance(wait / 4);
          const item = `${index}`;
          queue.add(item, { priority });
          waiting.set(item, { item, priority, at: clock.monotonic() });
          if (takes) take();
        }
        while (waiting.size > 0) take();
      }),
      { numRuns: 150, seed: SEED },
    );
  });

  it('never costs an item a turn to be added again with a higher priority', async () => {
    const order = async (
      adds: readonly { readonly item: string; readonly wait: number; readonly priority: number }[],
      ageing: number,
    ): Promise<string[]> => {
      const clock = new VirtualClock(0);
      const queue = new WorkQueue<string>({ clock, ageing });
      for (const { item, wait, priority } of adds) {
        await clock.advance(wait / 4);
        queue.add(item, { priority });
      }
      return Array.from({ length: queue.length }, () => queue.tryGet() as string);
    };
    await fc.assert(
      fc.asyncProperty(
        anyScript,
        fc.nat(),
        fc.nat(),
        anyPriority,
        anyAgeing,
        async (script, who, when, priority, ageing) => {
          fc.pre(script.length > 0);
          const adds = script.map((step, index) => ({
            item: `${index}`,
            wait: step.wait,
            priority: step.priority,
          }));
          const item = `${who % adds.length}`;
          const without = await order(adds, ageing);
          const at = Number(item) + 1 + (when % (adds.length - Number(item)));
          const raised = await order(adds.toSpliced(at, 0, { item, wait: 0, priority }), ageing);
          expect(raised.indexOf(item)).toBeLessThanOrEqual(without.indexOf(item));
        },
      ),
      { numRuns: 300, seed: SEED },
    );
  });

  it('lets an item of the priority -100 wait ten seconds behind newer ones, and no longer', async () => {
    const clock = new VirtualClock(0);
    const queue = new WorkQueue<string>({ clock });
    queue.add('low', { priority: -100 });
    let out: number | undefined;
    // never idle: one item more waits than is taken
    queue.add('first');
    for (let turn = 0; out === undefined; turn += 1) {
      queue.add(`item-${turn}`);
      if (queue.tryGet() === 'low') out = clock.monotonic();
      else await clock.advance(50);
    }
    expect(out).toBe(10_100);
  });

  it('lets the higher priority go first where both have waited alike', async () => {
    const clock = new VirtualClock(0);
    const queue = new WorkQueue<string>({ clock, ageing: 10 });
    queue.add('low');
    queue.add('lower', { priority: -1 });
    await clock.advance(20);
    queue.add('high', { priority: 2 });
    expect([queue.tryGet(), queue.tryGet(), queue.tryGet()]).toEqual(['high', 'low', 'lower']);
    queue.add('old');
    await clock.advance(20.25);
    queue.add('new', { priority: 2 });
    expect([queue.tryGet(), queue.tryGet()]).toEqual(['old', 'new']);
  });

  it('leaves an item where it is when it would wait longer at its new priority, and tells that priority', async () => {
    const clock = new VirtualClock(0);
    const queue = new WorkQueue<string>({ clock, ageing: 10 });
    queue.add('old');
    await clock.advance(1_000);
    queue.add('other', { priority: 1 });
    queue.add('old', { priority: 1 });
    expect(queue.priority('old')).toBe(1);
    expect(queue.inspect().ready.map(({ item, priority }) => [item, priority])).toEqual([
      ['old', 1],
      ['other', 1],
    ]);
    expect([queue.tryGet(), queue.tryGet()]).toEqual(['old', 'other']);
  });

  it('counts from done where an item was added while in hand', async () => {
    const clock = new VirtualClock(0);
    const queue = new WorkQueue<string>({ clock, ageing: 10 });
    queue.add('a');
    queue.tryGet();
    queue.add('a');
    await clock.advance(100);
    queue.done('a');
    queue.add('b', { priority: 1 });
    expect(queue.inspect().ready.map(({ item, since }) => [item, since - clock.now()])).toEqual([
      ['b', 0],
      ['a', -100],
    ]);
    expect([queue.tryGet(), queue.tryGet()]).toEqual(['b', 'a']);
  });

  it('is strict where a point of priority is worth years', async () => {
    const clock = new VirtualClock(0);
    const queue = new WorkQueue<string>({ clock, ageing: Number.MAX_VALUE });
    for (const priority of [0, -3, -2, 1, 2, 0]) {
      queue.add(`${queue.length} at ${priority}`, { priority });
      await clock.advance(1e6);
    }
    const order = Array.from({ length: 6 }, () => queue.tryGet());
    expect(order).toEqual(['4 at 2', '3 at 1', '0 at 0', '5 at 0', '2 at -2', '1 at -3']);
  });

  it('must be a number above 0', () => {
    for (const ageing of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new WorkQueue<string>({ ageing })).toThrow(
        new RangeError(`Expected ageing to be a finite number greater than 0, got ${ageing}`),
      );
    }
  });
});
