import { formatKey, type ObjectKey, preview } from '../core/index.js';
import type { Indexable } from './indexable.js';
import type { Entry } from './ordered-view.js';
import { type Membership, Postings } from './postings.js';

/** The values under which an index finds an object: any number of them. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** An index function failed for an object: it threw, or answered with something else than strings. */
export class IndexFunctionError extends TypeError {
  readonly index: string;
  readonly key: ObjectKey;

  constructor(index: string, key: ObjectKey, why: string, cause?: unknown) {
    super(
      `index ${JSON.stringify(index)} failed for ${JSON.stringify(formatKey(key))}: ${why}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = 'IndexFunctionError';
    this.index = index;
    this.key = key;
  }
}

/** Where an entry stands in an index: its entry keeps it, so that none is left behind when the index function answers otherwise later. */
export type Memberships<T> = readonly Membership<T>[];

/** One index of a cache: from values to the objects that have them. */
export class ObjectIndex<T extends Indexable> {
  readonly name: string;
  readonly indexFunction: IndexFunction<T>;
  readonly #postings = new Postings<T>();

  constructor(name: string, indexFunction: IndexFunction<T>) {
    this.name = name;
    this.indexFunction = indexFunction;
  }

  /** The values that the function finds for an object, each once. @throws IndexFunctionError. */
  evaluate(object: T): readonly string[] {
    let values: readonly string[];
    try {
      values = this.indexFunction(object);
    } catch (error) {
      throw this.#failure(object, error instanceof Error ? error.message : preview(error), error);
    }
    if (!Array.isArray(values))
      throw this.#failure(object, `expected an array of strings, got ${preview(values)}`);
    for (const value of values as readonly unknown[]) {
      if (typeof value !== 'string') throw this.#failure(object, `expected strings, got ${preview(value)}`);
    }
    // a copy: the function may use its array again
    return values.length < 2 ? [...values] : [...new Set(values)];
  }

  /** Makes an entry, whose object has changed or is new, stand under these values alone; answers with where it then stands. */
  put(entry: Entry<T>, values: readonly string[], old: Memberships<T>): Memberships<T> {
    if (old.length > 0) {
      if (haveValues(old, values)) {
        for (const { posting } of old) posting.view.objectChanged(entry);
        return old;
      }
      this.remove(old);
    }
    return values.map((value) => this.#postings.add(value, entry));
  }

  remove(memberships: Memberships<T>): void {
    for (const member of memberships) this.#postings.remove(member);
  }

  /** Every value under which at least one object stands, in no order. */
  values(): IterableIterator<string> {
    return this.#postings.values();
  }

  /** The objects that have a value, by namespace and then name. */
  objects(value: string): readonly T[] {
    return this.#postings.objects(value);
  }

  #failure({ metadata }: T, why: string, cause?: unknown): IndexFunctionError {
    const { name, namespace = '' } = metadata;
    return new IndexFunctionError(this.name, namespace === '' ? { name } : { namespace, name }, why, cause);
  }
}

function haveValues(members: Memberships<unknown>, values: readonly string[]): boolean {
  if (members.length !== values.length) return false;
  for (let index = 0; index < values.length; index += 1) {
    if ((members[index] as Membership<unknown>).posting.value !== values[index]) return false;
  }
  return true;
}
