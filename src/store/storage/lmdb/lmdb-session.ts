import type { RootDatabase } from 'lmdb';
import { type ApiError, preview } from '../../../core/index.js';
import type {
  StorageChange,
  StorageCompare,
  StorageContext,
  StorageEntry,
  StorageOutcome,
  StorageSession,
  StorageTransaction,
  StorageWrite,
} from '../storage.js';
import type { FolderOwner } from './folder-owner.js';
import { causeOfFailure, describeFailure, isBeforeWriting, unavailable } from './lmdb-failure.js';
import { encodeMeta, type Meta, readMeta } from './meta-record.js';
import { decodeRecord, META_KEY, RecordEncoder, recordKey, splitRecordKey } from './record.js';
import { RevisionIndex } from './revision-index.js';

/**
 * How many turns of the promise queue a flush waits for others to join it.
 *
 * A caller whose commit has resolved is some turns away from its next one. All callers of a flush take these turns side by side, so
 * that a few are enough for all of them to meet again in the next flush.
 */
const GATHER_TURNS = 8;

/** What a session stands on. */
export interface OpenFolder {
  readonly path: string;
  readonly db: RootDatabase<Buffer, string>;
  readonly owner: FolderOwner;
}

/** A record that LMDB will put in its place, or delete where it has no bytes. */
interface RecordWrite {
  readonly collection: string;
  readonly name: string;
  readonly bytes: Buffer | undefined;
}

/** A transaction that is decided, and waits for the disk. */
interface Decided {
  readonly committed: boolean;
  /** Its own, or that of the newest before it where it changes nothing. */
  readonly revision: number;
  /** Those of the transaction if it happens; with none it only waits for those before it. */
  readonly writes: readonly StorageWrite[];
  readonly records: readonly RecordWrite[];
  readonly resolve: (outcome: StorageOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Something that has the folder for itself while it runs. */
interface Task {
  readonly run: () => Promise<void>;
  readonly reject: (error: unknown) => void;
}

/**
 * A folder that one store has open.
 *
 * A transaction is decided in the call, against all that were decided before it, and then waits for a flush: one transaction of LMDB,
 * and one turn of the disk, for all that wait. There is never more than one flush under way, so that none follows one that failed.
 */
export class LmdbSession implements StorageSession {
  readonly #folder: OpenFolder;
  readonly #context: StorageContext;
  readonly #encoder = new RecordEncoder();
  // the object that was named last, since what a transaction compares it mostly writes too
  readonly #named = { collection: '', key: '', name: '' };
  // what the folder says of itself: a flush happens only if it still does
  #meta: Meta;
  // the revision of the newest transaction that is decided; at least that of #meta
  #decided: number;
  // as of #decided; absent until it is needed, which is when the folder is loaded, or before if a commit is
  #index: RevisionIndex | undefined;
  // what is still to be begun, in the order of the calls; commits with nothing between them are together
  #steps: (Decided[] | Task)[] = [];
  // present from the first step until nothing is left to do
  #running: Promise<void> | undefined;
  // present from the call of a replace to its end: what was called meanwhile, in order, and has to wait for that
  #deferred: (() => void)[] | undefined;
  // why no transaction happens any more
  #failure: ApiError | undefined;
  // present from the first close on
  #closing: Promise<void> | undefined;

  /** @throws ApiError ServiceUnavailable unless the folder is a storage. */
  constructor(folder: OpenFolder, context: StorageContext) {
    const meta = readMeta(folder.db, folder.path);
    if (meta === undefined) throw unavailable(folder.path, 'the folder is not a storage');
    this.#folder = folder;
    this.#context = context;
    this.#meta = meta;
    this.#decided = meta.revision;
  }

  load(take: (entry: StorageEntry) => void): Promise<number> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      this.#inTurn(() => {
        if (this.#failure === undefined)
          this.#enqueue({ run: () => this.#readAll(take).then(resolve, reject), reject });
        else reject(this.#failure);
      });
    });
  }

  commit(transaction: StorageTransaction): Promise<StorageOutcome> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      if (this.#deferred === undefined) this.#decide(transaction, resolve, reject);
      else this.#deferred.push(() => this.#decide(transaction, resolve, reject));
    });
  }

  replace(entries: Iterable<StorageWrite>, revision: number): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      if (!Number.isSafeInteger(revision)) {
        throw new RangeError(`Expected revision to be a safe integer, got ${revision}`);
      }
      // read now, since what gives them may fail
      const writes = [...entries];
      this.#inTurn(() => this.#beginReplace(writes, revision, resolve, reject));
    });
  }

  /** Does nothing: only the newest state is kept. */
  compact(): Promise<void> {
    const refusal = this.#refusal();
    return refusal === undefined ? Promise.resolve() : Promise.reject(refusal);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    const { owner, db } = this.#folder;
    try {
      // nothing is written any more, so the next owner may come before the file is closed
      owner.release();
    } finally {
      await db.close();
    }
  }

  /** Why nothing can be asked of this session. */
  #refusal(): ApiError | undefined {
    if (this.#closing !== undefined) return unavailable(this.#folder.path, 'it is closed');
    return this.#failure;
  }

  /** Does something now, or when the content that is being put in the place of the other is there. */
  #inTurn(call: () => void): void {
    if (this.#deferred === undefined) call();
    else this.#deferred.push(call);
  }

  #decide(
    transaction: StorageTransaction,
    resolve: (outcome: StorageOutcome) => void,
    reject: (error: unknown) => void,
  ): void {
    if (this.#failure !== undefined) {
      reject(this.#failure);
      return;
    }
    const { compares, writes } = transaction;
    try {
      this.#index ??= this.#readIndex();
      const index = this.#index;
      for (const compare of compares) {
        if (this.#holds(index, compare)) continue;
        this.#wait(false, resolve, reject);
        return;
      }
      if (writes.length === 0) {
        this.#wait(true, resolve, reject);
        return;
      }
      const revision = this.#decided + 1;
      const records = this.#prepare(writes, revision);
      this.#flushLater({ committed: true, revision, writes, records, resolve, reject });
      this.#decided = revision;
      for (const { collection, name, bytes } of records) {
        index.note(collection, name, revision, bytes === undefined);
      }
    } catch (error) {
      reject(error);
    }
  }

  #holds(index: RevisionIndex, { collection, key, revision }: StorageCompare): boolean {
    if (key === undefined) return index.ofCollection(collection) <= revision;
    return index.ofRecord(this.#nameOf(collection, key)) === revision;
  }

  /** Tells an outcome that changes nothing, once all that it rests on is durable. */
  #wait(
    committed: boolean,
    resolve: (outcome: StorageOutcome) => void,
    reject: (error: unknown) => void,
  ): void {
    const revision = this.#decided;
    if (revision === this.#meta.revision) resolve({ committed, revision });
    else this.#flushLater({ committed, revision, writes: [], records: [], resolve, reject });
  }

  #flushLater(decided: Decided): void {
    const last = this.#steps.at(-1);
    if (Array.isArray(last)) last.push(decided);
    else this.#enqueue([decided]);
  }

  #enqueue(step: Decided[] | Task): void {
    this.#steps.push(step);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    for (;;) {
      for (let turn = 0; turn < GATHER_TURNS; turn += 1) await Promise.resolve();
      const step = this.#steps.shift();
      if (step === undefined) break;
      await (Array.isArray(step) ? this.#flush(step) : step.run());
    }
    this.#running = undefined;
  }

  /** Makes transactions durable and tells of them. */
  async #flush(decided: readonly Decided[]): Promise<void> {
    const last = decided.findLast(({ writes }) => writes.length > 0);
    if (last !== undefined) {
      const { db } = this.#folder;
      try {
        await this.#write({ ...this.#meta, revision: last.revision }, () => {
          for (const { revision, records } of decided) {
            for (const { name, bytes } of records) {
              if (bytes === undefined) void db.remove(name);
              else void db.put(name, bytes, revision);
            }
          }
        });
      } catch (error) {
        this.#fail(error as ApiError, decided);
        return;
      }
    }
    for (const { committed, revision, writes, resolve } of decided) {
      if (writes.length > 0) this.#tell({ revision, writes });
      resolve({ committed, revision });
    }
  }

  /**
   * One transaction of LMDB, after which the folder says `meta` of itself.
   *
   * @throws ApiError ServiceUnavailable, ambiguous unless it certainly did not happen.
   */
  async #write(meta: Meta, put: () => void): Promise<void> {
    const { db, path } = this.#folder;
    let happened: boolean;
    try {
      happened = await db.ifVersion(META_KEY, this.#meta.revision, () => {
        put();
        void db.put(META_KEY, encodeMeta(meta, this.#encoder), meta.revision);
      });
    } catch (error) {
      const cause = await causeOfFailure(error);
      throw unavailable(
        path,
        `writing failed: ${describeFailure(cause, path)}`,
        cause,
        !isBeforeWriting(cause),
      );
    }
    if (!happened) throw unavailable(path, 'somebody else has written to the folder');
    this.#meta = meta;
    // what is read from now on is what is there now
    db.resetReadTxn();
  }

  /** Ends all writing: `decided` were being written, and what comes after them is not begun. */
  #fail(error: ApiError, decided: readonly Decided[]): void {
    const { path } = this.#folder;
    const failure = unavailable(
      path,
      `it takes no more writes until it is opened anew: ${error.message}`,
      error,
    );
    this.#failure = failure;
    const steps = this.#steps;
    this.#steps = [];
    try {
      this.#context.listener.failed(failure);
    } catch (thrown) {
      this.#complain(thrown);
    }
    for (const { writes, reject } of decided) reject(writes.length === 0 ? failure : error);
    for (const step of steps) {
      if (!Array.isArray(step)) step.reject(failure);
      else for (const { reject } of step) reject(failure);
    }
  }

  #beginReplace(
    writes: readonly StorageWrite[],
    atLeast: number,
    resolve: () => void,
    reject: (error: unknown) => void,
  ): void {
    if (this.#failure !== undefined) {
      reject(this.#failure);
      return;
    }
    const revision = Math.max(this.#decided + 1, atLeast);
    const incarnation = this.#context.random.uuid();
    let records: readonly RecordWrite[];
    try {
      records = this.#prepare(writes, revision);
      const missing = records.find(({ bytes }) => bytes === undefined);
      if (missing !== undefined)
        throw new TypeError(`Expected a value for each entry, got none for ${missing.name}`);
    } catch (error) {
      reject(error);
      return;
    }
    this.#deferred = [];
    this.#enqueue({
      run: async () => {
        try {
          await this.#write({ revision, incarnation }, () => {
            const { db } = this.#folder;
            void db.clearAsync();
            for (const { name, bytes } of records)
              if (bytes !== undefined) void db.put(name, bytes, revision);
          });
          this.#decided = revision;
          this.#index = undefined;
          this.#endReplace();
          resolve();
        } catch (error) {
          this.#fail(error as ApiError, []);
          this.#endReplace();
          reject(error);
        }
      },
      reject: (error) => {
        this.#endReplace();
        reject(error);
      },
    });
  }

  /** Decides what was called during a replace. */
  #endReplace(): void {
    const calls = this.#deferred ?? [];
    this.#deferred = undefined;
    // one of them may be a replace again
    for (const call of calls) this.#inTurn(call);
  }

  /** All of it in one go, so that it is of one revision. */
  async #readAll(take: (entry: StorageEntry) => void): Promise<number> {
    const { db, path } = this.#folder;
    const records = new Map<string, number>();
    for (const { key: name, value, version: revision = 0 } of db.getRange({ versions: true })) {
      const text = decodeRecord(name, revision, value);
      if (text === undefined || revision > this.#meta.revision) {
        throw unavailable(path, `the record ${preview(name)} is damaged`);
      }
      if (name === META_KEY) continue;
      records.set(name, revision);
      take({ ...splitRecordKey(name), value: text, revision });
    }
    this.#index ??= new RevisionIndex(this.#meta.revision, records);
    return this.#meta.revision;
  }

  /** Called before anything is decided, so that what is on disk is all there is. */
  #readIndex(): RevisionIndex {
    const records = new Map<string, number>();
    for (const { key: name, version = 0 } of this.#folder.db.getRange({ versions: true })) {
      if (name !== META_KEY) records.set(name, version);
    }
    return new RevisionIndex(this.#meta.revision, records);
  }

  #tell(change: StorageChange): void {
    try {
      this.#context.listener.changed(change);
    } catch (error) {
      this.#complain(error);
    }
  }

  /** What a listener throws must not keep others from being told. */
  #complain(error: unknown): void {
    this.#context.logger.error({ error, path: this.#folder.path }, 'the listener of the storage has thrown');
  }

  #nameOf(collection: string, key: string): string {
    const named = this.#named;
    if (named.key !== key || named.collection !== collection) {
      named.name = recordKey(collection, key);
      named.collection = collection;
      named.key = key;
    }
    return named.name;
  }

  /** The records of writes, at a revision. */
  #prepare(writes: readonly StorageWrite[], revision: number): readonly RecordWrite[] {
    const records = writes.map(({ collection, key, value }): RecordWrite => {
      const name = this.#nameOf(collection, key);
      const bytes = value === undefined ? undefined : this.#encoder.encode(name, revision, value);
      return { collection, name, bytes };
    });
    if (records.length > 1 && new Set(records.map(({ name }) => name)).size < records.length) {
      throw new TypeError('Expected each object to be written once in a transaction');
    }
    return records;
  }
}
