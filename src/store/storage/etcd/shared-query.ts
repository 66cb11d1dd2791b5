/**
 * A question whose answer is shared: callers who ask while one is on its way get the answer of the next.
 *
 * Nobody gets an answer to a question that was put before their call.
 */
export class SharedQuery<Answer> {
  readonly #ask: () => Promise<Answer>;
  // the question that is on its way
  #running: Promise<Answer> | undefined;
  // the question that will be put when that is answered, or in a moment
  #next: Promise<Answer> | undefined;

  constructor(ask: () => Promise<Answer>) {
    this.#ask = ask;
  }

  answer(): Promise<Answer> {
    this.#next ??= this.#askNext();
    return this.#next;
  }

  async #askNext(): Promise<Answer> {
    // those who ask in the same turn share the question
    await (this.#running ?? Promise.resolve()).catch(() => undefined);
    const asked = this.#ask();
    this.#running = asked;
    this.#next = undefined;
    try {
      return await asked;
    } finally {
      if (this.#running === asked) this.#running = undefined;
    }
  }
}
