import { KeyedFifo } from './keyed-fifo.js';

/** One change of an object, or of how much is known. */
export type Delta<T> =
  | {
      /**
       * `Added` and `Updated` were told by a watch, `Replaced` by a list, `Sync` repeats what is known.
       */
      readonly type: 'Added' | 'Updated' | 'Replaced' | 'Sync';
      readonly object: T;
    }
  | {
      readonly type: 'Deleted';
      /** The last state; the last known one, perhaps older, where `finalStateKnown` is false. */
      readonly object: T;
      /** False where nobody told of the deletion: a list no longer had the object. */
      readonly finalStateKnown: boolean;
    }
  | {
      /** Everything up to a revision came before. */
      readonly type: 'Bookmark';
      readonly resourceVersion: string;
    };

/** What the consumer of a {@link DeltaFifo} holds: the result of everything that was popped. */
export interface KnownObjects<T> {
  keys(): Iterable<string>;
  get(key: string): T | undefined;
}

/** What a {@link DeltaFifo} is made from. */
export interface DeltaFifoOptions<T> {
  /** The key of an object, as in `namespace/name`; never empty. */
  readonly key: (object: T) => string;
  /** What the consumer holds; nothing unless given, and then lists find no deletion of what was popped. */
  readonly known?: KnownObjects<T> | undefined;
}

/** The deltas of one key, the oldest first; or a Bookmark alone, under the key `''`. */
export interface KeyDeltas<T> {
  readonly key: string;
  readonly deltas: readonly Delta<T>[];
}

/** What waits in a {@link DeltaFifo} under one key. */
interface Queued<T> extends KeyDeltas<T> {
  readonly deltas: Delta<T>[];
}

/** What {@link DeltaFifo.pop} hands the deltas of one key to. */
export type ProcessDeltas<T> = (
  deltas: readonly Delta<T>[],
  context: { readonly key: string; readonly isInInitialList: boolean },
) => void;

/** What {@link DeltaFifo.popAll} hands everything to. */
export type ProcessAll<T> = (
  all: readonly KeyDeltas<T>[],
  context: { readonly isInInitialList: boolean },
) => void;

/**
 * A queue between one that watches objects and one that keeps them: for each key, every change since it was last popped.
 *
 * Keys are unique and come out in the order in which they were first put in. Nothing is merged but two deletions in a row, of which the
 * one that knows the final state stays. The first pops are those of the first list. Of several bookmarks the newest is kept, behind
 * everything that came before it.
 *
 * Source: `DeltaFIFO` of client-go; as in its successor `RealFIFO`, what a list no longer has is deleted before what it has is
 * replaced, and a consumer can take over all of a list at once.
 */
export class DeltaFifo<T> {
  readonly #keyOf: (object: T) => string;
  readonly #known: KnownObjects<T>;
  // no list of deltas is empty, and none has two deletions in a row; under BOOKMARK stands a bookmark alone
  readonly #queue = new KeyedFifo<string, Queued<T>>();
  // how many of the keys that were queued after the first list are not processed yet; undefined before that list
  #initial: number | undefined;
  #resourceVersion: string | undefined;

  constructor(options: DeltaFifoOptions<T>) {
    this.#keyOf = (object) => checkKey(options.key(object));
    this.#known = options.known ?? NOTHING;
  }

  /** How many pops there are to come: one a key, and one for a bookmark. */
  get length(): number {
    return this.#queue.size;
  }

  /** True once everything that was queued with the first list was popped and processed. */
  get hasSynced(): boolean {
    return this.#initial === 0;
  }

  /** The revision of the last list or bookmark; undefined before the first. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  /** An object was created, or came into view. */
  add(object: T): void {
    this.#push(this.#keyOf(object), { type: 'Added', object });
  }

  /** An object changed. */
  update(object: T): void {
    this.#push(this.#keyOf(object), { type: 'Updated', object });
  }

  /** An object was deleted, or went out of view; ignored where its key is neither queued nor known. */
  delete(object: T): void {
    const key = this.#keyOf(object);
    if (!this.#queue.has(key) && this.#known.get(key) === undefined) return;
    this.#push(key, { type: 'Deleted', object, finalStateKnown: true });
  }

  /** Everything up to a revision was put in. */
  bookmark(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    this.#queue.delete(BOOKMARK);
    this.#queue.push({ key: BOOKMARK, deltas: [{ type: 'Bookmark', resourceVersion }] });
  }

  /**
   * These are all objects there are, at a revision.
   *
   * What is queued or known and not among them is deleted with its last known state; then each of them is replaced, whether it
   * changed or not.
   */
  replace(objects: readonly T[], resourceVersion: string): void {
    const keys = objects.map(this.#keyOf);
    this.#deleteAllBut(keys);
    for (const [index, object] of objects.entries()) {
      this.#push(keys[index] as string, { type: 'Replaced', object });
    }
    this.#resourceVersion = resourceVersion;
    this.#initial ??= this.#queue.size - (this.#queue.has(BOOKMARK) ? 1 : 0);
  }

  /** A list, at a revision, was taken over past the queue: nothing is queued, and nothing was known. */
  passed(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    this.#initial = 0;
  }

  /** Deletes, with their last known state, what is queued or known under other keys. */
  #deleteAllBut(keys: readonly string[]): void {
    const known = [...this.#known.keys()];
    if (known.length === 0 && this.#queue.size === 0) return;
    const present = new Set(keys);
    for (const { key, deltas } of this.#queue.values()) {
      const newest = deltas.at(-1);
      if (newest === undefined || newest.type === 'Deleted' || newest.type === 'Bookmark') continue;
      if (!present.has(key)) deltas.push(tombstone(newest.object));
    }
    for (const key of known) {
      if (present.has(key) || this.#queue.has(key)) continue;
      const last = this.#known.get(key);
      if (last !== undefined) this.#push(key, tombstone(last));
    }
  }

  /** Repeats every known object that has nothing queued: a queued change is newer, and is never overtaken. */
  resync(): void {
    for (const key of this.#known.keys()) {
      if (this.#queue.has(key)) continue;
      const object = this.#known.get(key);
      if (object !== undefined) this.#push(key, { type: 'Sync', object });
    }
  }

  /**
   * Takes out the first key and hands its deltas, oldest first, to `process`; false where nothing waits.
   *
   * An error that `process` throws comes through; its deltas are gone from the queue, as if they had been processed.
   */
  pop(process: ProcessDeltas<T>): boolean {
    const first = this.#queue.shift();
    if (first === undefined) return false;
    const { key, deltas } = first;
    try {
      process(deltas, { key, isInInitialList: !this.hasSynced });
    } finally {
      if (key !== BOOKMARK && this.#initial !== undefined && this.#initial > 0) this.#initial -= 1;
    }
    return true;
  }

  /**
   * Takes out everything and hands it to `process`, to be taken over at once: as {@link pop} would have, one after another.
   *
   * So nobody who reads what the consumer holds sees half of a list, or half of a commit. False where nothing waits.
   */
  popAll(process: ProcessAll<T>): boolean {
    if (this.#queue.size === 0) return false;
    const all = this.#queue.drain();
    try {
      process(all, { isInInitialList: !this.hasSynced });
    } finally {
      if (this.#initial !== undefined) this.#initial = 0;
    }
    return true;
  }

  #push(key: string, delta: Delta<T>): void {
    const queued = this.#queue.get(key);
    if (queued === undefined) {
      this.#queue.push({ key, deltas: [delta] });
      return;
    }
    const { deltas } = queued;
    const newest = deltas.at(-1);
    if (newest?.type === 'Deleted' && delta.type === 'Deleted') {
      if (delta.finalStateKnown) deltas[deltas.length - 1] = delta;
    } else {
      deltas.push(delta);
    }
  }
}

/** The key of a bookmark: no object has it. */
const BOOKMARK = '';

const NOTHING: KnownObjects<never> = /* @__PURE__ */ Object.freeze({
  keys: () => [],
  get: () => undefined,
});

/** The same key. @throws RangeError for an empty one. */
export function checkKey(key: string): string {
  if (key === BOOKMARK) throw new RangeError('key: expected the key of an object not to be empty');
  return key;
}

function tombstone<T>(object: T): Delta<T> {
  return { type: 'Deleted', object, finalStateKnown: false };
}
