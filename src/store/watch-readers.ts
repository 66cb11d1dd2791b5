/** One who waits for an event of a watch, or its end. */
interface WatchReader<R> {
  readonly resolve: (result: R) => void;
  readonly reject: (error: Error) => void;
}

/** Those who wait for an event of a watch, first come first. */
export class WatchReaders<R> {
  // nearly always there is one, which a list would only make slower; undefined only while #behind is empty
  #first: WatchReader<R> | undefined;
  readonly #behind: WatchReader<R>[] = [];

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  push(reader: WatchReader<R>): void {
    if (this.#first === undefined) this.#first = reader;
    else this.#behind.push(reader);
  }

  /** Takes out the one that has waited longest. */
  shift(): WatchReader<R> | undefined {
    const reader = this.#first;
    this.#first = this.#behind.shift();
    return reader;
  }
}
