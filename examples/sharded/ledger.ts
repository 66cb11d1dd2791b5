import type { Client, Watch } from 'keelson';
import { Counter } from './counter.js';

/** What was written to the Counters, by whomever: all of it, in the order in which it was stored. */
export class Ledger {
  readonly #writes: Watch<Counter>;
  readonly #signal: AbortSignal;
  // by name, as they were written last
  readonly #counters: Map<string, Counter>;
  #counts = 0;
  #handOvers = 0;

  private constructor(writes: Watch<Counter>, signal: AbortSignal, counters: readonly Counter[]) {
    this.#writes = writes;
    this.#signal = signal;
    this.#counters = new Map(counters.map((counter) => [counter.metadata.name, counter]));
  }

  /** Begins with the Counters that there are, and ends when `signal` aborts. */
  static async begin(client: Client, signal: AbortSignal): Promise<Ledger> {
    const { items, resourceVersion } = await client.listAll(Counter);
    return new Ledger(client.watch(Counter, { resourceVersion, signal }), signal, items);
  }

  /** How often somebody counted. */
  get counts(): number {
    return this.#counts;
  }

  /** How often a Counter went from one process to another. */
  get handOvers(): number {
    return this.#handOvers;
  }

  /** How many Counters each process wrote last, by its name. */
  get shares(): ReadonlyMap<string, number> {
    const shares = new Map<string, number>();
    for (const { by } of this.#counters.values()) {
      if (by !== undefined) shares.set(by, (shares.get(by) ?? 0) + 1);
    }
    return new Map([...shares].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /**
   * Resolves when every Counter was counted twice more.
   *
   * @throws Error for a number that does not follow the one before: two processes had the Counter in hand. What the signal aborts with.
   */
  async round(): Promise<void> {
    const goals = new Map([...this.#counters].map(([name, { count }]) => [name, count + 2]));
    const isReached = ([name, goal]: readonly [string, number]): boolean =>
      (this.#counters.get(name)?.count ?? 0) >= goal;
    while (![...goals].every(isReached)) await this.#next();
  }

  async #next(): Promise<void> {
    const { value: event } = await this.#writes.next();
    this.#signal.throwIfAborted();
    if (event?.type !== 'MODIFIED') return;
    const { metadata, count, by } = event.object;
    const before = this.#counters.get(metadata.name);
    if (before === undefined) throw new Error(`expected a Counter that is known, got ${metadata.name}`);
    if (count !== before.count + 1) {
      throw new Error(`${metadata.name} in two hands: ${before.by} wrote ${before.count}, ${by} ${count}`);
    }
    this.#counters.set(metadata.name, event.object);
    this.#counts += 1;
    if (before.by !== undefined && by !== before.by) this.#handOvers += 1;
  }
}
