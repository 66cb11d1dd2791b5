/** How long something goes on: until it is ended, once and for good. An abort signal is made where somebody asks for it. */
export class Life {
  // why it has ended; undefined while it has not
  #end: { readonly reason: unknown } | undefined;
  // made for the first who asks
  #controller: AbortController | undefined;
  // who is to be told of its end, in the order in which they came; none once all are told
  #listeners: Set<(reason: unknown) => void> | undefined;

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Aborts when it ends. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#end !== undefined) this.#controller.abort(this.#end.reason);
    }
    return this.#controller.signal;
  }

  /** @throws Why it has ended, if it has. */
  throwIfEnded(): void {
    // oxlint-disable-next-line typescript/only-throw-error -- what it was ended with is passed on as it is
    if (this.#end !== undefined) throw this.#end.reason;
  }

  /** Calls `listener` when it ends, at once where it has, unless it {@link leave}s before. A listener must not throw. */
  listen(listener: (reason: unknown) => void): void {
    if (this.#end !== undefined) listener(this.#end.reason);
    else (this.#listeners ??= new Set()).add(listener);
  }

  leave(listener: (reason: unknown) => void): void {
    this.#listeners?.delete(listener);
  }

  /** Ends it, unless it has ended. */
  end(reason: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    this.#controller?.abort(reason);
    for (const listener of this.#listeners ?? []) listener(reason);
    this.#listeners = undefined;
  }
}
