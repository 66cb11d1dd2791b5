import { VirtualClock } from 'keelson';
import { exponentialBackoff, WorkQueue } from 'keelson/workqueue';
import type { Row } from './harness.js';

const KEYS = 200_000;
const MANY = 1_000_000;
const DISTINCT = 1_000;
const DELAYED = 100_000;
const LONGEST_DELAY = 100;

/** Where the queue that a row measures comes from. */
type Maker = () => WorkQueue<string>;

const plain: Maker = () => new WorkQueue();
const withBackoff: Maker = () => new WorkQueue({ rateLimiter: exponentialBackoff() });
const withFlows: Maker = () => new WorkQueue({ flowOf: (key) => key.slice(0, key.indexOf('/')) });

/** The work queue, against a bare Map, Set and ring that do the same. */
export function queueRows(): readonly Row[] {
  // a million keys are made when they are first needed
  let all: readonly string[] = [];
  const makeKeys = (): readonly string[] => {
    if (all.length === 0) all = makeAll(MANY);
    return all;
  };
  const few = makeAll(KEYS);
  return [
    {
      name: 'floor: add, take, finish in turn',
      operations: KEYS,
      run: () => inTurn(new Floor(), few),
    },
    {
      name: 'queue: add, tryGet, done in turn',
      operations: KEYS,
      goal: 6_000_000,
      floor: 'floor: add, take, finish in turn',
      run: () => inTurn(plain(), few),
    },
    {
      name: 'queue with flows: add, tryGet, done in turn',
      operations: KEYS,
      floor: 'floor: add, take, finish in turn',
      run: () => inTurn(withFlows(), few),
    },
    {
      name: 'floor: add, await take, finish in turn',
      operations: KEYS,
      run: async () => {
        const floor = new Floor();
        for (const key of few) {
          floor.add(key);
          floor.done((await Promise.resolve(floor.tryGet())) as string);
        }
      },
    },
    {
      name: 'queue: add, await get, done in turn',
      operations: KEYS,
      goal: 3_000_000,
      floor: 'floor: add, await take, finish in turn',
      run: () => awaitingInTurn(plain(), few),
    },
    {
      name: 'floor: add a million, then take and finish all',
      operations: MANY,
      run: () => inBulk(new Floor(), makeKeys()),
    },
    {
      name: 'queue: add a million, then get and finish all',
      operations: MANY,
      floor: 'floor: add a million, then take and finish all',
      run: () => inBulk(plain(), makeKeys()),
    },
    {
      name: 'queue with flows: add a million, then get and finish all',
      operations: MANY,
      floor: 'floor: add a million, then take and finish all',
      run: () => inBulk(withFlows(), makeKeys()),
    },
    heldRow('floor', () => new Floor(), makeKeys),
    heldRow('queue', plain, makeKeys),
    heldRow('queue with flows', withFlows, makeKeys),
    {
      name: 'floor: add what waits already',
      operations: KEYS,
      run: () => again(new Floor(), few),
    },
    {
      name: 'queue: add what waits already',
      operations: KEYS,
      goal: 20_000_000,
      floor: 'floor: add what waits already',
      run: () => again(plain(), few),
    },
    {
      name: 'floor: count a failure and forget it',
      operations: KEYS,
      run: () => {
        const failures = new Map<string, number>();
        const delayed = new Map<string, number>();
        for (const key of few) {
          failures.set(key, (failures.get(key) ?? 0) + 1);
          delayed.set(key, 5);
          failures.delete(key);
        }
      },
    },
    {
      name: 'queue: addRateLimited and forget, default limits',
      operations: KEYS,
      goal: 1_300_000,
      floor: 'floor: count a failure and forget it',
      ...rateLimited(() => new WorkQueue(), few),
    },
    {
      name: 'queue: addRateLimited and forget, exponential backoff',
      operations: KEYS,
      goal: 1_300_000,
      floor: 'floor: count a failure and forget it',
      ...rateLimited(withBackoff, few),
    },
    {
      name: 'floor: sort delays, then take, finish all',
      operations: DELAYED,
      run: () => {
        const order = few.slice(0, DELAYED).map((key, index) => ({ key, at: delayOf(index) }));
        order.sort((a, b) => a.at - b.at);
        inBulk(
          new Floor(),
          order.map(({ key }) => key),
        );
      },
    },
    {
      name: 'queue: addAfter within 100 ms, then get and finish all',
      operations: DELAYED,
      goal: 700_000,
      floor: 'floor: sort delays, then take, finish all',
      run: () => drainDelayed(few),
    },
    {
      name: 'queue: addAfter within 100 ms, get and finish all, with the wait for it',
      operations: DELAYED,
      run: () => awaitDelayed(few),
    },
  ];
}

function makeAll(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `team-${index % 10}/web-${index}`);
}

/** What the bare language takes for the same work: who waits, who is in hand, and in which order. */
class Floor {
  readonly #waiting = new Map<string, { readonly key: string }>();
  readonly #inHand = new Set<string>();
  readonly #ring = new Ring();

  add(key: string): void {
    if (this.#waiting.has(key)) return;
    this.#waiting.set(key, { key });
    if (!this.#inHand.has(key)) this.#ring.push(key);
  }

  tryGet(): string | undefined {
    const key = this.#ring.shift();
    if (key === undefined) return undefined;
    this.#waiting.delete(key);
    this.#inHand.add(key);
    return key;
  }

  done(key: string): void {
    this.#inHand.delete(key);
    if (this.#waiting.has(key)) this.#ring.push(key);
  }
}

/** Keys first in, first out, in an array that is used all round. */
class Ring {
  // as long as a power of 2; the keys stand from #first on, and go on at the beginning
  #slots: (string | undefined)[] = Array.from({ length: 16 });
  #first = 0;
  #size = 0;

  push(key: string): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#first + this.#size) & (this.#slots.length - 1)] = key;
    this.#size += 1;
  }

  shift(): string | undefined {
    if (this.#size === 0) return undefined;
    const key = this.#slots[this.#first];
    this.#slots[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#slots.length - 1);
    this.#size -= 1;
    return key;
  }

  #grow(): void {
    const slots = this.#slots;
    this.#slots = Array.from({ length: slots.length * 2 }, (_, index) =>
      index < slots.length ? slots[(this.#first + index) & (slots.length - 1)] : undefined,
    );
    this.#first = 0;
  }
}

type Queue = Pick<Floor, 'add' | 'tryGet' | 'done'>;

function inTurn(queue: Queue, keys: readonly string[]): void {
  for (const key of keys) {
    queue.add(key);
    queue.done(queue.tryGet() as string);
  }
}

async function awaitingInTurn(queue: WorkQueue<string>, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    queue.add(key);
    queue.done((await queue.get()) as string);
  }
}

function inBulk(queue: Queue, keys: readonly string[]): void {
  for (const key of keys) queue.add(key);
  takeAll(queue);
}

function takeAll(queue: Queue): void {
  for (let item = queue.tryGet(); item !== undefined; item = queue.tryGet()) queue.done(item);
}

function again(queue: Queue, keys: readonly string[]): void {
  for (let turn = 0; turn < KEYS; turn += 1) queue.add(keys[turn % DISTINCT] as string);
}

/** As client-go is measured: what it takes to end the queue is not counted. */
function rateLimited(make: Maker, keys: readonly string[]): Pick<Row, 'before' | 'run' | 'after'> {
  let queue = make();
  return {
    before: () => {
      // one that was used without `after`, as by the benchmark's own first look at `run`, would keep the process alive
      queue.shutDown();
      queue = make();
    },
    run: () => {
      for (const key of keys) {
        queue.addRateLimited(key);
        queue.forget(key);
      }
    },
    after: () => queue.shutDown(),
  };
}

/** All over the span, in no order. */
function delayOf(index: number): number {
  return (index * 7_919) % LONGEST_DELAY;
}

async function drainDelayed(keys: readonly string[]): Promise<void> {
  const clock = new VirtualClock();
  const queue = new WorkQueue<string>({ clock });
  for (let index = 0; index < DELAYED; index += 1) queue.addAfter(keys[index] as string, delayOf(index));
  takeAll(queue);
  while (await clock.next()) takeAll(queue);
}

/** As client-go is measured, on the machine's clock: it takes 100 ms at the least. */
async function awaitDelayed(keys: readonly string[]): Promise<void> {
  const queue = new WorkQueue<string>();
  for (let index = 0; index < DELAYED; index += 1) queue.addAfter(keys[index] as string, index % 101);
  for (let index = 0; index < DELAYED; index += 1) queue.done((await queue.get()) as string);
  queue.shutDown();
}

/** The time to queue a million keys; prints once what they take of the heap, without the keys themselves. */
function heldRow(what: string, make: () => Queue, keys: () => readonly string[]): Row {
  const name = `${what}: add a million`;
  let measured = false;
  const fill = (): Queue => {
    const queue = make();
    for (const key of keys()) queue.add(key);
    return queue;
  };
  return {
    name,
    operations: MANY,
    ...(what === 'floor' ? {} : { floor: 'floor: add a million' }),
    beforeAll: () => {
      if (measured) return;
      measured = true;
      keys();
      globalThis.gc?.();
      const before = process.memoryUsage().heapUsed;
      const queue = fill();
      globalThis.gc?.();
      const megabytes = Math.round((process.memoryUsage().heapUsed - before) / 1e6);
      // used after that, so that it was there when the heap was measured
      takeAll(queue);
      console.log(JSON.stringify({ name, megabytes, ...(what === 'queue' ? { goal: 150 } : {}) }));
    },
    run: () => void fill(),
  };
}
