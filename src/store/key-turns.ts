/** Lets writes to one object come one after another, in the order in which they asked. */
export class KeyTurns {
  // by the key of each turn that lasts, those who wait for the next one, in their order
  readonly #waiting = new Map<string, (() => void)[] | undefined>();

  /** Begins a turn, which lasts until {@link end}; answers with a promise of it where another one lasts. */
  begin(key: string): Promise<void> | undefined {
    if (!this.#waiting.has(key)) {
      this.#waiting.set(key, undefined);
      return undefined;
    }
    const queue = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, queue);
    return new Promise((resolve) => queue.push(resolve));
  }

  end(key: string): void {
    const next = this.#waiting.get(key)?.shift();
    if (next === undefined) this.#waiting.delete(key);
    else next();
  }
}
