import type { Client, Watch } from '../../src/client/index.js';
import { type Clock, SeededRandom, type Timer, VirtualClock } from '../../src/core/index.js';
import type { AnyResource } from '../../src/resources/index.js';
import {
  ObjectStore,
  type ObjectStoreOptions,
  type Storage,
  type StorageSession,
} from '../../src/store/index.js';
import {
  type AnswerOrder,
  type SimulatedSession,
  SimulatedStorage,
  type SimulatedStorageOptions,
} from '../../src/testing/index.js';
import { line, Note, Region, Website } from './kit.js';

/** What a test of stores on one storage has to do with. */
export interface StorageWorld {
  /** The clock of the stores, which knows how many timers of theirs wait. */
  readonly clock: StoreClock;
  readonly storage: SimulatedStorage;
  readonly order: AnswerOrder;
  readonly seed: number;
  /** A store of Websites, Notes and Regions (and more) on the storage, which opens with its first request. */
  readonly make: (options?: Partial<ObjectStoreOptions>, ...more: readonly AnyResource[]) => MadeStore;
  /** The same, opened: with the session that it has. */
  readonly open: (
    options?: Partial<ObjectStoreOptions>,
    ...more: readonly AnyResource[]
  ) => Promise<OpenedStore>;
}

interface MadeStore {
  readonly store: ObjectStore;
  readonly client: Client;
  /** What the store has logged as an error. */
  readonly errors: unknown[];
}

export interface OpenedStore extends MadeStore {
  readonly session: SimulatedSession;
}

/** Longer than anything may take by the clock, in milliseconds. */
const LONGEST_RUN = 86_400_000;

/** A virtual clock that counts the timers of those that it is given to. */
export class StoreClock implements Clock {
  readonly #clock: VirtualClock;
  // how many tests move the clock by themselves, or want it to stand still
  #held = 0;
  #timers = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** How many timers of the stores wait. */
  get timers(): number {
    return this.#timers;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  setTimer(delay: number, task: () => void): Timer {
    let waits = true;
    const over = (): void => {
      if (waits) this.#timers -= 1;
      waits = false;
    };
    const timer = this.#clock.setTimer(delay, () => {
      over();
      task();
    });
    this.#timers += 1;
    return {
      cancel: () => {
        over();
        timer.cancel();
      },
    };
  }

  /** Moves the time on; by nothing, lets everything go on that can without the clock. */
  async advance(duration = 0): Promise<void> {
    this.#held += 1;
    try {
      await this.#clock.advance(duration);
    } finally {
      this.#held -= 1;
    }
  }

  /** Runs work to its end, and moves the clock whenever nothing else is to be done; work with real files is waited for. */
  async drive(work: () => Promise<void>, hasFiles: boolean): Promise<void> {
    const run = { isOver: false };
    const result = work().finally(() => {
      run.isOver = true;
    });
    result.catch(() => undefined);
    const start = this.monotonic();
    while (!run.isOver) {
      await this.#clock.advance(0);
      await this.#clock.advance(0);
      if (run.isOver || this.#held > 0) continue;
      if (this.monotonic() - start > LONGEST_RUN || (!(await this.#clock.next()) && !hasFiles)) {
        throw new Error('what was to be done waits for something that never comes');
      }
    }
    await result;
  }
}

const ORDERS: readonly AnswerOrder[] = ['changed-first', 'answer-first', 'either'];

/**
 * Runs work on stores that share a storage, on a clock that moves when nothing else does: for every order in which a store may hear of
 * its own writes, and for several seeds.
 *
 * Fails where a timer is left when all stores are closed.
 */
export async function onStorage(
  work: (world: StorageWorld) => Promise<void>,
  options: SimulatedStorageOptions & { readonly seeds?: readonly number[]; readonly hasFiles?: boolean } = {},
): Promise<void> {
  const { seeds = [1, 2, 3], hasFiles = false, ...rest } = options;
  for (const order of ORDERS) for (const seed of seeds) await once(work, { order, seed, hasFiles }, rest);
}

async function once(
  work: (world: StorageWorld) => Promise<void>,
  {
    order,
    seed,
    hasFiles,
  }: { readonly order: AnswerOrder; readonly seed: number; readonly hasFiles: boolean },
  options: SimulatedStorageOptions,
): Promise<void> {
  const virtual = new VirtualClock();
  const clock = new StoreClock(virtual);
  const storage = new SimulatedStorage({ clock: virtual, random: new SeededRandom(seed), ...options });
  storage.order = order;
  const stores: ObjectStore[] = [];
  const make: StorageWorld['make'] = (own = {}, ...more) => {
    const errors: unknown[] = [];
    const nothing = (): void => undefined;
    const store = new ObjectStore({
      resources: [Website, Note, Region, ...more],
      clock,
      random: new SeededRandom(seed * 1_000 + stores.length),
      storage,
      logger: { debug: nothing, info: nothing, warn: nothing, error: (fields) => errors.push(fields) },
      ...own,
    });
    stores.push(store);
    return { store, client: store.client(), errors };
  };
  const open: StorageWorld['open'] = async (own, ...more) => {
    const made = make(own, ...more);
    const before = storage.sessions;
    await made.store.open();
    const session = storage.sessions.find((each) => !before.includes(each)) as SimulatedSession;
    return { ...made, session };
  };
  try {
    await clock.drive(async () => {
      try {
        await work({ clock, storage, order, seed, make, open });
      } finally {
        storage.heal();
        for (const store of stores) await store.close();
      }
    }, hasFiles);
    if (clock.timers !== 0) throw new Error(`${clock.timers} timers of the stores are left`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`with ${order}, seed ${seed}: ${message}`, { cause: error });
  }
}

/** A session of nobody in particular: what writes to a storage without being a store. */
export function rawSession(storage: Storage): Promise<StorageSession> {
  const nothing = (): void => undefined;
  const open = storage.open as NonNullable<Storage['open']>;
  return open({
    clock: new VirtualClock(),
    random: new SeededRandom(1),
    logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    listener: { changed: nothing, lost: nothing, failed: nothing },
  });
}

/** Reads a watch to its end; what it told is there as lines, as far as it was read. */
export class Reading {
  readonly lines: string[] = [];
  /** How the watch ended: with this error, or undefined. */
  readonly end: Promise<unknown>;
  isOver = false;

  constructor(watch: Watch<unknown>) {
    this.end = this.#read(watch);
  }

  async #read(watch: Watch<unknown>): Promise<unknown> {
    try {
      for await (const event of watch) if (event.type !== 'BOOKMARK') this.lines.push(line(event));
      return undefined;
    } catch (error) {
      return error;
    } finally {
      this.isOver = true;
    }
  }
}

/** How work ends: 'pending' unless it does before the clock moves. */
export async function ending(clock: StoreClock, work: Promise<unknown>): Promise<unknown> {
  let result: unknown = 'pending';
  work.then(
    (value) => {
      result = value;
    },
    (error: unknown) => {
      result = error;
    },
  );
  await clock.advance(0);
  return result;
}
