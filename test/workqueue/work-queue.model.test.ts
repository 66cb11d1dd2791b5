import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/index.js';
import { exponentialBackoff, WorkQueue } from '../../src/workqueue/index.js';
import { type ModelRun, WorkQueueModel } from './work-queue-model.js';

const START = 1_000_000;
const SEED = 20_261_121;

const anyKey = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor');
const anyPriority = fc.constantFrom(0, 0, 0, 10, -100, 2.5);
// quarters of milliseconds: exact in binary, so that the model's sums are the queue's
const anyDelay = fc.integer({ min: -4, max: 400 }).map((quarters) => quarters / 4);

/** The commands, each as often as its weight says. */
const WEIGHTS = {
  add: 6,
  addAfter: 4,
  addRateLimited: 2,
  forget: 1,
  cancelDelay: 1,
  tryGet: 4,
  get: 3,
  abort: 1,
  done: 6,
  advance: 3,
  shutDown: 0,
};
type Command = keyof typeof WEIGHTS;

const anyStep = fc.record({
  command: fc.oneof(
    ...Object.entries(WEIGHTS).map(([command, weight]) => ({
      weight,
      arbitrary: fc.constant(command as Command),
    })),
  ),
  key: anyKey,
  priority: anyPriority,
  delay: anyDelay,
});
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;

function steps(length: number): fc.Arbitrary<Step[]> {
  const before = fc.array(anyStep, { maxLength: length, size: 'max' });
  const shutDown = anyStep.map((step) => ({ ...step, command: 'shutDown' as const }));
  const after = fc.array(anyStep, { maxLength: 20 });
  return fc.oneof(
    before,
    fc.tuple(before, shutDown, after).map(([some, close, more]) => [...some, close, ...more]),
  );
}

function run({ priority, since, reasons }: ModelRun): object {
  return {
    priority,
    since: since + START,
    reasons: reasons.slice(0, 8),
    droppedReasons: Math.max(0, reasons.length - 8),
  };
}

function byKey(a: { key: string }, b: { key: string }): number {
  return a.key < b.key ? -1 : 1;
}

async function follow(
  script: readonly Step[],
  ageing = 100,
  flowOf?: (key: string) => string,
): Promise<void> {
  const clock = new VirtualClock(START);
  const rateLimiter = exponentialBackoff({ base: 5, max: 1_000 });
  const queue = new WorkQueue<string>({ clock, rateLimiter, ageing, flowOf });
  const model = new WorkQueueModel(ageing, flowOf);
  const got: [number, string | undefined][] = [];
  const aborts = new Map<number, AbortController>();
  let idle = 0;

  for (const [index, step] of script.entries()) {
    const reason = `step ${index}`;
    switch (step.command) {
      case 'add':
        queue.add(step.key, { priority: step.priority, reason });
        model.add(step.key, step.priority, [reason]);
        break;
      case 'addAfter':
        queue.addAfter(step.key, step.delay, { priority: step.priority, reason });
        model.addAfter(step.key, step.delay, step.priority, reason, true);
        break;
      case 'addRateLimited':
        queue.addRateLimited(step.key, { priority: step.priority, reason });
        model.addRateLimited(step.key, step.priority, reason);
        break;
      case 'forget':
        queue.forget(step.key);
        model.failures.delete(step.key);
        break;
      case 'cancelDelay':
        expect(queue.cancelDelay(step.key)).toBe(model.wishes.delete(step.key));
        break;
      case 'tryGet':
        expect(queue.tryGet()).toBe(model.take());
        break;
      case 'get': {
        const abort = new AbortController();
        aborts.set(index, abort);
        void queue.get({ signal: abort.signal }).then(
          (item) => got.push([index, item]),
          (error: unknown) => expect(error).toBe(abort.signal.reason),
        );
        model.get(index);
        break;
      }
      case 'abort': {
        const first = model.getters.shift();
        if (first !== undefined) aborts.get(first)?.abort();
        break;
      }
      case 'done':
        queue.done(step.key);
        model.done(step.key);
        break;
      case 'advance':
        await clock.advance(step.delay);
        model.advance(Math.max(0, step.delay));
        break;
      case 'shutDown':
        queue.shutDown();
        model.shutDown();
        break;
    }
    const wasIdle = model.ready().length === 0 && model.hand.size === 0;
    if (wasIdle) void queue.idle().then(() => (idle += 1));
    const before = idle;
    await clock.advance(0);

    const { ready, delayed, processing } = queue.inspect();
    expect({
      idle: idle - before,
      got,
      timers: clock.timers,
      counts: [queue.length, queue.delayed, queue.processing],
      retries: queue.retries('a') + queue.retries('__proto__'),
      ready,
      delayed,
      processing: [...processing].sort(byKey),
    }).toStrictEqual({
      idle: wasIdle ? 1 : 0,
      got: model.got,
      timers: model.wishes.size === 0 ? 0 : 1,
      counts: [model.ready().length, model.wishes.size, model.hand.size],
      retries: (model.failures.get('a') ?? 0) + (model.failures.get('__proto__') ?? 0),
      ready: model.ready().map((key) => ({ key, item: key, ...run(model.waiting.get(key) as ModelRun) })),
      delayed: model
        .delayed()
        .map(([key, wish]) => ({ key, item: key, ...run(wish), readyAt: wish.at + START })),
      processing: Array.from(model.hand, ([key, hand]) => {
        const again = model.waiting.get(key);
        return { key, item: key, ...run(hand), again: again === undefined ? undefined : run(again) };
      }).sort(byKey),
    });
  }
}

describe('WorkQueue against its model', { timeout: 120_000 }, () => {
  it('does what the model does in many short lives', async () => {
    const ageing = fc.constantFrom(0.25, 10, 100, 1e9);
    await fc.assert(
      fc.asyncProperty(steps(60), ageing, (script, ms) => follow(script, ms)),
      { numRuns: 200, seed: SEED },
    );
  });

  it('does what the model does with flows', async () => {
    const ageing = fc.constantFrom(0.25, 10, 100);
    // two flows, and one of a name that objects inherit
    const flowOf = (key: string): string => (key < 'b' ? 'constructor' : key < 'c' ? 'one' : 'two');
    const alike = steps(60).map((script) => script.map((step) => ({ ...step, priority: 0 as const })));
    await fc.assert(
      fc.asyncProperty(fc.oneof(steps(60), alike), ageing, (script, ms) => follow(script, ms, flowOf)),
      { numRuns: 200, seed: SEED },
    );
  });

  it('does what the model does in a few long lives', async () => {
    const long = fc.array(anyStep, { minLength: 1_500, maxLength: 1_500, size: 'max' });
    await fc.assert(
      fc.asyncProperty(long, (script) => follow(script)),
      { numRuns: 2, endOnFailure: true, seed: SEED },
    );
  });

  it('orders any number of priorities as a stable sort does', () => {
    const adds = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: -30, max: 30 })), {
      size: '+2',
    });
    fc.assert(
      fc.property(adds, (list) => {
        const queue = new WorkQueue<string>({ clock: new VirtualClock() });
        const model = new WorkQueueModel();
        for (const [name, level] of list) {
          queue.add(`${name}`, { priority: level });
          model.add(`${name}`, level, []);
        }
        const order = Array.from({ length: queue.length }, () => queue.tryGet());
        expect(order).toEqual(model.ready());
      }),
      { seed: SEED },
    );
  });

  it('lets any delays come due in order, at their time or at most a rounding error off it', async () => {
    const delays = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { maxLength: 60, size: '+2' });
    await fc.assert(
      fc.asyncProperty(delays, async (list) => {
        const clock = new VirtualClock(0);
        const queue = new WorkQueue<string>({ clock });
        for (const [index, milliseconds] of list.entries()) queue.addAfter(`${index}`, milliseconds);
        const order: string[] = [];
        while (await clock.next()) {
          for (let item = queue.tryGet(); item !== undefined; item = queue.tryGet()) {
            order.push(item);
            expect(clock.monotonic()).toBeCloseTo(list[Number(item)] as number, 6);
          }
        }
        expect(order).toEqual(
          list
            .map((milliseconds, index) => ({ milliseconds, name: `${index}` }))
            .sort((a, b) => a.milliseconds - b.milliseconds)
            .map(({ name }) => name),
        );
      }),
      { seed: SEED },
    );
  });
});
