import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/index.js';
import { WorkQueue } from '../../src/workqueue/index.js';

const SEED = 20_261_121;
const flowOf = (key: string): string => key.slice(0, key.indexOf('/'));

function fair(): { clock: VirtualClock; queue: WorkQueue<string> } {
  const clock = new VirtualClock(0);
  return { clock, queue: new WorkQueue<string>({ clock, flowOf, ageing: 10 }) };
}

function takeAll(queue: WorkQueue<string>): string[] {
  return Array.from({ length: queue.length }, () => queue.tryGet() as string);
}

describe('flows', { timeout: 120_000 }, () => {
  it('take turns, one item each, first come first within a flow', () => {
    const { queue } = fair();
    for (const item of ['a/1', 'a/2', 'a/3', 'b/1', 'c/1', 'c/2']) queue.add(item);
    expect(queue.inspect().ready.map(({ item }) => item)).toEqual(['a/1', 'b/1', 'c/1', 'a/2', 'c/2', 'a/3']);
    expect(takeAll(queue)).toEqual(['a/1', 'b/1', 'c/1', 'a/2', 'c/2', 'a/3']);
  });

  it('let an item wait one turn of a flow of many', () => {
    const { queue } = fair();
    for (let index = 0; index < 100_000; index += 1) queue.add(`many/${index}`);
    queue.tryGet();
    queue.add('one/1');
    expect([queue.tryGet(), queue.tryGet()]).toEqual(['many/1', 'one/1']);
  });

  it('let an item wait for no more turns of any other flow than it has items of its own before it', () => {
    const anyStep = fc.record({ flow: fc.constantFrom('a', 'b', 'c', 'd'), take: fc.nat({ max: 2 }) });
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 120, size: 'max' }), (script) => {
        const { queue } = fair();
        // what each waiting item may still see of each other flow
        const budgets = new Map<string, Map<string, number>>();
        const take = (): void => {
          const item = queue.tryGet();
          if (item === undefined) return;
          budgets.delete(item);
          for (const [waiting, budget] of budgets) {
            const left = budget.get(flowOf(item));
            if (left === 0) expect.fail(`${waiting} has waited for too many of ${flowOf(item)}`);
            if (left !== undefined) budget.set(flowOf(item), left - 1);
          }
        };
        for (const [index, { flow, take: takes }] of script.entries()) {
          const own = [...budgets.keys()].filter((key) => flowOf(key) === flow).length + 1;
          const others = ['a', 'b', 'c', 'd'].filter((name) => name !== flow);
          queue.add(`${flow}/${index}`);
          budgets.set(`${flow}/${index}`, new Map(others.map((name) => [name, own])));
          for (let turn = 0; turn < takes; turn += 1) take();
        }
        while (budgets.size > 0) take();
      }),
      { numRuns: 150, seed: SEED },
    );
  });

  it('let a priority go first only where its oldest item came before the bound', async () => {
    const anyStep = fc.record({
      flow: fc.constantFrom('a', 'b', 'c'),
      priority: fc.constantFrom(0, 1, 4),
      wait: fc.integer({ min: 0, max: 40 }),
      take: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 80, size: 'max' }), async (script) => {
        const { clock, queue } = fair();
        const waiting = new Map<string, { readonly priority: number; readonly at: number }>();
        const oldest = (priority: number): number =>
          Math.min(...[...waiting.values()].filter((run) => run.priority === priority).map(({ at }) => at));
        const take = (): void => {
          const item = queue.tryGet();
          if (item === undefined) return;
          const priority = waiting.get(item)?.priority as number;
          const came = oldest(priority);
          for (const other of [0, 1, 4]) {
            if (oldest(other) === Number.POSITIVE_INFINITY) continue;
            expect(came - oldest(other)).toBeLessThanOrEqual((priority - other) * 10);
          }
          waiting.delete(item);
        };
        for (const [index, { flow, priority, wait, take: takes }] of script.entries()) {
          await clock.advance(wait);
          queue.add(`${flow}/${index}`, { priority });
          waiting.set(`${flow}/${index}`, { priority, at: clock.monotonic() });
          if (takes) take();
        }
        while (waiting.size > 0) take();
      }),
      { numRuns: 100, seed: SEED },
    );
  });

  it('keep the turns of the others when an item is raised out of its flow', () => {
    const { queue } = fair();
    for (const item of ['a/1', 'b/1', 'b/2', 'c/1']) queue.add(item);
    queue.add('a/1', { priority: 1 });
    queue.add('b/2', { priority: 1 });
    expect(takeAll(queue)).toEqual(['a/1', 'b/2', 'b/1', 'c/1']);
  });

  it('take the turns of a queue whose keys are not its items', () => {
    const queue = new WorkQueue<{ namespace: string; name: string }>({
      key: ({ namespace, name }) => `${namespace}/${name}`,
      flowOf,
    });
    for (const name of ['1', '2']) queue.add({ namespace: 'a', name });
    queue.add({ namespace: 'b', name: '1' });
    expect([queue.tryGet()?.namespace, queue.tryGet()?.namespace]).toEqual(['a', 'b']);
  });

  it('are named by strings', () => {
    const queue = new WorkQueue<string>({ flowOf: () => 7 as unknown as string });
    const error = new TypeError('Expected the flowOf option to answer a string for the key "a", got 7');
    expect(() => queue.add('a')).toThrow(error);
    expect(() => queue.addAfter('a', 1)).toThrow(error);
    expect(() => queue.addRateLimited('a')).toThrow(error);
    expect([queue.length, queue.delayed]).toEqual([0, 0]);
    // what was refused is no failure of the item
    expect(queue.retries('a')).toBe(0);
  });
});
