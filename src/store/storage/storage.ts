import type { ApiError, Clock, Logger, Random } from '../../core/index.js';

/**
 * Where a store keeps its objects.
 *
 * A storage is a space of keys with one revision counter: it decides which transactions happen, and in which order, and tells of every
 * one that did. What the objects are, and what may be done to them, it does not know. The store serves all reads from its own
 * memory, which it fills from here.
 *
 * Source: the part of etcd's v3 API that `storage.Interface` in k8s.io/apiserver rests on.
 */
export interface Storage {
  /** What errors call it: `lmdb`, `etcd`. */
  readonly name: string;
  /**
   * Opens it for one store. Absent where the memory of the store is all there is.
   *
   * @throws ApiError ServiceUnavailable where it cannot be opened, saying why.
   */
  readonly open?: (context: StorageContext) => Promise<StorageSession>;
}

/** What a storage gets from the store that opens it. */
export interface StorageContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly listener: StorageListener;
}

/** What a storage tells its store, outside of any call. */
export interface StorageListener {
  /** A transaction has happened. All after the revision of the last {@link StorageSession.load} are told, once each, in order. */
  changed(change: StorageChange): void;
  /** Changes may have been missed, and none will be told any more: the store loads anew. */
  lost(): void;
  /** From now on no transaction will happen; what was told stays true. Told once. */
  failed(error: ApiError): void;
}

/**
 * The name of an object in a storage.
 *
 * The collection is that of a kind, as `pods` or `deployments.apps`, and has no `/`. The key says which of its objects it is, as
 * `default/a`. Neither has characters beside printable ASCII; together they have at most 1,024.
 */
export interface StorageKey {
  readonly collection: string;
  readonly key: string;
}

/** An object: text of any length that means nothing to the storage, and the revision at which it was written. */
export interface StorageEntry extends StorageKey {
  readonly value: string;
  readonly revision: number;
}

/** Puts an object in its place, or deletes it where the value is undefined. */
export interface StorageWrite extends StorageKey {
  readonly value: string | undefined;
}

/** What must be so for a transaction to happen. */
export type StorageCompare =
  /** The object was written at this revision, which is one that the storage gave for it; at 0, there is none. */
  | { readonly collection: string; readonly key: string; readonly revision: number }
  /** No object of the collection was written or deleted after this revision. */
  | { readonly collection: string; readonly key?: undefined; readonly revision: number };

/** Writes that happen all at once, at one revision, if all compares hold at that moment; no two of them have the same key. */
export interface StorageTransaction {
  readonly compares: readonly StorageCompare[];
  readonly writes: readonly StorageWrite[];
}

/** What became of a transaction. */
export type StorageOutcome =
  /** It happened, and is durable. */
  | { readonly committed: true; readonly revision: number }
  /** It did not, since a compare did not hold; it will have told of all changes up to this revision, which show why. */
  | { readonly committed: false; readonly revision: number };

/** What a transaction changed. */
export interface StorageChange {
  readonly revision: number;
  /** In the order in which the transaction has them. */
  readonly writes: readonly StorageWrite[];
}

/** A storage that one store has open. */
export interface StorageSession {
  /**
   * Reads everything there is, at one revision.
   *
   * @param take - Called for each object, in no particular order.
   * @returns The revision, at least 1. The listener is told of what happens after it.
   */
  load(take: (entry: StorageEntry) => void): Promise<number>;

  /**
   * Decides a transaction.
   *
   * Resolves once it is durable. The listener is told of it too, before or after.
   *
   * @throws ApiError, with `ambiguous` unless it certainly did not and will not happen.
   */
  commit(transaction: StorageTransaction): Promise<StorageOutcome>;

  /**
   * The revision of the newest transaction on a collection, or on any, that had happened when this was called, or a later one.
   * Absent where nobody but this store writes, so that it knows.
   *
   * @throws ApiError where it cannot be known now.
   */
  readonly newest?: (collection?: string) => Promise<number>;

  /**
   * Puts other content in the place of all there is, at once, at a revision of at least `revision`: what is restored must not seem
   * older than what was seen before. The store loads anew after it; others that have the storage open are told that it is `lost`.
   */
  replace(entries: Iterable<StorageWrite>, revision: number): Promise<void>;

  /** Lets the storage forget the past before a revision, where it keeps any. */
  compact(revision: number): Promise<void>;

  /** Resolves when every transaction has come to its end and nothing is open any more. Closing twice does nothing. */
  close(): Promise<void>;
}
