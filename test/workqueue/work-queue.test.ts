import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { VirtualClock } from '../../src/core/index.js';
import {
  exponentialBackoff,
  tokenBucket,
  WorkQueue,
  type WorkQueueOptions,
} from '../../src/workqueue/index.js';

function virtual(options: WorkQueueOptions<string> = {}): { clock: VirtualClock; queue: WorkQueue<string> } {
  const clock = new VirtualClock(0);
  return { clock, queue: new WorkQueue<string>({ clock, ...options }) };
}

function takeAll(queue: WorkQueue<string>): string[] {
  const items: string[] = [];
  for (let item = queue.tryGet(); item !== undefined; item = queue.tryGet()) {
    items.push(item);
    queue.done(item);
  }
  return items;
}

/** Whether a promise has settled once everything that can go on has. */
async function settled(clock: VirtualClock, promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = true),
  );
  await clock.advance(0);
  return done;
}

describe('adding and getting', () => {
  it('hands items out in the order in which they were added', () => {
    const { queue } = virtual();
    for (const item of ['b', 'a', 'c']) queue.add(item);
    expect(takeAll(queue)).toEqual(['b', 'a', 'c']);
  });

  it('holds an item once, however often it is added', () => {
    const { queue } = virtual();
    queue.add('a');
    queue.add('b');
    queue.add('a');
    expect(queue.length).toBe(2);
    expect(takeAll(queue)).toEqual(['a', 'b']);
  });

  it('never has one item in two hands, and runs it once more after done for any number of adds', () => {
    const { queue } = virtual();
    queue.add('a');
    expect(queue.tryGet()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect([queue.length, queue.processing]).toEqual([0, 1]);
    expect(queue.tryGet()).toBeUndefined();
    queue.done('a');
    expect([queue.length, queue.processing]).toEqual([1, 0]);
    expect(takeAll(queue)).toEqual(['a']);
    expect(queue.tryGet()).toBeUndefined();
  });

  it('puts an item that was added while in hand at the end once it is done', () => {
    const { queue } = virtual();
    queue.add('a');
    queue.tryGet();
    queue.add('a');
    queue.add('b');
    queue.done('a');
    expect(takeAll(queue)).toEqual(['b', 'a']);
  });

  it('never runs an item concurrently with itself under many workers', async () => {
    const { clock, queue } = virtual();
    const running = new Set<string>();
    const runs = new Map<string, number>();
    const worker = async (): Promise<void> => {
      for (let item = await queue.get(); item !== undefined; item = await queue.get()) {
        expect(running.has(item)).toBe(false);
        running.add(item);
        await new Promise<void>((resolve) => void clock.setTimer(3, resolve));
        running.delete(item);
        runs.set(item, (runs.get(item) ?? 0) + 1);
        queue.done(item);
      }
    };
    const workers = Array.from({ length: 8 }, worker);
    for (let round = 0; round < 20; round += 1) {
      for (const item of ['a', 'b', 'c']) queue.add(item);
      await clock.advance(1);
    }
    const drained = queue.shutDownWithDrain();
    await clock.advance(100);
    await drained;
    await Promise.all(workers);
    for (const item of ['a', 'b', 'c']) expect(runs.get(item)).toBeGreaterThan(5);
  });

  it('ignores done for an item that is not in hand', () => {
    const { queue } = virtual();
    queue.done('a');
    queue.add('a');
    queue.done('a');
    expect(queue.length).toBe(1);
    queue.tryGet();
    queue.done('a');
    queue.done('a');
    expect([queue.length, queue.processing]).toEqual([0, 0]);
  });

  it('takes hostile keys for what they are', () => {
    const { queue } = virtual();
    for (const item of ['__proto__', 'constructor', '', 'toString']) queue.add(item);
    expect(takeAll(queue)).toEqual(['__proto__', 'constructor', '', 'toString']);
  });
});

describe('waiting in get', () => {
  it('serves workers in the order in which they came', async () => {
    const { queue } = virtual();
    const first = queue.get();
    const second = queue.get();
    queue.add('a');
    queue.add('b');
    expect(queue.length).toBe(0);
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
  });

  it('gives an item that is done, and was added meanwhile, to a waiting worker', async () => {
    const { queue } = virtual();
    queue.add('a');
    const item = await queue.get();
    queue.add('a');
    const next = queue.get();
    queue.done(item as string);
    expect(await next).toBe('a');
  });

  it('never goes on in the stack of the caller that adds', async () => {
    const { queue } = virtual();
    let went = false;
    const waiting = queue.get().then(() => (went = true));
    queue.add('a');
    expect(went).toBe(false);
    await waiting;
  });

  it('rejects with the reason of the signal, and loses no item', async () => {
    const { queue } = virtual();
    const abort = new AbortController();
    const aborted = queue.get({ signal: abort.signal });
    const patient = queue.get();
    abort.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    queue.add('a');
    expect(await patient).toBe('a');
  });

  it('rejects at once when the signal is aborted already, and leaves the items alone', async () => {
    const { queue } = virtual();
    queue.add('a');
    await expect(queue.get({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect(queue.length).toBe(1);
  });

  it('delivers an item that was handed over before the abort', async () => {
    const { queue } = virtual();
    const abort = new AbortController();
    const got = queue.get({ signal: abort.signal });
    queue.add('a');
    abort.abort();
    expect(await got).toBe('a');
  });

  it('ends all the waits of one signal, and no others', async () => {
    const { queue } = virtual();
    const abort = new AbortController();
    const aborted = [queue.get({ signal: abort.signal }), queue.get({ signal: abort.signal })];
    const other = queue.get({ signal: new AbortController().signal });
    abort.abort(new Error('enough'));
    for (const wait of aborted) await expect(wait).rejects.toThrow('enough');
    queue.add('a');
    expect(await other).toBe('a');
  });

  it('notices the abort of a signal that it has waited with before', async () => {
    const { queue } = virtual();
    const abort = new AbortController();
    const first = queue.get({ signal: abort.signal });
    queue.add('a');
    await first;
    const second = queue.get({ signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
  });

  it('puts one listener on a signal that many workers share, and takes it off again', async () => {
    const { queue } = virtual();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const workers = Array.from({ length: 20 }, () => queue.get({ signal }));
    for (let index = 0; index < 20; index += 1) queue.add(`${index}`);
    await Promise.all(workers);
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed).toHaveBeenCalledTimes(1);
  });
});

describe('priorities', () => {
  it('hands out higher priorities first, and keeps the order within one', () => {
    const { queue } = virtual();
    queue.add('low', { priority: -100 });
    queue.add('a');
    queue.add('high', { priority: 10 });
    queue.add('b');
    expect(takeAll(queue)).toEqual(['high', 'a', 'b', 'low']);
  });

  it('keeps the higher priority of two adds, and moves a raised item to the end of its new priority', () => {
    const { queue } = virtual();
    queue.add('a');
    queue.add('b', { priority: 10 });
    queue.add('a', { priority: 10 });
    queue.add('c', { priority: 10 });
    queue.add('b', { priority: -5 });
    expect(takeAll(queue)).toEqual(['b', 'a', 'c']);
  });

  it('raises an item that waits for its own end', () => {
    const { queue } = virtual();
    queue.add('a');
    queue.tryGet();
    queue.add('b');
    queue.add('a');
    queue.add('a', { priority: 1 });
    queue.done('a');
    expect(takeAll(queue)).toEqual(['a', 'b']);
  });

  it('starts anew with every run', () => {
    const { queue } = virtual();
    queue.add('a', { priority: 10 });
    expect(queue.tryGet()).toBe('a');
    queue.add('a');
    queue.add('b', { priority: 1 });
    queue.done('a');
    expect(takeAll(queue)).toEqual(['b', 'a']);
  });

  it('tells the priority of the run in hand, then of the waiting one, then of the delayed one', () => {
    const { queue } = virtual();
    queue.addAfter('a', 5, { priority: 3 });
    expect(queue.priority('a')).toBe(3);
    queue.add('a', { priority: 2 });
    expect(queue.priority('a')).toBe(2);
    queue.tryGet();
    queue.add('a', { priority: 1 });
    expect(queue.priority('a')).toBe(2);
    expect(queue.priority('b')).toBeUndefined();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('rejects the priority %s, and adds nothing', (priority) => {
    const { queue } = virtual();
    expect(() => queue.add('a', { priority })).toThrow(
      new RangeError(`Expected priority to be a finite number, got ${priority}`),
    );
    expect(queue.length).toBe(0);
  });
});

describe('delays', () => {
  it('makes an item ready when its time has come', async () => {
    const { clock, queue } = virtual();
    queue.addAfter('a', 50);
    await clock.advance(49);
    expect([queue.length, queue.delayed]).toEqual([0, 1]);
    await clock.advance(1);
    expect([queue.length, queue.delayed]).toEqual([1, 0]);
  });

  it.each([0, -1])('adds at once for a delay of %d', (delay) => {
    const { clock, queue } = virtual();
    queue.addAfter('a', delay);
    expect([queue.length, queue.delayed, clock.timers]).toEqual([1, 0, 0]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('rejects a delay of %s, and adds nothing', (delay) => {
    const { queue } = virtual();
    expect(() => queue.addAfter('a', delay)).toThrow(
      new RangeError(`Expected delay to be a finite number of milliseconds, got ${delay}`),
    );
    expect(queue.inspect()).toEqual({ ready: [], delayed: [], processing: [] });
  });

  it('keeps the earliest of several wishes for an item', async () => {
    const { clock, queue } = virtual();
    queue.addAfter('a', 1_000);
    queue.addAfter('a', 50);
    queue.addAfter('a', 500);
    expect(queue.delayed).toBe(1);
    await clock.advance(50);
    expect(takeAll(queue)).toEqual(['a']);
    await clock.advance(10_000);
    expect(queue.length).toBe(0);
  });

  it('keeps the order of wishes that come due at the same time', async () => {
    const { clock, queue } = virtual();
    for (const item of ['d', 'b', 'a', 'c']) queue.addAfter(item, 10);
    await clock.advance(10);
    expect(takeAll(queue)).toEqual(['d', 'b', 'a', 'c']);
  });

  it('leaves a wish its place when another for the same time is added', async () => {
    const { clock, queue } = virtual();
    for (const item of ['a', 'b', 'a']) queue.addAfter(item, 10);
    await clock.advance(10);
    expect(takeAll(queue)).toEqual(['a', 'b']);
  });

  it('gives a wish its priority when it comes due', async () => {
    const { clock, queue } = virtual();
    queue.add('a');
    queue.addAfter('b', 10, { priority: 1 });
    await clock.advance(10);
    expect(takeAll(queue)).toEqual(['b', 'a']);
  });

  it('runs an item now when it is added while delayed, and keeps the later wish', async () => {
    const { clock, queue } = virtual();
    queue.addAfter('a', 100);
    queue.add('a');
    expect([queue.length, queue.delayed]).toEqual([1, 1]);
    expect(takeAll(queue)).toEqual(['a']);
    await clock.advance(100);
    expect(takeAll(queue)).toEqual(['a']);
  });

  it('runs once when the wish comes due while the item still waits', async () => {
    const { clock, queue } = virtual();
    queue.addAfter('a', 100);
    queue.add('a');
    await clock.advance(100);
    expect(takeAll(queue)).toEqual(['a']);
    expect(queue.delayed).toBe(0);
  });

  it('runs once more when the wish comes due while the item is in hand', async () => {
    const { clock, queue } = virtual();
    queue.addAfter('a', 100);
    queue.add('a');
    queue.tryGet();
    await clock.advance(100);
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(takeAll(queue)).toEqual(['a']);
  });

  it.each([10, 1_000])('lets the run replace an older wish by one %d ms away', async (delay) => {
    const { clock, queue } = virtual();
    queue.addAfter('a', 100, { priority: 5, reason: 'old' });
    queue.add('a');
    queue.tryGet();
    queue.addAfter('a', delay, { reason: 'new' });
    queue.done('a');
    expect(queue.inspect().delayed).toMatchObject([{ readyAt: delay, priority: 0, reasons: ['new'] }]);
    await clock.advance(delay);
    expect(takeAll(queue)).toEqual(['a']);
    await clock.advance(10_000);
    expect(queue.length).toBe(0);
  });

  it('keeps the earliest of the wishes made while the item is in hand', () => {
    const { queue } = virtual();
    queue.addAfter('a', 5);
    queue.add('a');
    queue.tryGet();
    queue.addAfter('a', 60);
    queue.addAfter('a', 600);
    expect(queue.inspect().delayed).toMatchObject([{ readyAt: 60 }]);
    queue.addAfter('a', 6);
    expect(queue.inspect().delayed).toMatchObject([{ readyAt: 6 }]);
  });

  it('replaces nothing once the run is done', () => {
    const { queue } = virtual();
    queue.addAfter('a', 100);
    queue.add('a');
    takeAll(queue);
    queue.addAfter('a', 1_000);
    expect(queue.inspect().delayed).toMatchObject([{ readyAt: 100 }]);
  });

  it('does not put an earlier wish off when a run fails', () => {
    const { queue } = virtual({ rateLimiter: exponentialBackoff({ base: 500 }) });
    queue.addAfter('a', 100);
    queue.add('a');
    queue.tryGet();
    queue.addRateLimited('a');
    queue.done('a');
    expect(queue.inspect().delayed).toMatchObject([{ readyAt: 100 }]);
  });

  it('drops a wish when asked to, and leaves the run that waits', async () => {
    const { clock, queue } = virtual();
    queue.addAfter('a', 100);
    queue.add('a');
    expect(queue.cancelDelay('a')).toBe(true);
    expect(queue.cancelDelay('a')).toBe(false);
    expect(queue.cancelDelay('never seen')).toBe(false);
    expect([queue.length, queue.delayed, clock.timers]).toEqual([1, 0, 0]);
  });

  it('holds one timer, for the earliest wish, and none when nothing is delayed', async () => {
    const { clock, queue } = virtual();
    expect(clock.timers).toBe(0);
    queue.addAfter('a', 100);
    queue.addAfter('b', 10);
    queue.addAfter('c', 1_000);
    expect([clock.timers, clock.untilNext]).toEqual([1, 10]);
    queue.cancelDelay('b');
    expect([clock.timers, clock.untilNext]).toEqual([1, 100]);
    await clock.advance(1_000);
    expect(clock.timers).toBe(0);
  });

  it('sets no timer for a wish that is not the earliest', () => {
    const { clock, queue } = virtual();
    const set = vi.spyOn(clock, 'setTimer');
    for (const delay of [10, 20, 10, 30]) queue.addAfter(`${delay}`, delay);
    expect(set).toHaveBeenCalledTimes(1);
  });

  it('waits on when a timer fires early', async () => {
    const { clock } = virtual();
    const early = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimer: (delay: number, task: () => void) => clock.setTimer(Math.max(1, delay - 3), task),
    };
    const queue = new WorkQueue<string>({ clock: early });
    queue.addAfter('a', 10);
    await clock.advance(9);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(queue.length).toBe(1);
  });
});

describe('rate limits', () => {
  it('delays by the rate limiter, and forgets when told', async () => {
    const { clock, queue } = virtual({ rateLimiter: exponentialBackoff({ base: 5 }) });
    queue.addRateLimited('a');
    expect(clock.untilNext).toBe(5);
    await clock.advance(5);
    queue.addRateLimited('a');
    expect([queue.retries('a'), clock.untilNext]).toEqual([2, 10]);
    queue.forget('a');
    expect(queue.retries('a')).toBe(0);
  });

  it('backs off by 5 ms, and lets 100 through at once, then 10 a second, by default', () => {
    const { queue } = virtual();
    for (let index = 0; index < 103; index += 1) queue.addRateLimited(`${index}`);
    const delays = queue.inspect().delayed.map((item) => item.readyAt);
    expect(delays).toEqual([...Array.from({ length: 100 }, () => 5), 100, 200, 300]);
  });

  it('keeps an item in hand that is forgotten: forget is not done', () => {
    const { queue } = virtual();
    queue.add('a');
    queue.tryGet();
    queue.forget('a');
    expect(queue.processing).toBe(1);
    queue.done('a');
    expect(queue.processing).toBe(0);
  });

  it('forgets the failures when a run succeeds, whatever later run it wishes for', async () => {
    const { clock, queue } = virtual({ rateLimiter: exponentialBackoff({ base: 5 }) });
    queue.addRateLimited('a');
    await clock.advance(5);
    const item = queue.tryGet() as string;
    queue.forget(item);
    queue.addAfter(item, 1_000);
    queue.done(item);
    await clock.advance(1_000);
    expect(queue.retries('a')).toBe(0);
    queue.addRateLimited(queue.tryGet() as string);
    expect(clock.untilNext).toBe(5);
  });

  it('gives each queue a limiter of its own', () => {
    const rateLimiter = tokenBucket({ qps: 1, burst: 1 });
    for (const { queue } of [virtual({ rateLimiter }), virtual({ rateLimiter })]) {
      queue.addRateLimited('a');
      expect(queue.length).toBe(1);
    }
  });

  it('changes nothing when the limiter answers no number', () => {
    const broken = { when: () => Number.NaN, forget: () => undefined, retries: () => 0 };
    const { queue } = virtual({ rateLimiter: () => broken });
    expect(() => queue.addRateLimited('a')).toThrow(RangeError);
    expect(queue.inspect()).toEqual({ ready: [], delayed: [], processing: [] });
  });
});

describe('keys', () => {
  interface Site {
    readonly name: string;
    readonly version: number;
  }

  it('tells object items apart by their keys, and hands out the one added last', () => {
    const queue = new WorkQueue<Site>({ clock: new VirtualClock(), key: (site) => site.name });
    queue.add({ name: 'a', version: 1 });
    queue.add({ name: 'b', version: 1 });
    queue.add({ name: 'a', version: 2 });
    expect(queue.length).toBe(2);
    expect(queue.tryGet()).toEqual({ name: 'a', version: 2 });
    queue.done({ name: 'a', version: 3 });
    expect(queue.processing).toBe(0);
    expect(queue.inspect().ready).toMatchObject([{ key: 'b', item: { name: 'b', version: 1 } }]);
  });

  it('refuses object items without a key option', () => {
    const queue = new WorkQueue<Site>({ clock: new VirtualClock() });
    expect(() => queue.add({ name: 'a', version: 1 })).toThrow(
      new TypeError(
        'Expected items to be strings, or the queue to have a key option, got the item an object with keys name, version',
      ),
    );
  });

  it('refuses a key option that answers no string', () => {
    const queue = new WorkQueue<Site>({
      clock: new VirtualClock(),
      key: () => undefined as unknown as string,
    });
    expect(() => queue.add({ name: 'a', version: 1 })).toThrow(TypeError);
    expect(queue.length).toBe(0);
  });
});

describe('shutting down', () => {
  it('hands out what is ready, then undefined', async () => {
    const { queue } = virtual();
    queue.add('a');
    queue.add('b');
    queue.shutDown();
    expect(queue.shuttingDown).toBe(true);
    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['a', 'b', undefined]);
  });

  it('ignores adds of every kind, and drops what is delayed with its timer', async () => {
    const { clock, queue } = virtual();
    queue.addAfter('delayed', 10);
    queue.shutDown();
    expect([clock.timers, queue.delayed]).toEqual([0, 0]);
    queue.add('a');
    queue.addAfter('b', 10);
    queue.addRateLimited('c');
    expect(queue.retries('c')).toBe(0);
    await clock.advance(1_000);
    expect(await queue.get()).toBeUndefined();
  });

  it('ends every waiting get', async () => {
    const { queue } = virtual();
    const waiting = [queue.get(), queue.get({ signal: new AbortController().signal })];
    queue.shutDown();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });

  it('still hands out what was added while in hand before the shutdown', async () => {
    const { queue } = virtual();
    queue.add('a');
    queue.tryGet();
    queue.add('a');
    queue.shutDown();
    queue.done('a');
    expect(await queue.get()).toBe('a');
    queue.done('a');
    expect(await queue.get()).toBeUndefined();
  });

  it('does nothing the second time', async () => {
    const { queue } = virtual();
    queue.shutDown();
    queue.shutDown();
    await queue.shutDownWithDrain();
    expect(await queue.get()).toBeUndefined();
  });

  it('is what disposing of a queue does, and leaves no timer', () => {
    const { clock, queue } = virtual();
    {
      using scoped = queue;
      scoped.addAfter('a', 10);
      expect(clock.timers).toBe(1);
    }
    expect([queue.shuttingDown, clock.timers]).toEqual([true, 0]);
  });

  it('drains at once when there is nothing to do', async () => {
    const { queue } = virtual();
    queue.addAfter('a', 10);
    await queue.shutDownWithDrain();
    expect(queue.delayed).toBe(0);
  });

  it('waits for every item in hand when draining', async () => {
    const { clock, queue } = virtual();
    for (const item of ['a', 'b']) queue.add(item);
    queue.tryGet();
    queue.tryGet();
    const drained = queue.shutDownWithDrain();
    queue.done('a');
    expect(await settled(clock, drained)).toBe(false);
    queue.done('b');
    await drained;
  });

  it('drains what one worker has not come to yet', async () => {
    const { queue } = virtual();
    const worked: string[] = [];
    for (const item of ['a', 'b', 'c']) queue.add(item);
    const worker = (async () => {
      for await (const { item } of queue) worked.push(item);
    })();
    await queue.shutDownWithDrain();
    expect(worked).toEqual(['a', 'b', 'c']);
    await worker;
  });

  it('runs what was added while in hand before a drain ends', async () => {
    const { clock, queue } = virtual();
    queue.add('a');
    queue.tryGet();
    queue.add('a');
    const drained = queue.shutDownWithDrain();
    queue.done('a');
    expect(await settled(clock, drained)).toBe(false);
    expect(queue.tryGet()).toBe('a');
    queue.done('a');
    await drained;
  });

  it('ends the wait for a drain when shut down without one', async () => {
    const { queue } = virtual();
    queue.add('a');
    queue.tryGet();
    const drained = [queue.shutDownWithDrain(), queue.shutDownWithDrain()];
    queue.shutDown();
    await Promise.all(drained);
    expect(queue.processing).toBe(1);
  });

  it('can wait for a drain after it was shut down without one', async () => {
    const { clock, queue } = virtual();
    queue.add('a');
    queue.tryGet();
    queue.shutDown();
    const drained = queue.shutDownWithDrain();
    expect(await settled(clock, drained)).toBe(false);
    queue.done('a');
    await drained;
  });

  it('stays shut down when the wait for a drain is aborted', async () => {
    const { queue } = virtual();
    queue.add('a');
    queue.tryGet();
    await expect(queue.shutDownWithDrain({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
    expect(queue.shuttingDown).toBe(true);
  });
});

describe('leases', () => {
  it('ends each run when the loop goes on', async () => {
    const { queue } = virtual();
    for (const item of ['a', 'b']) queue.add(item);
    const seen: [string, number][] = [];
    for await (const { item } of queue) {
      seen.push([item, queue.processing]);
      if (item === 'b') queue.shutDown();
    }
    expect(seen).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect(queue.processing).toBe(0);
  });

  it('ends the run when the loop is left, and loses no item', async () => {
    const { queue } = virtual();
    for (const item of ['a', 'b']) queue.add(item);
    for await (const lease of queue) {
      queue.add(lease.item);
      break;
    }
    const failing = async (): Promise<void> => {
      for await (const lease of queue) throw new Error(`failed at ${lease.item}`);
    };
    await expect(failing()).rejects.toThrow('failed at b');
    expect(queue.processing).toBe(0);
    expect(takeAll(queue)).toEqual(['a']);
  });

  it('ends with a using declaration', async () => {
    const { queue } = virtual();
    queue.add('a');
    const iterator = queue[Symbol.asyncIterator]();
    {
      using lease = (await iterator.next()).value as Disposable & { item: string };
      expect([lease.item, queue.processing]).toEqual(['a', 1]);
    }
    expect(queue.processing).toBe(0);
  });

  it('never ends a later run of the same item', async () => {
    const { queue } = virtual();
    queue.add('a');
    for await (const lease of queue) {
      queue.done('a');
      queue.add('a');
      expect(queue.tryGet()).toBe('a');
      lease.done();
      lease.done();
      expect(queue.processing).toBe(1);
      break;
    }
    expect(queue.processing).toBe(1);
  });

  it('carries the priority and the reasons of its run', async () => {
    const { queue } = virtual();
    queue.add('a', { priority: -100, reason: 'initial' });
    for await (const lease of queue) {
      queue.add('a', { priority: 5, reason: 'later' });
      expect([lease.priority, lease.reasons]).toEqual([-100, ['initial']]);
      break;
    }
    expect(queue.reasons('a')).toEqual(['later']);
  });
});

describe('idleness', () => {
  it('is there at once when nothing is ready or in hand', async () => {
    const { queue } = virtual();
    queue.addAfter('a', 10);
    await queue.idle();
  });

  it('comes when the last item is done', async () => {
    const { clock, queue } = virtual();
    queue.add('a');
    queue.add('b');
    const idle = queue.idle();
    const [first, second] = [queue.tryGet() as string, queue.tryGet() as string];
    queue.add(second);
    queue.done(first);
    queue.done(second);
    expect(await settled(clock, idle)).toBe(false);
    expect(takeAll(queue)).toEqual(['b']);
    await idle;
  });

  it('is not there while an item was handed to a worker that has not gone on yet', async () => {
    const { clock, queue } = virtual();
    const got = queue.get();
    queue.add('a');
    const idle = queue.idle();
    await got;
    expect(await settled(clock, idle)).toBe(false);
    queue.done('a');
    await idle;
  });

  it('can be waited for no longer', async () => {
    const { queue } = virtual();
    queue.add('a');
    const abort = new AbortController();
    const idle = queue.idle({ signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(idle).rejects.toThrow('enough');
  });
});

describe('reasons and inspection', () => {
  it('keeps the reasons of the run in hand apart from those of the next one', () => {
    const { queue } = virtual();
    expect(queue.reasons('a')).toEqual([]);
    queue.addAfter('a', 10, { reason: 'timer' });
    expect(queue.reasons('a')).toEqual(['timer']);
    queue.add('a', { reason: 'one' });
    queue.add('a', { reason: 'two' });
    expect(queue.reasons('a')).toEqual(['one', 'two']);
    queue.tryGet();
    queue.add('a', { reason: 'three' });
    expect(queue.reasons('a')).toEqual(['one', 'two']);
    queue.done('a');
    expect(queue.reasons('a')).toEqual(['three']);
  });

  it('adds the reasons of a wish when it comes due', async () => {
    const { clock, queue } = virtual();
    queue.addAfter('a', 10, { reason: 'timer' });
    queue.add('a', { reason: 'event' });
    await clock.advance(10);
    expect(queue.reasons('a')).toEqual(['event', 'timer']);
  });

  it('keeps eight reasons and counts the others, also across a wish', async () => {
    const { clock, queue } = virtual();
    for (let index = 0; index < 10; index += 1) queue.addAfter('a', 10, { reason: `wish ${index}` });
    for (let index = 0; index < 7; index += 1) queue.add('a', { reason: `add ${index}` });
    await clock.advance(10);
    const [ready] = queue.inspect().ready;
    expect(ready?.reasons).toHaveLength(8);
    expect(ready?.reasons.at(-1)).toBe('wish 0');
    expect(ready?.droppedReasons).toBe(9);
  });

  it('takes reasons of any type', () => {
    const queue = new WorkQueue<string, { readonly event: string }>({ clock: new VirtualClock() });
    queue.add('a', { reason: { event: 'ADDED' } });
    expect(queue.reasons('a')[0]?.event).toBe('ADDED');
  });

  it('shows what waits, is delayed and in hand, and since when', async () => {
    const clock = new VirtualClock(1_000);
    const queue = new WorkQueue<string>({ clock });
    queue.add('a', { priority: 2, reason: 'created' });
    await clock.advance(5);
    queue.tryGet();
    await clock.advance(5);
    queue.add('a');
    queue.add('b');
    queue.addAfter('b', 100, { reason: 'resync' });
    const nothing = { reasons: [], droppedReasons: 0 };
    expect(queue.inspect()).toEqual({
      ready: [{ key: 'b', item: 'b', priority: 0, since: 1_010, ...nothing }],
      delayed: [
        {
          key: 'b',
          item: 'b',
          priority: 0,
          since: 1_010,
          readyAt: 1_110,
          reasons: ['resync'],
          droppedReasons: 0,
        },
      ],
      processing: [
        {
          key: 'a',
          item: 'a',
          priority: 2,
          since: 1_005,
          reasons: ['created'],
          droppedReasons: 0,
          again: { priority: 0, since: 1_010, ...nothing },
        },
      ],
    });
  });
});

describe('cost', () => {
  it('reads the clock once for any number of items added and got together', () => {
    const { clock, queue } = virtual({ rateLimiter: exponentialBackoff() });
    const read = vi.spyOn(clock, 'monotonic');
    for (let index = 0; index < 100; index += 1) queue.add(`${index}`);
    expect(takeAll(queue)).toHaveLength(100);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('keeps nothing of an item that neither waits, is delayed nor in hand', async () => {
    const clock = new VirtualClock();
    const options = { clock, key: (item: { readonly name: string }) => item.name };
    const [open, shut] = [new WorkQueue(options), new WorkQueue(options)];
    const seen = new Map<string, WeakRef<object>>();
    const make = (name: string): { readonly name: string } => {
      const item = { name };
      seen.set(name, new WeakRef(item));
      return item;
    };
    const finish = (): void => {
      for (let item = open.tryGet(); item !== undefined; item = open.tryGet()) open.done(item);
    };
    open.add(make('run'));
    open.add(make('raised'), { priority: 1 });
    open.add({ name: 'raised' }, { priority: 2 });
    open.addAfter(make('came due'), 10);
    open.addAfter(make('cancelled'), 10);
    open.cancelDelay({ name: 'cancelled' });
    await clock.advance(10);
    finish();
    shut.addAfter(make('dropped'), 10);
    shut.shutDown();
    await clock.advance(0);
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    expect([...seen].filter(([, item]) => item.deref() !== undefined).map(([name]) => name)).toEqual([]);
    expect([open.processing, shut.processing]).toEqual([0, 0]);
  });
});
