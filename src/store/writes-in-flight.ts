import type { StorageCompare, StorageKey, StorageWrite } from './storage/storage.js';
import type { StoredObject, UnsealedObject } from './stored-object.js';

/** A write that the storage has not answered yet, or of which it has not told yet. */
export interface WriteInFlight extends StorageWrite {
  readonly transaction: Flight;
  readonly next: UnsealedObject | undefined;
  /** The object as the write left it, or as it was last; undefined until the storage has told. */
  object: StoredObject | undefined;
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
  // by collection and key; an entry goes when its transaction ends
  readonly #writes = new Map<string, WriteInFlight>();

  get(key: StorageKey): WriteInFlight | undefined {
    return this.#writes.get(idOf(key));
  }

  add(writes: readonly WriteInFlight[]): void {
    for (const write of writes) this.#writes.set(idOf(write), write);
  }

  remove(writes: readonly WriteInFlight[]): void {
    for (const write of writes) this.#writes.delete(idOf(write));
  }

  /** The ends of the transactions that decide whether the compares will hold. */
  endsAmong(compares: readonly StorageCompare[]): readonly Promise<void>[] {
    if (this.#writes.size === 0) return [];
    const ends: Promise<void>[] = [];
    for (const { collection, key } of compares) {
      if (key !== undefined) {
        const write = this.#writes.get(idOf({ collection, key }));
        if (write !== undefined) ends.push(write.transaction.end);
      } else {
        for (const write of this.#writes.values())
          if (write.collection === collection) ends.push(write.transaction.end);
      }
    }
    return ends;
  }
}

function idOf({ collection, key }: StorageKey): string {
  return `${collection}/${key}`;
}
