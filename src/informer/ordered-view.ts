import { lowerBound } from './lower-bound.js';

/** An object of a cache, and what it is ordered by. */
export interface Entry<T> {
  readonly key: string;
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

/** From how many entries on a list is mended rather than made anew. */
const LARGE = 100;
/** How many changes are mended at most. */
const MENDED = 64;

/** What became of an entry since a list was made. */
type Change = 'came' | 'went' | 'changed';

/**
 * The objects of a set of entries, by namespace and then name.
 *
 * Put in order when it is read, and kept until the set or an object changes: reading twice costs nothing, and writing much never sorts.
 * A long list of which little has changed is mended.
 */
export class OrderedView<T> {
  readonly #entries: EntrySet<T>;
  // the entries in order; undefined where they are to be sorted anew
  #order: Entry<T>[] | undefined;
  // the objects of #order, frozen as readers share it; undefined where they are to be gathered anew
  #objects: readonly T[] | undefined;
  // what #order and #objects lack; there from the first such change until they are brought up to date
  #changes: Map<Entry<T>, Change> | undefined;

  constructor(entries: EntrySet<T>) {
    this.#entries = entries;
  }

  /** To be called when an entry has come. */
  entryAdded(entry: Entry<T>): void {
    if (this.#order === undefined) return;
    const changes = this.#mendable();
    if (changes === undefined) this.#forget();
    else changes.set(entry, changes.get(entry) === 'went' ? 'changed' : 'came');
  }

  /** To be called when an entry has gone. */
  entryRemoved(entry: Entry<T>): void {
    if (this.#order === undefined) return;
    const changes = this.#mendable();
    if (changes === undefined) this.#forget();
    else if (changes.get(entry) === 'came') changes.delete(entry);
    else changes.set(entry, 'went');
  }

  /** To be called when the object of an entry has changed. */
  objectChanged(entry: Entry<T>): void {
    if (this.#objects === undefined) return;
    const changes = this.#mendable();
    if (changes !== undefined) {
      if (!changes.has(entry)) changes.set(entry, 'changed');
      return;
    }
    for (const change of this.#changes?.values() ?? []) if (change !== 'changed') this.#order = undefined;
    this.#objects = undefined;
    this.#changes = undefined;
  }

  objects(): readonly T[] {
    if (this.#objects !== undefined && (this.#changes?.size ?? 0) === 0) return this.#objects;
    if (this.#order !== undefined && this.#objects !== undefined) {
      this.#objects = this.#mended(this.#order, [...this.#objects]);
    } else {
      this.#order ??= [...this.#entries.values()].toSorted(byNamespaceAndName);
      this.#objects = Object.freeze(this.#order.map((entry) => entry.object));
    }
    return this.#objects;
  }

  /**
   * Where to write down one more change that can be mended; undefined where it cannot.
   *
   * Then nothing is kept for it: it might keep objects that are gone from being freed.
   */
  #mendable(): Map<Entry<T>, Change> | undefined {
    if (this.#order === undefined || this.#objects === undefined) return undefined;
    if (this.#order.length < LARGE || (this.#changes?.size ?? 0) >= MENDED) return undefined;
    return (this.#changes ??= new Map());
  }

  #forget(): void {
    this.#order = undefined;
    this.#objects = undefined;
    this.#changes = undefined;
  }

  /** Brings `order` and a copy of its objects up to date. */
  #mended(order: Entry<T>[], objects: T[]): readonly T[] {
    for (const [entry, change] of this.#changes ?? []) {
      const place = lowerBound(order, (other) => byNamespaceAndName(other, entry) < 0);
      if (change === 'changed') {
        objects[place] = entry.object;
      } else if (change === 'came') {
        order.splice(place, 0, entry);
        objects.splice(place, 0, entry.object);
      } else {
        order.splice(place, 1);
        objects.splice(place, 1);
      }
    }
    this.#changes = undefined;
    return Object.freeze(objects);
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
