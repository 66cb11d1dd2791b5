import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ApiObject, VirtualClock } from '../../../src/core/index.js';
import { type Attempt, type Failure, SchedulingQueue } from '../../../src/scheduler/queue/index.js';
import { alike, change, gated, NO_CLUSTER, sized, type Task, type TaskSpec, task, zoned } from './fixture.js';
import { type ModelAttempt, SchedulingQueueModel } from './scheduling-queue-model.js';

const SEED = 20_261_122;
const START = 1_000_000;
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];

const anyKey = fc.constantFrom(...KEYS);
const anyField = fc.constantFrom(undefined, '1', '2');
// many are alike, so that they wait together
const anySpec: fc.Arbitrary<TaskSpec> = fc.oneof(
  fc.constant({ size: '1', zone: '1', gate: undefined }),
  fc.record({
    size: anyField,
    zone: anyField,
    gate: fc.constantFrom(undefined, undefined, 'g', 'h', 'boom'),
  }),
);
const anyHelp: fc.Arbitrary<TaskSpec> = fc.record(
  {
    size: fc.constantFrom('1', '2', 'boom'),
    zone: fc.constantFrom('1', '2', 'boom'),
    gate: fc.constantFrom('g', 'h', 'boom'),
  },
  { requiredKeys: [] },
);
const somePlugins = fc.subarray(['Gated', 'Sized', 'Zoned']);
const oneFailure: Failure = { rejectedBy: ['Sized'] };
const anyFailure = fc.record({
  rejectedBy: somePlugins,
  pendingPlugins: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: somePlugins }),
  error: fc.constantFrom(false, false, false, true),
});

type Step =
  | { do: 'add'; key: string; uid: string; spec: TaskSpec; priority: number }
  | { do: 'delete'; key: string }
  | { do: 'pop' }
  | { do: 'take'; keys: string[]; least: number }
  | { do: 'failed'; which: number; failure: Failure }
  | { do: 'done'; which: number }
  | { do: 'event'; helps: TaskSpec }
  | { do: 'activate'; keys: string[] }
  | { do: 'gate'; gate: string }
  | { do: 'advance'; duration: number };

const which = fc.nat({ max: 20 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      key: anyKey,
      uid: fc.constantFrom('u1', 'u1', 'u1', 'u2'),
      spec: anySpec,
      priority: fc.constantFrom(0, 0, 5),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), key: anyKey }) },
  { weight: 6, arbitrary: fc.constant({ do: 'pop' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      keys: fc.subarray(KEYS),
      least: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('failed' as const),
      which,
      failure: fc.oneof(fc.constant(oneFailure), anyFailure),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('done' as const), which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('event' as const), helps: anyHelp }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('activate' as const), keys: fc.subarray(KEYS) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('gate' as const), gate: fc.constantFrom('g', 'h', 'boom') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      duration: fc.oneof(fc.nat({ max: 3_000 }), fc.constantFrom(1_000, 2_000, 25_000)),
    }),
  },
);

async function follow(steps: readonly Step[]): Promise<void> {
  const clock = new VirtualClock(START);
  const model = new SchedulingQueueModel();
  const plugins = [gated(model.closed), sized(), zoned()];
  let told = 0;
  const queue = new SchedulingQueue<Task, ApiObject>({
    clock,
    pluginsOf: () => plugins,
    cluster: NO_CLUSTER,
    alike,
    flushAfter: 20_000,
    onReady: () => (told += 1),
    onError: (error) => expect(error).toStrictEqual(new Error('boom')),
  });
  // all attempts that there ever were: those that are over must not count any more
  const attempts: [Attempt<Task>, ModelAttempt][] = [];

  for (const step of steps) {
    switch (step.do) {
      case 'add':
        queue.add(task(step.key, step.spec, step));
        model.add(`ns/${step.key}`, step.uid, step.spec, step.priority);
        break;
      case 'delete':
        queue.delete(`ns/${step.key}`);
        model.delete(`ns/${step.key}`);
        break;
      case 'pop': {
        const next = queue.peek();
        const [real, plain] = [queue.pop(), model.pop()];
        expect(real?.workload).toBe(next);
        expect(real?.workload.key).toBe(plain?.entry.key);
        if (real !== undefined && plain !== undefined) attempts.push([real, plain]);
        break;
      }
      case 'take': {
        const keys = step.keys.map((key) => `ns/${key}`);
        const real = queue.take(keys, step.least);
        const plain = model.take(keys, step.least);
        expect(real?.map(({ workload }) => workload.key)).toEqual(plain?.map(({ entry }) => entry.key));
        real?.forEach((attempt, at) => attempts.push([attempt, plain?.[at] as ModelAttempt]));
        break;
      }
      case 'failed':
      case 'done': {
        const pair = attempts[attempts.length - 1 - step.which];
        if (pair === undefined) break;
        if (step.do === 'done') {
          queue.done(pair[0]);
          model.done(pair[1]);
        } else {
          queue.failed(pair[0], step.failure);
          model.failed(pair[1], step.failure);
        }
        break;
      }
      case 'event':
        queue.event(change(step.helps));
        model.event(step.helps);
        break;
      case 'activate':
        queue.activate(step.keys.map((key) => `ns/${key}`));
        model.activate(step.keys.map((key) => `ns/${key}`));
        break;
      case 'gate':
        if (!model.closed.delete(step.gate)) model.closed.add(step.gate);
        break;
      case 'advance':
        await clock.advance(step.duration);
        model.advance(step.duration);
        break;
    }

    // what it answers is compared when it is popped; that it changes nothing, here
    queue.peek();
    expect({
      told,
      timers: clock.timers,
      counts: queue.counts(),
      entries: KEYS.map((key) => queue.inspect(`ns/${key}`)),
    }).toStrictEqual({
      told: model.told,
      timers: model.waits ? 1 : 0,
      counts: countsOf(model),
      entries: KEYS.map((key) => inspectionOf(model, `ns/${key}`)),
    });
  }
}

function countsOf({ entries }: SchedulingQueueModel): Record<string, number> {
  const counts = { active: 0, backoff: 0, unschedulable: 0, gated: 0, 'in hand': 0 };
  for (const { place } of entries) counts[place] += 1;
  return counts;
}

function inspectionOf(model: SchedulingQueueModel, key: string): object | undefined {
  const entry = model.find(key);
  if (entry === undefined) return undefined;
  const { uid, spec, priority, place, addedAt, since, attempts, errors, retryAt, failedAt } = entry;
  return {
    workload: task(key.slice(3), spec, { uid, priority }),
    place,
    addedAt: START + addedAt,
    since: START + since,
    attempts,
    rejectedBy: entry.rejectedBy,
    pendingPlugins: entry.pendingPlugins,
    error: errors > 0,
    backoffUntil: retryAt > model.now ? START + retryAt : undefined,
    flushAt: place === 'unschedulable' ? START + failedAt + 20_000 : undefined,
  };
}

describe('SchedulingQueue against its model', { timeout: 120_000 }, () => {
  it(`does what the model does in many short lives (seed ${SEED})`, async () => {
    await fc.assert(fc.asyncProperty(fc.array(anyStep, { maxLength: 80, size: 'max' }), follow), {
      numRuns: 400,
      seed: SEED,
    });
  });

  it(`does what the model does in a few long lives (seed ${SEED})`, async () => {
    const long = fc.array(anyStep, { minLength: 2_000, maxLength: 2_000, size: 'max' });
    await fc.assert(fc.asyncProperty(long, follow), { numRuns: 3, endOnFailure: true, seed: SEED });
  });
});
