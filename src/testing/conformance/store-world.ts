import type { Client } from '../../client/index.js';
import { type Clock, SeededRandom, systemClock } from '../../core/index.js';
import { ObjectStore, type ObjectStoreOptions, type Storage } from '../../store/index.js';
import { Condition, drive } from './drive.js';
import { Journal } from './journal.js';
import type { StorageUnderTest } from './storage-world.js';
import { Place, Spark, Thing } from './thing.js';
import { type Selection, Watcher } from './watcher.js';

/** What stores are to be tested on, and ways to treat it badly; without a `storage`, in the memory of each store. */
export interface StoreUnderTest extends Omit<StorageUnderTest, 'storage' | 'log'> {
  readonly storage?: Storage | undefined;
  /** A client of a store, as those make it who are to be tested with it; `store.client()` unless given. */
  readonly connect?: (store: ObjectStore) => Client;
  /** Lets the next transaction happen, and loses the answer. Cases that need it are left out unless given. */
  readonly loseAnswer?: () => void;
}

/** How long something that must come is waited for, in milliseconds, unless told otherwise. */
const PATIENCE = 10_000;

/** A store with one client of it. */
export interface OpenStore {
  readonly store: ObjectStore;
  readonly client: Client;
}

/** The stores that a case has open on one storage, and what it does with them. */
export class StoreWorld {
  readonly under: StoreUnderTest;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly journal: Journal = new Journal();
  /** Woken by every watcher. */
  readonly condition: Condition;
  /** How long something that must come is waited for, in milliseconds. */
  readonly patience: number;
  readonly #stores: ObjectStore[] = [];
  readonly #watchers: Watcher[] = [];
  #storage: Storage | undefined;

  constructor(under: StoreUnderTest, seed: number, patience: number = PATIENCE) {
    this.under = under;
    this.clock = under.clock ?? systemClock;
    this.random = new SeededRandom(seed);
    this.patience = patience;
    this.condition = new Condition(this.clock, patience);
    this.#storage = under.storage;
  }

  /** A store of the kinds of the suite, which opens with its first request. */
  open(options: Partial<ObjectStoreOptions> = {}): OpenStore {
    const { clock, random } = this;
    const store = new ObjectStore({
      resources: [Thing, Place, Spark],
      clock,
      random,
      ...(this.#storage === undefined ? {} : { storage: this.#storage }),
      ...options,
    });
    this.#stores.push(store);
    return { store, client: this.connect(store) };
  }

  /** One more client of a store. */
  connect(store: ObjectStore): Client {
    return this.under.connect?.(store) ?? store.client();
  }

  /** A watch of things that is read at once. */
  watch(client: Client, from?: number, selection?: Selection): Watcher {
    const watcher = new Watcher(client, `w${this.#watchers.length + 1}`, this.condition, from, selection);
    this.#watchers.push(watcher);
    return watcher;
  }

  get watchers(): readonly Watcher[] {
    return this.#watchers;
  }

  /** Closes all stores, and finds what a process that starts anew finds. */
  async restart(): Promise<void> {
    for (const store of this.#stores.splice(0)) await store.close();
    if (this.under.reopen !== undefined) this.#storage = await this.under.reopen();
  }

  async close(): Promise<void> {
    for (const watcher of this.#watchers) watcher.stop();
    for (const store of this.#stores) await store.close();
    await this.under.dispose?.();
  }
}

/**
 * Runs work on stores under test.
 *
 * @throws Error with what is wrong, the seed, and what had happened.
 */
export async function inStoreWorld(
  create: () => Promise<StoreUnderTest>,
  options: { readonly seed: number; readonly patience?: number | undefined },
  work: (world: StoreWorld) => Promise<void>,
): Promise<void> {
  const world = new StoreWorld(await create(), options.seed, options.patience);
  await drive(world.clock, async () => {
    try {
      await work(world);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const happened = `seed: ${options.seed}\nwhat happened:\n${world.journal.toString()}`;
      throw new Error(`${message}\n${happened}`, { cause: error });
    } finally {
      await world.under.heal?.();
      await world.close();
    }
  });
}
