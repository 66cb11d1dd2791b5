import type { Informer } from '../../informer/index.js';
import type { ManagedStore } from '../manager/managed-store.js';
import { StoreScope, type StoreScopeOptions } from './store-scope.js';

/** What {@link Scopes} are made from; the signal aborts when the controller is about to stop. */
type ScopesOptions = Omit<StoreScopeOptions, 'store'>;

/** What a controller has in each of the stores that it watches. */
export class Scopes {
  readonly #options: ScopesOptions;
  // by the name of the store
  readonly #byStore = new Map<string | undefined, StoreScope>();
  // the names of the added ones among them; frozen, as every reconcile has it
  #added: readonly string[] = Object.freeze([]);

  constructor(options: ScopesOptions) {
    this.#options = options;
  }

  /** The names of the stores that were added. */
  get added(): readonly string[] {
    return this.#added;
  }

  /** How many changes wait until it is known whether they ask for a reconcile. */
  get undecided(): number {
    let sum = 0;
    for (const { ownWrites } of this.#byStore.values()) sum += ownWrites.undecided;
    return sum;
  }

  [Symbol.iterator](): Iterator<StoreScope> {
    return this.#byStore.values();
  }

  /** The informers that are listened to, by store. */
  *informers(): Generator<readonly [store: string | undefined, informer: Informer<never, never>]> {
    for (const [store, scope] of this.#byStore) {
      for (const informer of scope.informers) yield [store, informer as unknown as Informer<never, never>];
    }
  }

  get(store: string | undefined): StoreScope | undefined {
    return this.#byStore.get(store);
  }

  /** That of a store as a reconciler names it. @throws TypeError where there is none. */
  named(store: string | undefined): StoreScope {
    const scope = this.#byStore.get(store);
    if (scope !== undefined) return scope;
    const known = Array.from(this.#byStore.keys(), (name) => name ?? 'its own').join(', ');
    const { name } = this.#options.controller;
    throw new TypeError(
      `controller ${name}: at: expected a store that it watches (${known}), got ${store ?? 'its own'}`,
    );
  }

  /** Listens to what happens in a store from now on. */
  add(store: ManagedStore): void {
    const scope = new StoreScope({ ...this.#options, store });
    this.#byStore.set(store.name, scope);
    this.#countAdded();
    scope.watch();
  }

  /** Takes that of a store out, and tells what runs there that the store is left; the caller closes it. */
  remove(store: string | undefined, reason: unknown): StoreScope | undefined {
    const scope = this.#byStore.get(store);
    if (scope === undefined) return undefined;
    this.#byStore.delete(store);
    this.#countAdded();
    scope.leave(reason);
    return scope;
  }

  /** Resolves when the controller has heard of everything that was there at the start; nobody waits for a store that is forgotten. */
  async synced(): Promise<void> {
    await Promise.all(
      Array.from(this.#byStore, async ([store, scope]) => {
        try {
          await scope.synced();
        } catch (error) {
          if (this.#byStore.get(store) === scope && !this.#options.signal.aborted) throw error;
        }
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#byStore.values(), (scope) => scope.close()));
  }

  #countAdded(): void {
    this.#added = Object.freeze([...this.#byStore.keys()].filter((name) => name !== undefined));
  }
}
