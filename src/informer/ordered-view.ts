/** An object of a cache, and what it is ordered by. */
export interface Entry<T> {
  /** `''` where the kind has no namespaces. */
  readonly namespace: string;
  readonly name: string;
  /** The present state; the same entry keeps its place through all changes of the object. */
  object: T;
}

/** A set or a map of entries. */
export interface EntrySet<T> {
  readonly size: number;
  values(): Iterable<Entry<T>>;
}

/**
 * The objects of a set of entries, by namespace and then name.
 *
 * Sorted when it is read, and kept until the set or an object changes: reading twice costs nothing, and writing much never sorts.
 */
export class OrderedView<T> {
  readonly #entries: EntrySet<T>;
  // the entries in order; undefined since an entry came or went
  #order: readonly Entry<T>[] | undefined;
  // the objects of #order, frozen as readers share it; undefined since any object changed
  #objects: readonly T[] | undefined;

  constructor(entries: EntrySet<T>) {
    this.#entries = entries;
  }

  /** To be called when an entry came or went. */
  entriesChanged(): void {
    this.#order = undefined;
    this.#objects = undefined;
  }

  /** To be called when the object of an entry changed. */
  objectChanged(): void {
    this.#objects = undefined;
  }

  objects(): readonly T[] {
    if (this.#objects === undefined) {
      this.#order ??= [...this.#entries.values()].toSorted(byNamespaceAndName);
      this.#objects = Object.freeze(this.#order.map((entry) => entry.object));
    }
    return this.#objects;
  }
}

function byNamespaceAndName(a: Entry<unknown>, b: Entry<unknown>): number {
  return compareText(a.namespace, b.namespace) || compareText(a.name, b.name);
}

/** Orders texts by their UTF-16 code units, on every machine alike. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
