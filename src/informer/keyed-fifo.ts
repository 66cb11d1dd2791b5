/** What has a key. */
interface Keyed<K> {
  readonly key: K;
}

/** A first-in-first-out queue of values with unique keys, from anywhere in which a key can be taken out. */
export class KeyedFifo<K, V extends Keyed<K>> {
  // each under its key; a map keeps the order in which they came
  readonly #values = new Map<K, V>();
  // stands before the first; an iterator that is kept goes past what was deleted once, a new one every time
  #first: MapIterator<V> = this.#values.values();

  get size(): number {
    return this.#values.size;
  }

  get(key: K): V | undefined {
    return this.#values.get(key);
  }

  has(key: K): boolean {
    return this.#values.has(key);
  }

  /** Queues a value at the end, whose key is not queued. */
  push(value: V): void {
    this.#values.set(value.key, value);
  }

  delete(key: K): void {
    this.#values.delete(key);
  }

  clear(): void {
    this.#values.clear();
    // one that stood still would keep what was there
    this.#first = this.#values.values();
  }

  /** Every value, first in first. */
  values(): IterableIterator<V> {
    return this.#values.values();
  }

  /** Takes the first value out; undefined where the queue is empty. */
  shift(): V | undefined {
    if (this.#values.size === 0) return undefined;
    let first = this.#first.next();
    if (first.done === true) {
      // it came to the end once, and stays there whatever is queued afterwards
      this.#first = this.#values.values();
      first = this.#first.next();
    }
    const value = first.value as V;
    this.#values.delete(value.key);
    return value;
  }
}
