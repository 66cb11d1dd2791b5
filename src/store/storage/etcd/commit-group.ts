import { ApiError } from '../../../core/index.js';
import type {
  StorageCompare,
  StorageKey,
  StorageOutcome,
  StorageTransaction,
  StorageWrite,
} from '../storage.js';
import type { Generation } from './keyspace.js';
import type { Lineage } from './lineage.js';
import { encodeObject } from './object-value.js';
import { LAST_PLACE, PLACES } from './place.js';
import type { RangeRequest } from './range.js';
import type { TxnCompare, TxnOperation, TxnRequest, TxnResponse, TxnResult } from './txn.js';

/** How many characters a group has at most, where it has more than one transaction: etcd takes 1.5 MiB, and a character up to 3 bytes. */
const LONGEST = 400 * 1024;

/**
 * Transactions that etcd decides as one of its own: each happens or not by itself, at a place of its own.
 *
 * A transaction of etcd costs much the same whatever it holds, so that many small ones in one are many times as fast. What each of a
 * group compares is compared before anything of the group happens. So no transaction is in a group with one that writes what it
 * compares or writes: then it makes no difference.
 */
export class CommitGroup {
  readonly #lineage: Lineage;
  readonly #maxOperations: number;
  readonly #transactions: StorageTransaction[] = [];
  // the names of the objects that are compared, and of those that are written
  readonly #compared = new Set<string>();
  readonly #written = new Set<string>();
  // the collections that are compared as a whole, and those of which something is written
  readonly #comparedWhole = new Set<string>();
  readonly #writtenIn = new Set<string>();
  // how many operations the largest of the transactions has, and how many heads they all put
  #widest = 0;
  #heads = 0;
  #length = 0;

  /** @param maxOperations - How many operations etcd takes in a transaction, and in those within it with them. */
  constructor(lineage: Lineage, maxOperations: number) {
    this.#lineage = lineage;
    this.#maxOperations = maxOperations;
  }

  get transactions(): readonly StorageTransaction[] {
    return this.#transactions;
  }

  /** Takes a transaction in, if it may be in this group; an empty group takes any. */
  take(transaction: StorageTransaction): boolean {
    const { compares, writes } = transaction;
    const { keys } = this.#lineage;
    const compared: string[] = [];
    const comparedWhole: string[] = [];
    for (const { collection, key } of compares) {
      if (key === undefined) comparedWhole.push(collection);
      else compared.push(keys.object(collection, key));
    }
    const written = writes.map(({ collection, key }) => keys.object(collection, key));
    const writtenIn = collectionsOf(writes);
    const widest = Math.max(this.#widest, comparesIn(transaction), operationsIn(transaction));
    const heads = this.#heads + writtenIn.size;
    const length = this.#length + lengthOf(writes);
    const count = this.#transactions.length + 1;
    if (count > 1) {
      if (count > PLACES || heads > PLACES || length > LONGEST) return false;
      if (count + widest > this.#maxOperations) return false;
      if ([...compared, ...written].some((name) => this.#written.has(name))) return false;
      if (written.some((name) => this.#compared.has(name))) return false;
      if (comparedWhole.some((name) => this.#writtenIn.has(name))) return false;
      if ([...writtenIn].some((name) => this.#comparedWhole.has(name))) return false;
    }
    this.#transactions.push(transaction);
    for (const name of compared) this.#compared.add(name);
    for (const name of written) this.#written.add(name);
    for (const name of comparedWhole) this.#comparedWhole.add(name);
    for (const name of writtenIn) this.#writtenIn.add(name);
    this.#widest = widest;
    this.#heads = heads;
    this.#length = length;
    return true;
  }

  /** @param meta - The name of the key that says which content it is: only for that anything happens. */
  request(meta: string): TxnRequest {
    const lineage = this.#lineage;
    const unchanged: TxnCompare = {
      key: meta,
      target: 'modRevision',
      is: 'equal',
      to: lineage.metaRevision,
    };
    const [first] = this.#transactions;
    if (this.#transactions.length === 1 && first !== undefined) {
      const { compares, success, failure = [] } = txnOf(lineage, first, LAST_PLACE);
      return { compares: [unchanged, ...compares], success, failure: [{ range: { key: meta } }, ...failure] };
    }
    const success = this.#transactions.map((transaction, index) => ({
      txn: txnOf(lineage, transaction, this.#place(index)),
    }));
    return { compares: [unchanged], success, failure: [{ range: { key: meta } }] };
  }

  /** What became of each, from a response of etcd that has the same content. */
  outcomes(response: TxnResponse): readonly StorageOutcome[] {
    const results = this.#transactions.length === 1 ? [response] : response.txns;
    return this.#transactions.map(({ writes }, index) => {
      const result = results[index] as TxnResult;
      const committed = result.succeeded;
      const revision =
        committed && writes.length > 0
          ? this.#lineage.fromEtcd(response.header.revision, this.#place(index))
          : newestOf(this.#lineage, result);
      return { committed, revision };
    });
  }

  /** The last of the group is at the last place, as one that is alone. */
  #place(index: number): number {
    return LAST_PLACE - (this.#transactions.length - 1 - index);
  }
}

/** @throws ApiError RequestEntityTooLarge where etcd would not take a transaction even if it is alone. */
export function checkOperations(transaction: StorageTransaction, maxOperations: number): void {
  // one compare more is for the meta key
  if (Math.max(comparesIn(transaction) + 1, operationsIn(transaction)) <= maxOperations) return;
  const { compares, writes } = transaction;
  throw ApiError.requestEntityTooLarge(
    `etcd takes at most ${maxOperations} operations in a transaction: expected no more, got ${compares.length} compares and ` +
      `${writes.length} writes, which take one more for each of their collections (${collectionsOf(writes).size})`,
  );
}

/** The newest heads of a collection, or of all: those of one transaction of etcd are among them. */
export function newestHeads(lineage: Lineage, collection?: string): RangeRequest {
  const { heads } = lineage.keys;
  const range = collection === undefined ? heads : lineage.keys.headsOf(collection);
  return { ...range, limit: PLACES, newestFirst: true, keysOnly: true };
}

/** The storage's revision of the newest head that was found: that of the meta key where nothing was written since. */
export function newestOf(lineage: Lineage, { ranges }: TxnResult): number {
  let newest = lineage.fromEtcd(lineage.metaRevision);
  for (const { items } of ranges) {
    for (const { key, modRevision } of items) {
      newest = Math.max(newest, lineage.fromEtcd(modRevision, lineage.keys.headAt(key)?.place));
    }
  }
  return newest;
}

/** How much is compared at most; what is done if that does not hold is never more. */
function comparesIn({ compares }: StorageTransaction): number {
  return compares.reduce((count, { key }) => count + (key === undefined ? 2 : 1), 0);
}

function operationsIn({ writes }: StorageTransaction): number {
  return Math.max(1, writes.length + collectionsOf(writes).size);
}

function collectionsOf(parts: readonly StorageKey[]): ReadonlySet<string> {
  return new Set(parts.map(({ collection }) => collection));
}

function lengthOf(writes: readonly StorageWrite[]): number {
  return writes.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
}

/** What a transaction is in etcd. */
function txnOf(lineage: Lineage, { compares, writes }: StorageTransaction, place: number): TxnRequest {
  const compared = new Set(compares.map(({ collection }) => collection));
  return {
    compares: compares.flatMap((compare) => comparesOf(lineage, compare)),
    success:
      writes.length === 0 ? [{ range: newestHeads(lineage) }] : operationsFor(lineage.keys, writes, place),
    failure: [...compared].map((collection) => ({ range: newestHeads(lineage, collection) })),
  };
}

/** The writes, and the heads of their collections, whose values are the keys that were deleted: in etcd, those have no place. */
function operationsFor(keys: Generation, writes: readonly StorageWrite[], place: number): TxnOperation[] {
  const operations: TxnOperation[] = [];
  for (const { collection, key, value } of writes) {
    const name = keys.object(collection, key);
    if (value === undefined) operations.push({ deleteRange: { key: name } });
    else operations.push({ put: { key: name, value: encodeObject(place, value) } });
  }
  for (const collection of collectionsOf(writes)) {
    const deleted = writes.filter((write) => write.collection === collection && write.value === undefined);
    const value = deleted.map(({ key }) => key).join('\n');
    operations.push({ put: { key: keys.head(collection, place), value } });
  }
  return operations;
}

function comparesOf(lineage: Lineage, { collection, key, revision }: StorageCompare): TxnCompare[] {
  const { keys } = lineage;
  const at = lineage.toEtcd(revision);
  if (key !== undefined) {
    // an object is written once in a revision of etcd; no revision is -1
    const to = revision === 0 ? 0 : at > 0 ? at : -1;
    return [{ key: keys.object(collection, key), target: 'modRevision', is: 'equal', to }];
  }
  const less = { target: 'modRevision', is: 'less' } as const;
  // all of the content was written when it was put in place; no revision is less than 0
  if (revision < lineage.fromEtcd(lineage.metaRevision))
    return [{ ...keys.headsOf(collection), ...less, to: 0 }];
  const place = lineage.placeIn(revision);
  const all: TxnCompare = { ...keys.headsOf(collection), ...less, to: at + 1 };
  return place === LAST_PLACE ? [all] : [all, { ...keys.headsOf(collection, place + 1), ...less, to: at }];
}
