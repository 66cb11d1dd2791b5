/** A one-way door that callers wait at: it opens once for good, or fails once for good. */
export class Latch {
  // 'closed' while #waiting may hold anyone
  #state: 'closed' | 'open' | { readonly error: unknown } = 'closed';
  #waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Resolves once the latch is open, rejects once it failed. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'closed') this.#waiting.push({ resolve, reject });
      else if (this.#state === 'open') resolve();
      else reject(this.#state.error);
    });
  }

  open(): void {
    if (this.#state !== 'closed') return;
    this.#state = 'open';
    for (const waiter of this.#waiting.splice(0)) waiter.resolve();
  }

  fail(error: unknown): void {
    if (this.#state !== 'closed') return;
    this.#state = { error };
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }
}
