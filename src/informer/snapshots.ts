import type { ApiObject } from '../core/index.js';
import type { Indexers } from './indexer.js';
import type { Lister } from './lister.js';
import { PatchedLister } from './patched-lister.js';

/** A cache as it was at one moment, until it is disposed of; then it shows whatever the cache shows. */
export interface ListerSnapshot<O, I extends string = never> extends Lister<O, I>, Disposable {}

/**
 * The snapshots of a cache that somebody holds.
 *
 * A snapshot copies nothing: it remembers each object that changes after it was taken, as it was before, and shows that in place of what the
 * cache has.
 */
export class Snapshots<O extends ApiObject, I extends string> {
  readonly #lister: Lister<O, I>;
  readonly #indexers: () => Indexers<O, I>;
  readonly #held = new Set<PatchedLister<O, I>>();

  constructor(lister: Lister<O, I>, indexers: () => Indexers<O, I>) {
    this.#lister = lister;
    this.#indexers = indexers;
  }

  /** Whether anybody holds one. */
  get areHeld(): boolean {
    return this.#held.size > 0;
  }

  take(): ListerSnapshot<O, I> {
    const patched = new PatchedLister<O, I>(this.#lister, { indexers: this.#indexers });
    this.#held.add(patched);
    return {
      get: (key) => patched.get(key),
      getByKey: (key) => patched.getByKey(key),
      list: (options) => patched.list(options),
      byIndex: (name, value) => patched.byIndex(name, value),
      [Symbol.dispose]: () => {
        this.#held.delete(patched);
        patched.clear();
      },
    };
  }

  /** An object is about to change: undefined where there is none yet. */
  remember(key: string, before: O | undefined): void {
    for (const snapshot of this.#held) if (!snapshot.isPatched(key)) snapshot.patch(key, before);
  }
}
