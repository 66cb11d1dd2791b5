import { formatKey, type ObjectKey, preview } from '../core/index.js';
import type { Findings } from './findings.js';
import type { Indexable } from './indexable.js';
import { Postings } from './postings.js';

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

/** One index of a cache: from values to the objects that have them. */
export class ObjectIndex<T extends Indexable> {
  readonly name: string;
  readonly indexFunction: IndexFunction<T>;
  /** Where the objects stand. */
  readonly postings: Postings<T> = new Postings<T>();

  constructor(name: string, indexFunction: IndexFunction<T>) {
    this.name = name;
    this.indexFunction = indexFunction;
  }

  /** Takes note of the values that the function finds for an object, each once. @throws IndexFunctionError; nothing is noted then. */
  evaluate(object: T, found: Findings): void {
    let values: readonly string[];
    try {
      values = this.indexFunction(object);
    } catch (error) {
      throw this.#failure(object, error instanceof Error ? error.message : preview(error), error);
    }
    if (!Array.isArray(values))
      throw this.#failure(object, `expected an array of strings, got ${preview(values)}`);
    // most indexes find one value, and a loop would make an iterator for it
    if (values.length === 1) found.add(this.#text(object, values[0]));
    else if (values.length > 1) this.#evaluateMany(object, values, found);
  }

  #evaluateMany(object: T, values: readonly string[], found: Findings): void {
    const texts = new Set<string>();
    for (const value of values) texts.add(this.#text(object, value));
    for (const text of texts) found.add(text);
  }

  #text(object: T, value: unknown): string {
    if (typeof value !== 'string') throw this.#failure(object, `expected strings, got ${preview(value)}`);
    return value;
  }

  #failure({ metadata }: T, why: string, cause?: unknown): IndexFunctionError {
    const { name, namespace = '' } = metadata;
    return new IndexFunctionError(this.name, namespace === '' ? { name } : { namespace, name }, why, cause);
  }
}
