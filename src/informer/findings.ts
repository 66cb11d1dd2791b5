/** What the index functions found for some objects: written once, index after index and object after object, and read once in the same order. */
export class Findings {
  // undefined stands behind the values of an index for an object
  readonly #values: (string | undefined)[] = [];
  #read = 0;

  add(value: string): void {
    this.#values.push(value);
  }

  /** What is added from here on is of the next index, or the next object. */
  end(): void {
    this.#values.push(undefined);
  }

  /** The next value; undefined where those of an index for an object end. */
  next(): string | undefined {
    const value = this.#values[this.#read];
    this.#read += 1;
    return value;
  }
}
