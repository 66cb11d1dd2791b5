import { flatKey, LabelSelector, type ObjectKey } from '../core/index.js';
import { Findings } from './findings.js';
import type { Indexable } from './indexable.js';
import { pageOf } from './page-of.js';
import type { ListerOptions } from './lister.js';
import { type IndexFunction, IndexFunctionError, ObjectIndex } from './object-index.js';
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

/** Of index functions, the first first; undefined as long as none failed. */
type Failures = IndexFunctionError[] | undefined;

/** Has a chain of memberships behind it. */
type Link<T> = Pick<Membership<T>, 'next'>;

/** An entry of an indexer. */
class Slot<T extends Indexable> implements Entry<T>, Link<T> {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  object: T;
  /** Where it stands by its namespace; undefined where nobody asked for namespaces. */
  home: Membership<T> | undefined;
  /** Where it stands in the indexes, in their order. */
  next: Membership<T> | undefined = undefined;
  /** The replacement of all objects that it was kept in last. */
  replacement = 0;

  constructor(key: string, object: T, namespaces: Postings<T> | undefined) {
    const { name, namespace = '' } = object.metadata;
    this.key = key;
    this.namespace = namespace;
    this.name = name;
    this.object = object;
    this.home = namespaces?.add(namespace, this);
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
  // by the text of their keys
  #entries = new Map<string, Slot<T>>();
  // every object, in order
  #view = new OrderedView<T>(this.#entries);
  // the same entries by namespace, '' for objects without one; undefined until somebody asks for a namespace
  #namespaces: Postings<T> | undefined;
  // each at its position; none goes
  #indexes: ObjectIndex<T>[] = [];
  // empty; not there while a change is under way
  #spare: Findings | undefined;
  // the entry that was asked for last to be changed, if it is there still
  #asked: Slot<T> | undefined;
  // counts them
  #replacements = 0;

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
    return this.#entries.get(flatKey(key))?.object;
  }

  getByKey(key: string): T | undefined {
    return this.#entries.get(key)?.object;
  }

  /** The same for who is about to {@link change} it, which then looks no second time. */
  getToChange(key: string): T | undefined {
    const entry = this.#entries.get(key);
    this.#asked = entry;
    return entry?.object;
  }

  /** @throws ApiError BadRequest for a malformed label selector; RangeError for a limit that is none. */
  list(options: ListerOptions = {}): readonly T[] {
    const { namespace, labelSelector = '' } = options;
    const objects =
      namespace === undefined || namespace === ''
        ? this.#view.objects()
        : this.#byNamespace().objects(namespace);
    if (labelSelector === '') return pageOf(objects, options);
    const selector = typeof labelSelector === 'string' ? LabelSelector.parse(labelSelector) : labelSelector;
    return pageOf(objects, options, (object) => selector.matches(object.metadata.labels));
  }

  /** @throws TypeError where there is no such index. */
  byIndex(name: I, value: string): readonly T[] {
    return this.#index(name).postings.objects(value);
  }

  /** Every value that an index finds something under, sorted. @throws TypeError where there is no such index. */
  indexValues(name: I): readonly string[] {
    return [...this.#index(name).postings.values()].toSorted(compareText);
  }

  /**
   * Keeps an object in place of the one that has its key, if any; answers with that one.
   *
   * @throws IndexFunctionError naming the index and the object. By then the object is kept, and stands in every other index.
   */
  set(object: T): T | undefined {
    return this.#set(flatKey(object.metadata), object);
  }

  /** Takes an object out and answers with it. */
  delete(key: ObjectKey): T | undefined {
    return this.#delete(flatKey(key));
  }

  /** Makes one change. @throws IndexFunctionError as {@link set} does. */
  change(key: string, object: T | undefined): void {
    if (object === undefined) this.#delete(key);
    else this.#set(key, object);
  }

  /**
   * Makes many changes at once; of two of the same key the later one counts.
   *
   * @throws IndexFunctionError for the first object that an index function failed for, saying how many more there were. By then
   * everything is changed, and those objects stand in every other index.
   */
  apply(changes: readonly IndexerChange<T>[]): void {
    const found = new Findings();
    let failures: Failures;
    for (const { object } of changes) {
      if (object !== undefined) failures = this.#evaluate(object, found, failures);
    }
    // from here on no code of others runs
    for (const { key, object } of changes) {
      const entry = this.#entries.get(key);
      if (object !== undefined) this.#keep(key, entry, object, found);
      else if (entry !== undefined) this.#remove(entry);
    }
    throwFirst(failures);
  }

  /** Keeps these objects and no others, at once. @throws IndexFunctionError as {@link apply} does. */
  replace(objects: readonly T[]): void {
    const found = new Findings();
    let failures: Failures;
    for (const object of objects) failures = this.#evaluate(object, found, failures);
    this.#replacements += 1;
    for (const object of objects) {
      const key = flatKey(object.metadata);
      this.#keep(key, this.#entries.get(key), object, found).replacement = this.#replacements;
    }
    for (const entry of this.#entries.values()) {
      if (entry.replacement !== this.#replacements) this.#remove(entry);
    }
    throwFirst(failures);
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
    let failures: Failures;
    for (const entry of this.#entries.values()) {
      const found = new Findings();
      for (const index of added) failures = evaluate(index, entry.object, found, failures);
      let last: Link<T> = entry;
      while (last.next !== undefined) last = last.next;
      stand(entry, last, added, found);
    }
    this.#indexes.push(...added);
    throwFirst(failures);
    return this;
  }

  #set(key: string, object: T): T | undefined {
    const found = this.#spare ?? new Findings();
    this.#spare = undefined;
    const failures = this.#evaluate(object, found, undefined);
    const entry = this.#entry(key);
    const previous = entry?.object;
    this.#keep(key, entry, object, found);
    found.clear();
    this.#spare = found;
    throwFirst(failures);
    return previous;
  }

  #entry(key: string): Slot<T> | undefined {
    return this.#asked?.key === key ? this.#asked : this.#entries.get(key);
  }

  #delete(key: string): T | undefined {
    const entry = this.#entry(key);
    if (entry === undefined) return undefined;
    this.#remove(entry);
    return entry.object;
  }

  /**
   * Has what another has, at once, in the place of all that it had; the other may not be used any more.
   *
   * @throws IndexFunctionError as {@link addIndexers} does, for an index that the other lacks.
   */
  adopt(other: Indexer<T, I>): void {
    const own = this.#indexes;
    this.#entries = other.#entries;
    this.#view = other.#view;
    this.#namespaces = other.#namespaces;
    this.#indexes = other.#indexes;
    this.#asked = undefined;
    this.addIndexers(Object.fromEntries(own.map(({ name, indexFunction }) => [name, indexFunction])));
  }

  #evaluate(object: T, found: Findings, earlier: Failures): Failures {
    let failures = earlier;
    for (const index of this.#indexes) failures = evaluate(index, object, found, failures);
    return failures;
  }

  /** Keeps an object in the entry of its key, where there is one, under what is found for it. */
  #keep(key: string, known: Slot<T> | undefined, object: T, found: Findings): Slot<T> {
    const entry = known ?? this.#enter(key, object);
    if (known !== undefined) {
      known.object = object;
      known.home?.posting.view.objectChanged(known);
      this.#view.objectChanged(known);
    }
    stand(entry, entry, this.#indexes, found);
    return entry;
  }

  #enter(key: string, object: T): Slot<T> {
    const entry = new Slot(key, object, this.#namespaces);
    this.#entries.set(key, entry);
    this.#view.entryAdded(entry);
    return entry;
  }

  #remove(entry: Slot<T>): void {
    this.#entries.delete(entry.key);
    if (this.#asked === entry) this.#asked = undefined;
    this.#view.entryRemoved(entry);
    leave(entry.home);
    leave(entry.next);
  }

  #byNamespace(): Postings<T> {
    if (this.#namespaces === undefined) {
      this.#namespaces = new Postings<T>();
      for (const entry of this.#entries.values()) {
        entry.home = this.#namespaces.add(entry.namespace, entry);
      }
    }
    return this.#namespaces;
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

/** Takes note of what an index finds for an object; of nothing, and of the failure, where its function failed. Answers with all failures. */
function evaluate<T extends Indexable>(
  index: ObjectIndex<T>,
  object: T,
  found: Findings,
  earlier: Failures,
): Failures {
  let failures = earlier;
  try {
    index.evaluate(object, found);
  } catch (error) {
    if (!(error instanceof IndexFunctionError)) throw error;
    failures ??= [];
    failures.push(error);
  }
  found.end();
  return failures;
}

/** Makes an entry, whose object has changed or is new, stand under what these indexes found, and nowhere else behind `last`. */
function stand<T extends Indexable>(
  entry: Slot<T>,
  last: Link<T>,
  indexes: readonly ObjectIndex<T>[],
  found: Findings,
): void {
  for (const { postings } of indexes) {
    for (let value = found.next(); value !== undefined; value = found.next()) {
      const { next } = last;
      if (next !== undefined && next.posting.value === value && next.posting.postings === postings) {
        next.posting.view.objectChanged(entry);
        last = next;
      } else {
        leave(next);
        last.next = postings.add(value, entry);
        last = last.next;
      }
    }
  }
  leave(last.next);
  last.next = undefined;
}

/** Ends a membership and all behind it. */
function leave(first: Membership<unknown> | undefined): void {
  for (let member = first; member !== undefined; member = member.next) member.posting.postings.remove(member);
}

/** Throws the first of the failures of index functions that others went on after, and says how many more there were. */
function throwFirst(failures: Failures): void {
  const first = failures?.[0];
  if (failures === undefined || first === undefined) return;
  if (failures.length === 1) throw first;
  const { index, key, cause } = first;
  const why = cause instanceof Error ? cause.message : 'see its cause';
  throw new IndexFunctionError(index, key, `${why} (and ${failures.length - 1} more failures)`, cause);
}
