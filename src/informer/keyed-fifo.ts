/** What has a key. */
interface Keyed<K> {
  readonly key: K;
}

/** A first-in-first-out queue of values with unique keys, from anywhere in which a key can be taken out. */
export class KeyedFifo<K, V extends Keyed<K>> {
  // the one value there is; most of the time no second comes before it is taken out, and a map would only cost time
  #only: V | undefined;
  // where there were several, each under its key, in the order in which they came; empty while there is #only
  readonly #values = new Map<K, V>();
  // stands before the first of #values; an iterator that is kept goes past what was deleted once, a new one every time
  #first: MapIterator<V> = this.#values.values();

  get size(): number {
    return this.#only === undefined ? this.#values.size : 1;
  }

  get(key: K): V | undefined {
    if (this.#only === undefined) return this.#values.get(key);
    return this.#only.key === key ? this.#only : undefined;
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  /** Queues a value at the end, whose key is not queued. */
  push(value: V): void {
    if (this.size === 0) {
      this.#only = value;
      return;
    }
    if (this.#only !== undefined) this.#values.set(this.#only.key, this.#only);
    this.#only = undefined;
    this.#values.set(value.key, value);
  }

  delete(key: K): void {
    if (this.#only === undefined) this.#values.delete(key);
    else if (this.#only.key === key) this.#only = undefined;
  }

  clear(): void {
    this.#only = undefined;
    if (this.#values.size === 0) return;
    this.#values.clear();
    // one that stood still would keep what was there
    this.#first = this.#values.values();
  }

  /** Takes everything out, first in first. */
  drain(): V[] {
    const all = this.#only === undefined ? [...this.#values.values()] : [this.#only];
    this.clear();
    return all;
  }

  /** Every value, first in first. */
  values(): Iterable<V> {
    return this.#only === undefined ? this.#values.values() : [this.#only];
  }

  /** Takes the first value out; undefined where the queue is empty. */
  shift(): V | undefined {
    const only = this.#only;
    if (only !== undefined) {
      this.#only = undefined;
      return only;
    }
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
