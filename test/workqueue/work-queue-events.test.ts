import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/index.js';
import { exponentialBackoff, WorkQueue, type WorkQueueEvents } from '../../src/workqueue/index.js';

const EVENTS: readonly (keyof WorkQueueEvents<string>)[] = ['added', 'delayed', 'started', 'done'];

describe('the events of a queue', () => {
  it('tell of each run, from the wish for it to its end', async () => {
    const clock = new VirtualClock();
    const queue = new WorkQueue<string>({ clock, rateLimiter: exponentialBackoff({ base: 5 }) });
    const told: unknown[][] = [];
    for (const event of EVENTS) queue.events.on(event, (item, value) => told.push([event, item, value]));
    queue.add('a', { priority: 3 });
    queue.add('a', { priority: 4 });
    await clock.advance(10);
    queue.tryGet();
    queue.add('a');
    await clock.advance(20);
    queue.addAfter('a', 50);
    queue.addAfter('a', 60);
    queue.addRateLimited('a');
    queue.done('a');
    queue.cancelDelay('a');
    await clock.advance(0);
    expect(told).toEqual([
      ['added', 'a', 3],
      ['started', 'a', 10],
      ['added', 'a', 0],
      ['delayed', 'a', 50],
      ['delayed', 'a', 5],
      ['done', 'a', 20],
    ]);
  });

  it('tell of what comes due and goes straight to a waiting worker', async () => {
    const clock = new VirtualClock();
    const queue = new WorkQueue<string>({ clock });
    const told: unknown[][] = [];
    for (const event of EVENTS) queue.events.on(event, (item, value) => told.push([event, item, value]));
    const got = queue.get();
    queue.addAfter('a', 5, { priority: 1 });
    await clock.advance(5);
    queue.done((await got) as string);
    await clock.advance(0);
    expect(told).toEqual([
      ['delayed', 'a', 5],
      ['added', 'a', 1],
      ['started', 'a', 0],
      ['done', 'a', 0],
    ]);
  });

  it('never come in the stack of the caller', async () => {
    const clock = new VirtualClock();
    const queue = new WorkQueue<string>({ clock });
    let told = 0;
    queue.events.on('added', () => (told += 1));
    queue.add('a');
    expect(told).toBe(0);
    await clock.advance(0);
    expect(told).toBe(1);
  });

  it('come no more to who has left', async () => {
    const clock = new VirtualClock();
    const queue = new WorkQueue<string>({ clock });
    const told: string[] = [];
    const listener = (item: string): void => void told.push(item);
    queue.events.on('added', listener);
    queue.events.once('added', listener);
    queue.add('a');
    await clock.advance(0);
    queue.events.off('added', listener);
    queue.add('b');
    await clock.advance(0);
    expect(told).toEqual(['a', 'a']);
  });
});
