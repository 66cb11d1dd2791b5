/** What the index functions found for some objects: written once, index after index and object after object, and read once in the same order. */
export class Findings {
  // undefined stands behind the values of an index for an object; from #written on it means nothing
  readonly #values: (string | undefined)[] = [];
  #written = 0;
  #read = 0;

  add(value: string): void {
    this.#values[this.#written] = value;
    this.#written += 1;
  }

  /** What is added from here on is of the next index, or the next object. */
  end(): void {
    this.#values[this.#written] = undefined;
    this.#written += 1;
  }

  /** The next value; undefined where those of an index for an object end. */
  next(): string | undefined {
    const value = this.#values[this.#read];
    this.#read += 1;
    return value;
  }

  /** Begins anew, in the same memory. */
  clear(): void {
    this.#written = 0;
    this.#read = 0;
  }
}
