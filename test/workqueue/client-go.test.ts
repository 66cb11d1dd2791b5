import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/index.js';
import { WorkQueue } from '../../src/workqueue/index.js';

function virtual(): { clock: VirtualClock; queue: WorkQueue<string> } {
  const clock = new VirtualClock(0);
  return { clock, queue: new WorkQueue<string>({ clock }) };
}

/** Works until the queue ends, `time` milliseconds an item. */
async function work(
  queue: WorkQueue<string>,
  clock: VirtualClock,
  time: number,
  done: string[],
): Promise<void> {
  for await (const { item } of queue) {
    await new Promise<void>((resolve) => void clock.setTimer(time, resolve));
    done.push(item);
  }
}

describe("client-go's scenarios", () => {
  it('Basic: many producers and consumers, and nothing is handed out after the shutdown is drained', async () => {
    const { clock, queue } = virtual();
    const done: string[] = [];
    const workers = Array.from({ length: 10 }, () => work(queue, clock, 3, done));
    const produce = async (producer: number): Promise<void> => {
      for (let item = 0; item < 50; item += 1) {
        queue.add(`${producer}/${item}`);
        await new Promise<void>((resolve) => void clock.setTimer(1, resolve));
      }
    };
    const producers = Promise.all(Array.from({ length: 5 }, (_, producer) => produce(producer)));
    await clock.advance(50);
    await producers;
    queue.shutDown();
    queue.add('added after shutdown');
    await clock.advance(500);
    await Promise.all(workers);
    expect([done.length, new Set(done).size, done.includes('added after shutdown')]).toEqual([
      250,
      250,
      false,
    ]);
  });

  it('AddWhileProcessing: an item that is added while in hand runs again', async () => {
    const { clock, queue } = virtual();
    const runs = new Map<string, number>();
    const worker = async (): Promise<void> => {
      for await (const { item } of queue) {
        const run = (runs.get(item) ?? 0) + 1;
        runs.set(item, run);
        if (run === 1) queue.add(item);
        await new Promise<void>((resolve) => void clock.setTimer(5, resolve));
      }
    };
    const workers = Array.from({ length: 10 }, worker);
    for (let item = 0; item < 50; item += 1) queue.add(`${item}`);
    await clock.advance(1_000);
    await queue.shutDownWithDrain();
    await Promise.all(workers);
    expect([...runs.values()]).toEqual(Array.from({ length: 50 }, () => 2));
  });

  it('Len: what is added twice counts once', () => {
    const { queue } = virtual();
    const lengths = ['foo', 'bar', 'foo'].map((item) => {
      queue.add(item);
      return queue.length;
    });
    expect(lengths).toEqual([1, 2, 2]);
  });

  it('Reinsert: an item that is added while in hand is there once it is done, and then not again', () => {
    const { queue } = virtual();
    queue.add('foo');
    expect(queue.tryGet()).toBe('foo');
    queue.add('foo');
    queue.done('foo');
    expect(queue.tryGet()).toBe('foo');
    queue.done('foo');
    expect([queue.length, queue.tryGet()]).toEqual([0, undefined]);
  });

  it('Collapse: an item that is added twice while in hand runs once more', () => {
    const { queue } = virtual();
    queue.add('foo');
    queue.tryGet();
    queue.add('foo');
    queue.add('foo');
    queue.done('foo');
    expect(queue.tryGet()).toBe('foo');
    queue.done('foo');
    expect(queue.length).toBe(0);
  });

  it('QueueDrainageUsingShutDownWithDrain: ends when the items in hand are done', async () => {
    const { clock, queue } = virtual();
    queue.add('foo');
    queue.add('bar');
    const [first, second] = [queue.tryGet() as string, queue.tryGet() as string];
    const drained: string[] = [];
    const waits = [1, 2].map(() => queue.shutDownWithDrain().then(() => drained.push('drained')));
    queue.done(first);
    await clock.advance(1_000);
    expect([queue.shuttingDown, drained]).toEqual([true, []]);
    queue.done(second);
    await Promise.all(waits);
    expect(drained).toEqual(['drained', 'drained']);
  });

  it('ForceQueueShutdownUsingShutDown: ends the wait for a drain at once', async () => {
    const { queue } = virtual();
    queue.add('foo');
    queue.tryGet();
    const drained = queue.shutDownWithDrain();
    queue.shutDown();
    await drained;
    expect(queue.processing).toBe(1);
  });

  it('QueueDrainageUsingShutDownWithDrainWithDirtyItem: runs what was added while in hand before it ends', async () => {
    const { clock, queue } = virtual();
    queue.add('foo');
    queue.tryGet();
    queue.add('foo');
    let drained = false;
    const wait = queue.shutDownWithDrain().then(() => (drained = true));
    queue.done('foo');
    await clock.advance(0);
    expect([drained, queue.tryGet()]).toEqual([false, 'foo']);
    queue.done('foo');
    await wait;
  });

  it('SimpleQueue: a delayed item comes when its time has come, not before', async () => {
    const { clock, queue } = virtual();
    queue.addAfter('foo', 50);
    await clock.advance(49);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(queue.tryGet()).toBe('foo');
    queue.done('foo');
    await clock.advance(10_000);
    expect(queue.length).toBe(0);
  });

  it('Deduping: of several delays of an item the earliest counts, once', async () => {
    for (const delays of [
      [50, 70],
      [70, 50],
    ]) {
      const { clock, queue } = virtual();
      for (const delay of delays) queue.addAfter('foo', delay);
      await clock.advance(50);
      expect(queue.tryGet()).toBe('foo');
      queue.done('foo');
      await clock.advance(20);
      expect(queue.length).toBe(0);
    }
  });

  it('AddTwoFireEarly: the item that was added second comes first where its delay is shorter', async () => {
    const { clock, queue } = virtual();
    queue.addAfter('third', 1_000);
    queue.addAfter('first', 50);
    queue.addAfter('second', 500);
    const order: [string, number][] = [];
    while (await clock.next()) order.push([queue.tryGet() as string, clock.monotonic()]);
    expect(order).toEqual([
      ['first', 50],
      ['second', 500],
      ['third', 1_000],
    ]);
  });

  it('CopyShifting: many delays come due in the order of their times', async () => {
    const { clock, queue } = virtual();
    for (const delay of [1_000, 500, 250, 125, 63]) queue.addAfter(`${delay}`, delay);
    await clock.advance(2_000);
    const order = Array.from({ length: queue.length }, () => queue.tryGet());
    expect(order).toEqual(['63', '125', '250', '500', '1000']);
  });
});
