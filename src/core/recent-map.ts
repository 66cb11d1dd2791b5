/**
 * A map that keeps what was used of late, for memos that are asked all the time: cheaper to read than an {@link LruMap}, and less exact.
 *
 * The `limit` keys that were used last are always there; up to twice as many may be.
 */
export class RecentMap<K, V> {
  readonly #limit: number;
  // what was used since the last turn, fewer than #limit; and what was used in the turn before
  #recent = new Map<K, V>();
  #older = new Map<K, V>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The value of a key, which is thereby used; undefined where there is none. */
  get(key: K): V | undefined {
    const value = this.#recent.get(key);
    if (value !== undefined) return value;
    const older = this.#older.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  /** Sets the value of a key, which is thereby used. */
  set(key: K, value: V): void {
    if (this.#recent.size >= this.#limit && !this.#recent.has(key)) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, value);
  }

  clear(): void {
    this.#recent.clear();
    this.#older.clear();
  }
}
