import { preview } from '../core/index.js';
import type {
  StorageChange,
  StorageCompare,
  StorageEntry,
  StorageKey,
  StorageOutcome,
  StorageTransaction,
  StorageWrite,
} from '../store/index.js';

/** The longest name that an object may have in a storage. */
const LONGEST_NAME = 1_024;

/** What a transaction did to a {@link StorageSpace}. */
export interface Decision {
  readonly outcome: StorageOutcome;
  /** Absent where nothing changed. */
  readonly change?: StorageChange;
}

/**
 * What a storage is, without any of its machinery: the objects, one counter, and everything that ever happened.
 *
 * Plain and slow, and nothing in it waits: engines are compared with it.
 */
export class StorageSpace {
  // each object under the name that `nameOf` gives it
  #entries = new Map<string, StorageEntry>();
  // the revision of the last transaction on each collection since the last replacement
  readonly #collections = new Map<string, number>();
  // in the order of revisions; all there ever was, compacted or not
  readonly #log: StorageChange[] = [];
  // the counter; others may move it too
  #revision = 1;
  // the revision of the newest transaction or replacement, never above #revision
  #newest = 1;
  // what happened up to here is forgotten
  #compacted = 1;
  // the revision of the last replacement, before which nothing can be told
  #replaced = 1;

  /** The counter. */
  get revision(): number {
    return this.#revision;
  }

  /** The newest revision that is forgotten: all changes after it can be told. */
  get compacted(): number {
    return this.#compacted;
  }

  /** Everything that ever happened, in order, compacted or not. */
  get log(): readonly StorageChange[] {
    return this.#log;
  }

  /** The objects that are there, in no particular order. */
  entries(): readonly StorageEntry[] {
    return [...this.#entries.values()];
  }

  /** The revision of the newest transaction on a collection, or on any. */
  newest(collection?: string): number {
    if (collection === undefined) return this.#newest;
    return Math.max(this.#replaced, this.#collections.get(collection) ?? 1);
  }

  /** Everything after a revision, in order; undefined where some of it is forgotten. */
  since(revision: number): readonly StorageChange[] | undefined {
    if (revision < this.#compacted) return undefined;
    return this.#log.filter((change) => change.revision > revision);
  }

  /**
   * Decides a transaction, and carries it out.
   *
   * @param skipped - How many revisions others have taken since the last one.
   * @throws TypeError for a transaction that no store may ask for.
   */
  decide(transaction: StorageTransaction, skipped = 0): Decision {
    checkTransaction(transaction);
    if (!transaction.compares.every((compare) => this.#holds(compare))) {
      return { outcome: { committed: false, revision: this.#newestOf(transaction.compares) } };
    }
    this.#revision += skipped;
    const { writes } = transaction;
    if (writes.length === 0) return { outcome: { committed: true, revision: this.#newest } };
    this.#revision += 1;
    this.#newest = this.#revision;
    const change = { revision: this.#revision, writes: writes.map((write) => ({ ...write })) };
    for (const write of writes) this.#write(write);
    this.#log.push(change);
    return { outcome: { committed: true, revision: this.#revision }, change };
  }

  /** Puts other content in the place of all there is, at a revision of at least `revision`. */
  replace(entries: Iterable<StorageWrite>, revision: number): number {
    const writes = [...entries];
    checkTransaction({ compares: [], writes });
    this.#revision = Math.max(this.#revision + 1, revision);
    this.#newest = this.#revision;
    this.#replaced = this.#revision;
    this.#compacted = this.#revision;
    this.#entries = new Map();
    this.#collections.clear();
    for (const write of writes) this.#write(write);
    return this.#revision;
  }

  /** Forgets the past up to a revision; never one of the future, and never back again. */
  compact(revision: number): void {
    this.#compacted = Math.max(this.#compacted, Math.min(revision, this.#revision));
  }

  #write({ collection, key, value }: StorageWrite): void {
    const name = nameOf({ collection, key });
    this.#collections.set(collection, this.#revision);
    if (value === undefined) this.#entries.delete(name);
    else this.#entries.set(name, { collection, key, value, revision: this.#revision });
  }

  #holds(compare: StorageCompare): boolean {
    if (compare.key === undefined) return this.newest(compare.collection) <= compare.revision;
    return (this.#entries.get(nameOf(compare))?.revision ?? 0) === compare.revision;
  }

  /** The newest revision that has to do with any of the compares. */
  #newestOf(compares: readonly StorageCompare[]): number {
    const revisions = compares.map(
      (compare) =>
        (compare.key === undefined ? undefined : this.#entries.get(nameOf(compare))?.revision) ??
        this.newest(compare.collection),
    );
    return Math.max(1, ...revisions);
  }
}

/** One text for the collection and the key, which no other pair has. */
export function nameOf({ collection, key }: StorageKey): string {
  return `${collection}/${key}`;
}

/** @throws TypeError where a name is none that a storage takes, or two writes have the same one. */
function checkTransaction({ compares, writes }: StorageTransaction): void {
  const names = new Set<string>();
  for (const write of writes) {
    checkName(write.collection, write.key);
    const name = nameOf(write);
    if (names.has(name)) {
      throw new TypeError(`transaction: writes: expected each key once, got ${preview(name)} twice`);
    }
    names.add(name);
  }
  for (const { collection, key = '', revision } of compares) {
    checkName(collection, key);
    if (!Number.isSafeInteger(revision) || revision < 0) {
      throw new TypeError(
        `transaction: compares: revision: expected a whole number, 0 or more, got ${preview(revision)}`,
      );
    }
  }
}

function checkName(collection: string, key: string): void {
  if (!/^[\x20-\x2e\x30-\x7e]+$/.test(collection)) {
    throw new TypeError(
      `transaction: collection: expected printable ASCII without '/', got ${preview(collection)}`,
    );
  }
  if (!/^[\x20-\x7e]*$/.test(key) || collection.length + key.length > LONGEST_NAME) {
    throw new TypeError(
      `transaction: key: expected printable ASCII, at most ${LONGEST_NAME} characters with the collection, got ${preview(key)}`,
    );
  }
}
