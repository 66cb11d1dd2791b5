import type { StoredObject } from './stored-object.js';

/** The place of one object, from its creation to its deletion; `object` is always its newest state. */
export interface Slot {
  readonly namespace: string;
  readonly name: string;
  object: StoredObject;
}

/** The objects of one namespace, by name. */
class Bucket {
  readonly slots = new Map<string, Slot>();
  // the slots by name, or undefined where one came or went since they were last asked for
  #ordered: readonly Slot[] | undefined;

  touch(): void {
    this.#ordered = undefined;
  }

  ordered(): readonly Slot[] {
    this.#ordered ??= [...this.slots.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#ordered;
  }
}

/**
 * The objects of one kind as they are now, ordered by namespace, then name.
 *
 * Kinds of cluster scope keep all objects in the namespace `''`. Reads and writes of one object take constant time; an ordered walk
 * sorts the namespaces in which names came or went since the last one.
 */
export class ObjectTable {
  // no bucket is empty
  readonly #buckets = new Map<string, Bucket>();
  #namespaces: readonly string[] | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many objects there are in a namespace. */
  sizeOf(namespace: string): number {
    return this.#buckets.get(namespace)?.slots.size ?? 0;
  }

  get(namespace: string, name: string): Slot | undefined {
    return this.#buckets.get(namespace)?.slots.get(name);
  }

  add(slot: Slot): void {
    let bucket = this.#buckets.get(slot.namespace);
    if (bucket === undefined) {
      bucket = new Bucket();
      this.#buckets.set(slot.namespace, bucket);
      this.#namespaces = undefined;
    }
    bucket.slots.set(slot.name, slot);
    bucket.touch();
    this.#size += 1;
  }

  remove(slot: Slot): void {
    const bucket = this.#buckets.get(slot.namespace);
    if (bucket === undefined || !bucket.slots.delete(slot.name)) return;
    this.#size -= 1;
    if (bucket.slots.size > 0) {
      bucket.touch();
    } else {
      this.#buckets.delete(slot.namespace);
      this.#namespaces = undefined;
    }
  }

  /** The namespaces that hold objects, in order. */
  namespaces(): readonly string[] {
    this.#namespaces ??= [...this.#buckets.keys()].sort(compareNamespaces);
    return this.#namespaces;
  }

  /** The objects of one namespace or of all as they are now, ordered by namespace, then name. */
  ordered(namespace?: string): readonly Slot[] {
    if (namespace !== undefined) return this.#buckets.get(namespace)?.ordered() ?? [];
    return this.namespaces().flatMap((each) => this.ordered(each));
  }

  /** Every object, of one namespace or of all, in no particular order. */
  *slots(namespace?: string): Generator<Slot, void> {
    if (namespace !== undefined) {
      yield* this.#buckets.get(namespace)?.slots.values() ?? [];
    } else {
      for (const bucket of this.#buckets.values()) yield* bucket.slots.values();
    }
  }
}

/** The order of namespaces: that of their keys, `namespace/name`, in which `/` stands behind `-` and `.`. */
export function compareNamespaces(a: string, b: string): number {
  if (a === b) return 0;
  return `${a}/` < `${b}/` ? -1 : 1;
}
