import { formatKey, LabelSelector, type ObjectKey } from '../core/index.js';
import type { Indexable } from './indexable.js';
import { pageOf } from './page-of.js';
import type { ListerOptions } from './lister.js';
import { type IndexFunction, IndexFunctionError, type Memberships, ObjectIndex } from './object-index.js';
import { compareText, type Entry, OrderedView } from './ordered-view.js';
import { type Membership, Postings } from './postings.js';

/** Index functions by the names of their indexes. */
export type Indexers<T, I extends string> = { readonly [Name in I]: IndexFunction<T> };

/** What an {@link Indexer} is to have under a key from now on. */
export interface IndexerChange<T> {
  /** As `formatKey` writes it. */
  readonly key: string;
  /** Undefined: nothing. */
  readonly object: T | undefined;
}

/** An entry of an indexer. */
class Slot<T> implements Entry<T> {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  object: T;
  /** Of its namespace; undefined until it stands there. */
  home: Membership<T> | undefined = undefined;
  /** By the position of an index: where it stands there. */
  memberships: readonly Memberships<T>[] = NONE;

  constructor(key: string, namespace: string, name: string, object: T) {
    this.key = key;
    this.namespace = namespace;
    this.name = name;
    this.object = object;
  }
}

/**
 * Objects by key, in order, and by any number of indexes.
 *
 * It keeps and hands out the very objects that were put in, so they must be frozen. Lists are ordered by namespace and then name, are
 * snapshots, and are shared by everyone who asks before the next change.
 *
 * A change is taken over at once, however many objects it has: its index functions run first, and see what was there before.
 *
 * Source: `Indexer` and `ThreadSafeStore` of client-go.
 */
export class Indexer<T extends Indexable, I extends string = never> {
  // every object by the text of its key, once more: what is read most is worth one step less
  readonly #objects = new Map<string, T>();
  // by the text of their keys
  readonly #entries = new Map<string, Slot<T>>();
  // every object, in order
  readonly #view = new OrderedView<T>(this.#entries);
  // the same entries by namespace, '' for objects without one
  readonly #namespaces = new Postings<T>();
  // each at its position; none goes
  readonly #indexes: ObjectIndex<T>[] = [];

  constructor(indexers?: Indexers<T, I>) {
    if (indexers !== undefined) this.addIndexers(indexers);
  }

  /** How many objects there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** The key of every object, as `formatKey` writes it, in no order. */
  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(formatKey(key));
  }

  getByKey(key: string): T | undefined {
    return this.#objects.get(key);
  }

  /** @throws ApiError BadRequest for a malformed label selector; RangeError for a limit that is none. */
  list(options: ListerOptions = {}): readonly T[] {
    const { namespace, labelSelector = '' } = options;
    const objects =
      namespace === undefined || namespace === ''
        ? this.#view.objects()
        : this.#namespaces.objects(namespace);
    if (labelSelector === '') return pageOf(objects, options);
    const selector = typeof labelSelector === 'string' ? LabelSelector.parse(labelSelector) : labelSelector;
    return pageOf(objects, options, (object) => selector.matches(object.metadata.labels));
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
    const key = formatKey(object.metadata);
    const entry = this.#entries.get(key);
    const previous = entry?.object;
    const failures: IndexFunctionError[] = [];
    const values = this.#evaluate(object, failures);
    this.#keep(key, entry, object, values);
    throwFirst(failures);
    return previous;
  }

  /** Takes an object out and answers with it. */
  delete(key: ObjectKey): T | undefined {
    const entry = this.#entries.get(formatKey(key));
    if (entry === undefined) return undefined;
    this.#remove(entry);
    return entry.object;
  }

  /**
   * Makes many changes at once, no two of the same key.
   *
   * @throws IndexFunctionError for the first object that an index function failed for, saying how many more there were. By then
   * everything is changed, and those objects stand in every other index.
   */
  apply(changes: readonly IndexerChange<T>[]): void {
    const failures: IndexFunctionError[] = [];
    const values = changes.map(({ object }) =>
      object === undefined ? NONE : this.#evaluate(object, failures),
    );
    // from here on no code of others runs
    for (const [index, { key, object }] of changes.entries()) {
      const entry = this.#entries.get(key);
      if (object !== undefined) this.#keep(key, entry, object, values[index] as Evaluation);
      else if (entry !== undefined) this.#remove(entry);
    }
    throwFirst(failures);
  }

  /** Keeps these objects and no others, at once. @throws IndexFunctionError as {@link apply} does. */
  replace(objects: readonly T[]): void {
    const changes = new Map<string, IndexerChange<T>>();
    for (const object of objects) {
      const key = formatKey(object.metadata);
      changes.set(key, { key, object });
    }
    for (const key of this.#entries.keys()) {
      if (!changes.has(key)) changes.set(key, { key, object: undefined });
    }
    this.apply([...changes.values()]);
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
      const taken = this.#find(name);
      if (taken === undefined) {
        added.push(new ObjectIndex(name, indexFunction));
      } else if (taken.indexFunction !== indexFunction) {
        throw new TypeError(`index ${JSON.stringify(name)}: the name is taken by another index function`);
      }
    }
    const failures: IndexFunctionError[] = [];
    for (const index of added) {
      for (const entry of this.#entries.values()) {
        const values = evaluate(index, entry.object, failures);
        entry.memberships = [...entry.memberships, index.put(entry, values, NONE)];
      }
    }
    this.#indexes.push(...added);
    throwFirst(failures);
    return this;
  }

  #evaluate(object: T, failures: IndexFunctionError[]): Evaluation {
    return this.#indexes.map((index) => evaluate(index, object, failures));
  }

  #keep(key: string, known: Slot<T> | undefined, object: T, values: Evaluation): void {
    this.#objects.set(key, object);
    const entry = known ?? this.#enter(key, object);
    if (known !== undefined) {
      known.object = object;
      known.home?.posting.view.objectChanged(known);
      this.#view.objectChanged(known);
    }
    const old = entry.memberships;
    entry.memberships = values.map((found, position) =>
      (this.#indexes[position] as ObjectIndex<T>).put(entry, found, old[position] ?? NONE),
    );
  }

  #enter(key: string, object: T): Slot<T> {
    const { name, namespace = '' } = object.metadata;
    const entry = new Slot(key, namespace, name, object);
    entry.home = this.#namespaces.add(namespace, entry);
    this.#entries.set(key, entry);
    this.#view.entryAdded(entry);
    return entry;
  }

  #remove(entry: Slot<T>): void {
    this.#objects.delete(entry.key);
    this.#entries.delete(entry.key);
    this.#view.entryRemoved(entry);
    if (entry.home !== undefined) this.#namespaces.remove(entry.home);
    for (const [position, members] of entry.memberships.entries()) this.#indexes[position]?.remove(members);
  }

  #find(name: string): ObjectIndex<T> | undefined {
    return this.#indexes.find((index) => index.name === name);
  }

  #index(name: string): ObjectIndex<T> {
    const index = this.#find(name);
    if (index === undefined) {
      const known = this.#indexes.map((each) => JSON.stringify(each.name)).join(', ');
      throw new TypeError(
        `index ${JSON.stringify(name)}: expected ${known === '' ? 'an index to be declared' : known}`,
      );
    }
    return index;
  }
}

/** What each index finds for one object, by its position. */
type Evaluation = readonly (readonly string[])[];

const NONE: readonly never[] = /* @__PURE__ */ Object.freeze([]);

/** What an index finds for an object; nothing, with the failure noted, where its function failed. */
function evaluate<T extends Indexable>(
  index: ObjectIndex<T>,
  object: T,
  failures: IndexFunctionError[],
): readonly string[] {
  try {
    return index.evaluate(object);
  } catch (error) {
    if (!(error instanceof IndexFunctionError)) throw error;
    failures.push(error);
    return NONE;
  }
}

/** Throws the first of the failures of index functions that others went on after, and says how many more there were. */
function throwFirst(failures: readonly IndexFunctionError[]): void {
  const [first] = failures;
  if (first === undefined) return;
  if (failures.length === 1) throw first;
  const { index, key, cause } = first;
  const why = cause instanceof Error ? cause.message : 'see its cause';
  throw new IndexFunctionError(index, key, `${why} (and ${failures.length - 1} more failures)`, cause);
}
