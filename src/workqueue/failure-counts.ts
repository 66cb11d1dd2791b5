/** How often each key has failed. */
export class FailureCounts {
  // the key that failed last, where it was not forgotten since: most keys succeed before another fails, and a map that is filled and
  // emptied over and over costs more than all the rest
  #newest: string | undefined;
  // of #newest; means nothing where there is none
  #count = 0;
  // of the others, and an outdated one of #newest, perhaps; holds no zero: a key that never failed, or was forgotten, costs nothing
  readonly #counts = new Map<string, number>();

  /** Counts a failure and answers how many there were before it. */
  fail(key: string): number {
    if (key !== this.#newest) {
      if (this.#newest !== undefined) this.#counts.set(this.#newest, this.#count);
      this.#newest = key;
      this.#count = this.#counts.get(key) ?? 0;
    }
    this.#count += 1;
    return this.#count - 1;
  }

  forget(key: string): void {
    if (key === this.#newest) this.#newest = undefined;
    if (this.#counts.size > 0) this.#counts.delete(key);
  }

  of(key: string): number {
    return key === this.#newest ? this.#count : (this.#counts.get(key) ?? 0);
  }
}
