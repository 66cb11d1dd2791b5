/** How often each key has failed. */
export class FailureCounts {
  // holds no zero: a key that never failed, or was forgotten, costs nothing
  readonly #counts = new Map<string, number>();

  /** Counts a failure and answers how many there were before it. */
  fail(key: string): number {
    const before = this.#counts.get(key) ?? 0;
    this.#counts.set(key, before + 1);
    return before;
  }

  forget(key: string): void {
    this.#counts.delete(key);
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }
}
