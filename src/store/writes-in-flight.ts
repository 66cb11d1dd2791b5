import type { Touched } from './attempt.js';
import type { StorageCompare, StorageKey, StorageWrite } from './storage/storage.js';

/** A write that the storage has not answered yet, or of which it has not told yet. */
export interface WriteInFlight extends StorageWrite {
  readonly transaction: Flight;
  /** What it is a write of; that has a result from when the storage has told. */
  readonly touched: Touched;
}

/** A transaction that is under way. */
export class Flight {
  #end: Promise<void> | undefined;
  #resolve: (() => void) | undefined;

  /** Resolves when the state has what became of it, whatever that is. */
  get end(): Promise<void> {
    this.#end ??= new Promise((resolve) => {
      this.#resolve = resolve;
    });
    return this.#end;
  }

  land(): void {
    this.#resolve?.();
  }
}

/** The writes that are under way: at most one to an object at a time. */
export class WritesInFlight {
  // by collection, then by key; an entry goes when its transaction ends, and what is left of a collection is empty
  readonly #collections = new Map<string, Map<string, WriteInFlight>>();

  get({ collection, key }: StorageKey): WriteInFlight | undefined {
    return this.#collections.get(collection)?.get(key);
  }

  add(writes: readonly WriteInFlight[]): void {
    for (const write of writes) {
      const { collection, key } = write;
      const writesTo = this.#collections.get(collection);
      if (writesTo === undefined) this.#collections.set(collection, new Map([[key, write]]));
      else writesTo.set(key, write);
    }
  }

  remove(writes: readonly WriteInFlight[]): void {
    for (const { collection, key } of writes) this.#collections.get(collection)?.delete(key);
  }

  /** The ends of the transactions that decide whether the compares will hold. */
  endsAmong(compares: readonly StorageCompare[]): readonly Promise<void>[] {
    const ends: Promise<void>[] = [];
    for (const { collection, key } of compares) {
      const writesTo = this.#collections.get(collection);
      if (writesTo === undefined) continue;
      if (key === undefined) {
        for (const { transaction } of writesTo.values()) ends.push(transaction.end);
      } else {
        const write = writesTo.get(key);
        if (write !== undefined) ends.push(write.transaction.end);
      }
    }
    return ends;
  }
}
