/** A map of bounded size: the entry that was not used for longest makes room. */
export class LruMap<V> {
  readonly #limit: number;
  // the entries, from the one not used for longest to the one used last; at most #limit of them
  readonly #entries = new Map<string, V>();
  // stands before the oldest entry: a new one would go past everything that was deleted, each time
  readonly #oldest: MapIterator<[string, V]> = this.#entries.entries();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The value of a key, which is thereby used; undefined where there is none. */
  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  /** Sets the value of a key, which is thereby used, and answers with the value that had to make room, if any. */
  set(key: string, value: V): V | undefined {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return undefined;
    // there is one, as there are more than #limit
    const [oldest, evicted] = this.#oldest.next().value as [string, V];
    this.#entries.delete(oldest);
    return evicted;
  }

  /** Forgets a key, if it has this value. */
  delete(key: string, value: V): void {
    if (this.#entries.get(key) === value) this.#entries.delete(key);
  }

  /** All values; using none. */
  values(): Iterable<V> {
    return this.#entries.values();
  }
}
