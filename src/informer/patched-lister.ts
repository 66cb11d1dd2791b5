import { type ApiObject, formatKey, type ObjectKey } from '../core/index.js';
import { Indexer, type Indexers } from './indexer.js';
import type { Lister, ListerOptions } from './lister.js';
import { IndexFunctionError } from './object-index.js';

/**
 * A lister that shows some objects otherwise than the one below: replaced, added or hidden.
 *
 * Where nothing is patched, it is the lister below, and costs nothing more.
 */
export class PatchedLister<O extends ApiObject, I extends string = never> implements Lister<O, I> {
  readonly #below: Lister<O, I>;
  readonly #indexers: () => Indexers<O, I>;
  readonly #counts: (key: string) => boolean;
  // by the text of the key; undefined hides what is below
  readonly #patches = new Map<string, O | undefined>();
  // those of the patches that show an object
  readonly #shown = new Indexer<O, I>();

  /**
   * @param options.indexers - The index functions of the lister below; asked for when `byIndex` needs them.
   * @param options.counts - Whether the patch of a key counts now; all do unless given.
   */
  constructor(
    below: Lister<O, I>,
    options: {
      readonly indexers: () => Indexers<O, I>;
      readonly counts?: ((key: string) => boolean) | undefined;
    },
  ) {
    this.#below = below;
    this.#indexers = options.indexers;
    this.#counts = options.counts ?? (() => true);
  }

  isPatched(key: string): boolean {
    return this.#patches.has(key);
  }

  /** Shows an object under its key, or none. */
  patch(key: string, object: O | undefined): void {
    this.unpatch(key);
    this.#patches.set(key, object);
    if (object !== undefined) indexed(() => this.#shown.set(object));
  }

  /** Shows what is below again. */
  unpatch(key: string): void {
    const object = this.#patches.get(key);
    if (object !== undefined) this.#shown.delete(object.metadata);
    this.#patches.delete(key);
  }

  /** Shows what is below again, under every key. */
  clear(): void {
    for (const key of this.#patches.keys()) this.unpatch(key);
  }

  get(key: ObjectKey): O | undefined {
    return this.#patches.size === 0 ? this.#below.get(key) : this.getByKey(formatKey(key));
  }

  getByKey(key: string): O | undefined {
    return this.#patches.has(key) && this.#counts(key) ? this.#patches.get(key) : this.#below.getByKey(key);
  }

  list(options: ListerOptions = {}): readonly O[] {
    const { size } = this.#patches;
    if (size === 0) return this.#below.list(options);
    const { limit = 0 } = options;
    // one that is none is for the lister below to refuse
    if (!(limit > 0)) return this.#merge(this.#below.list(options), this.#shown.list(options));
    // each patch takes away one object at most
    const enough = { ...options, limit: limit + size };
    return Object.freeze(this.#merge(this.#below.list(enough), this.#shown.list(enough)).slice(0, limit));
  }

  byIndex(name: I, value: string): readonly O[] {
    const below = this.#below.byIndex(name, value);
    if (this.#patches.size === 0) return below;
    indexed(() => this.#shown.addIndexers(this.#indexers()));
    return this.#merge(below, this.#shown.byIndex(name, value));
  }

  /** What is below and what is shown, each in order: without what is patched in the one, and does not count in the other. */
  #merge(below: readonly O[], shown: readonly O[]): readonly O[] {
    const counting = new Set<string>();
    for (const key of this.#patches.keys()) if (this.#counts(key)) counting.add(key);
    if (counting.size === 0) return below;
    const merged: O[] = [];
    const over = shown.filter(({ metadata }) => counting.has(formatKey(metadata)));
    let next = 0;
    for (const object of below) {
      if (counting.has(formatKey(object.metadata))) continue;
      while (next < over.length && isBefore(over[next] as O, object)) {
        merged.push(over[next] as O);
        next += 1;
      }
      merged.push(object);
    }
    return Object.freeze([...merged, ...over.slice(next)]);
  }
}

/** Does what index functions may fail in; the informer reports the same failure for the same object, and leaves it out too. */
function indexed(change: () => unknown): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof IndexFunctionError)) throw error;
  }
}

/** The order of caches. */
function isBefore({ metadata: a }: ApiObject, { metadata: b }: ApiObject): boolean {
  const { namespace = '' } = a;
  const { namespace: other = '' } = b;
  return namespace === other ? a.name < b.name : namespace < other;
}
