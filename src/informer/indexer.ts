import { formatKey, LabelSelector, type ObjectKey } from '../core/index.js';
import type { ListerOptions } from './lister.js';
import { type IndexFunction, IndexFunctionError, ObjectIndex } from './object-index.js';
import { compareText, type Entry, OrderedView } from './ordered-view.js';

/** What an object must have to be kept in an {@link Indexer}. */
export interface Indexable {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
}

/** Index functions by the names of their indexes. */
export type Indexers<T, I extends string> = { readonly [Name in I]: IndexFunction<T> };

/** The objects of one namespace. */
class Bucket<T> {
  // by name
  readonly entries = new Map<string, Entry<T>>();
  readonly view = new OrderedView<T>(this.entries);
}

/**
 * Objects by key, in order, and by any number of indexes.
 *
 * It keeps and hands out the very objects that were put in, so they must be frozen. Lists are ordered by namespace and then name, are
 * snapshots, and are shared by everyone who asks before the next change.
 *
 * Source: `Indexer` and `ThreadSafeStore` of client-go.
 */
export class Indexer<T extends Indexable, I extends string = never> {
  // by namespace, '' for objects without one; no bucket is empty
  readonly #buckets = new Map<string, Bucket<T>>();
  readonly #indexes = new Map<string, ObjectIndex<T>>();
  #size = 0;
  // every object, in order; undefined since any of them changed
  #all: readonly T[] | undefined;

  constructor(indexers?: Indexers<T, I>) {
    if (indexers !== undefined) this.addIndexers(indexers);
  }

  /** How many objects there are. */
  get size(): number {
    return this.#size;
  }

  /** The key of every object, as `formatKey` writes it, in no order. */
  *keys(): IterableIterator<string> {
    for (const bucket of this.#buckets.values()) {
      for (const entry of bucket.entries.values()) yield formatKey(entry);
    }
  }

  get(key: ObjectKey): T | undefined {
    return this.#buckets.get(key.namespace ?? '')?.entries.get(key.name)?.object;
  }

  /** @throws ApiError BadRequest for a malformed label selector. */
  list(options: ListerOptions = {}): readonly T[] {
    const { namespace, labelSelector } = options;
    const objects =
      namespace === undefined || namespace === '' ? this.#everything() : this.#namespaced(namespace);
    if (labelSelector === undefined || labelSelector === '') return objects;
    const selector = typeof labelSelector === 'string' ? LabelSelector.parse(labelSelector) : labelSelector;
    return Object.freeze(objects.filter((object) => selector.matches(object.metadata.labels)));
  }

  /** @throws TypeError where there is no such index. */
  byIndex(name: I, value: string): readonly T[] {
    return this.#index(name).objects(value);
  }

  /** Every value that an index finds something under, sorted. @throws TypeError where there is no such index. */
  indexValues(name: I): readonly string[] {
    return [...this.#index(name).values()].toSorted(compareText);
  }

  /**
   * Keeps an object in place of the one that has its key, if any; answers with that one.
   *
   * @throws IndexFunctionError naming the index and the object. By then the object is kept, and stands in every other index.
   */
  set(object: T): T | undefined {
    const { name, namespace = '' } = object.metadata;
    let bucket = this.#buckets.get(namespace);
    if (bucket === undefined) {
      bucket = new Bucket<T>();
      this.#buckets.set(namespace, bucket);
    }
    let entry = bucket.entries.get(name);
    const previous = entry?.object;
    if (entry === undefined) {
      entry = { namespace, name, object };
      bucket.entries.set(name, entry);
      bucket.view.entriesChanged();
      this.#size += 1;
    } else {
      entry.object = object;
      bucket.view.objectChanged();
    }
    this.#all = undefined;
    this.#updateIndexes(entry);
    return previous;
  }

  /** Takes an object out and answers with it. */
  delete(key: ObjectKey): T | undefined {
    const bucket = this.#buckets.get(key.namespace ?? '');
    const entry = bucket?.entries.get(key.name);
    if (bucket === undefined || entry === undefined) return undefined;
    bucket.entries.delete(key.name);
    bucket.view.entriesChanged();
    if (bucket.entries.size === 0) this.#buckets.delete(entry.namespace);
    this.#size -= 1;
    this.#all = undefined;
    for (const index of this.#indexes.values()) index.remove(entry);
    return entry.object;
  }

  /**
   * Adds indexes, of what is there already too; adding the same function under the same name again does nothing.
   *
   * @throws TypeError where a name is taken by another function; nothing is added then. IndexFunctionError where a function fails for an
   * object; the indexes are added then, without that object.
   */
  addIndexers<J extends string>(indexers: Indexers<T, J>): Indexer<T, I | J> {
    const added: ObjectIndex<T>[] = [];
    for (const name of Object.keys(indexers)) {
      const indexFunction = indexers[name as J];
      const taken = this.#indexes.get(name);
      if (taken === undefined) added.push(new ObjectIndex(name, indexFunction));
      else if (taken.indexFunction !== indexFunction) {
        throw new TypeError(`index ${JSON.stringify(name)}: the name is taken by another index function`);
      }
    }
    const failures = new Failures();
    for (const index of added) {
      this.#indexes.set(index.name, index);
      for (const bucket of this.#buckets.values()) {
        for (const entry of bucket.entries.values()) {
          try {
            index.put(entry);
          } catch (error) {
            failures.add(error);
          }
        }
      }
    }
    failures.throw();
    return this;
  }

  #updateIndexes(entry: Entry<T>): void {
    let failures: Failures | undefined;
    for (const index of this.#indexes.values()) {
      try {
        index.put(entry);
      } catch (error) {
        failures ??= new Failures();
        failures.add(error);
      }
    }
    failures?.throw();
  }

  #everything(): readonly T[] {
    if (this.#all === undefined) {
      const namespaces = [...this.#buckets.keys()].toSorted(compareText);
      this.#all =
        namespaces.length === 1
          ? this.#namespaced(namespaces[0] as string)
          : Object.freeze(namespaces.flatMap((namespace) => this.#namespaced(namespace)));
    }
    return this.#all;
  }

  #namespaced(namespace: string): readonly T[] {
    return this.#buckets.get(namespace)?.view.objects() ?? NONE;
  }

  #index(name: string): ObjectIndex<T> {
    const index = this.#indexes.get(name);
    if (index === undefined) {
      const known = [...this.#indexes.keys()].map((each) => JSON.stringify(each)).join(', ');
      throw new TypeError(
        `index ${JSON.stringify(name)}: expected ${known === '' ? 'an index to be declared' : known}`,
      );
    }
    return index;
  }
}

const NONE: readonly never[] = /* @__PURE__ */ Object.freeze([]);

/** The index functions that failed while others went on. */
class Failures {
  #first: IndexFunctionError | undefined;
  #more = 0;

  /** Takes note of what an index threw; passes on what is no failure of a function. */
  add(error: unknown): void {
    if (!(error instanceof IndexFunctionError)) throw error;
    if (this.#first === undefined) this.#first = error;
    else this.#more += 1;
  }

  /** Throws the first, and says how many more there were. */
  throw(): void {
    const first = this.#first;
    if (first === undefined) return;
    if (this.#more === 0) throw first;
    const { index, key, cause } = first;
    const why = cause instanceof Error ? cause.message : 'see its cause';
    throw new IndexFunctionError(index, key, `${why} (and ${this.#more} more failures)`, cause);
  }
}
