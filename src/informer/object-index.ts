import { formatKey, type ObjectKey, preview } from '../core/index.js';
import { type Entry, OrderedView } from './ordered-view.js';

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

/** The entries under one value. */
class Posting<T> {
  readonly entries = new Set<Entry<T>>();
  readonly view = new OrderedView<T>(this.entries);
}

/** One index of a cache: from values to the objects that have them. */
export class ObjectIndex<T> {
  readonly name: string;
  readonly indexFunction: IndexFunction<T>;
  // no posting is empty
  readonly #postings = new Map<string, Posting<T>>();
  // the values under which each entry stands, so that none is left behind when the function answers otherwise later; none is empty
  readonly #values = new Map<Entry<T>, readonly string[]>();

  constructor(name: string, indexFunction: IndexFunction<T>) {
    this.name = name;
    this.indexFunction = indexFunction;
  }

  /**
   * Takes note of the present object of an entry.
   *
   * @throws IndexFunctionError; the entry then stands nowhere in this index.
   */
  put(entry: Entry<T>): void {
    const old = this.#values.get(entry);
    let values: readonly string[];
    try {
      values = this.#evaluate(entry);
    } catch (error) {
      this.remove(entry);
      throw error;
    }
    if (old !== undefined && sameTexts(old, values)) {
      for (const value of old) this.#postings.get(value)?.view.objectChanged();
      return;
    }
    this.remove(entry);
    if (values.length === 0) return;
    for (const value of values) {
      let posting = this.#postings.get(value);
      if (posting === undefined) {
        posting = new Posting<T>();
        this.#postings.set(value, posting);
      }
      posting.entries.add(entry);
      posting.view.entriesChanged();
    }
    this.#values.set(entry, values);
  }

  remove(entry: Entry<T>): void {
    const values = this.#values.get(entry);
    if (values === undefined) return;
    this.#values.delete(entry);
    for (const value of values) {
      const posting = this.#postings.get(value) as Posting<T>;
      posting.entries.delete(entry);
      posting.view.entriesChanged();
      if (posting.entries.size === 0) this.#postings.delete(value);
    }
  }

  /** Every value under which at least one object stands, in no order. */
  values(): IterableIterator<string> {
    return this.#postings.keys();
  }

  /** The objects that have a value, by namespace and then name. */
  objects(value: string): readonly T[] {
    return this.#postings.get(value)?.view.objects() ?? NONE;
  }

  #evaluate(entry: Entry<T>): readonly string[] {
    let values: readonly string[];
    try {
      values = this.indexFunction(entry.object);
    } catch (error) {
      throw this.#failure(entry, error instanceof Error ? error.message : preview(error), error);
    }
    if (!Array.isArray(values))
      throw this.#failure(entry, `expected an array of strings, got ${preview(values)}`);
    for (const value of values as readonly unknown[]) {
      if (typeof value !== 'string') throw this.#failure(entry, `expected strings, got ${preview(value)}`);
    }
    return values.length < 2 ? [...values] : [...new Set(values)];
  }

  #failure({ name, namespace }: Entry<T>, why: string, cause?: unknown): IndexFunctionError {
    return new IndexFunctionError(this.name, namespace === '' ? { name } : { namespace, name }, why, cause);
  }
}

const NONE: readonly never[] = /* @__PURE__ */ Object.freeze([]);

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
