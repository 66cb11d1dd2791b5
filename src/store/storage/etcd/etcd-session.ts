import { ApiError } from '../../../core/index.js';
import type {
  StorageContext,
  StorageEntry,
  StorageOutcome,
  StorageSession,
  StorageTransaction,
  StorageWrite,
} from '../storage.js';
import { ChangeFeed } from './change-feed.js';
import { checkOperations, type CommitGroup, newestHeads, newestOf } from './commit-group.js';
import { CommitQueue } from './commit-queue.js';
import { compact, Compactor } from './compactor.js';
import type { EtcdClient } from './etcd-client.js';
import { EtcdError } from './etcd-error.js';
import type { KeyValue } from './key-value.js';
import type { Keyspace } from './keyspace.js';
import { encodeMeta, Lineage } from './lineage.js';
import { decodeObject } from './object-value.js';
import { PLACES } from './place.js';
import { RANGE, type RangeResponse } from './range.js';
import { clearRanges, fillGeneration } from './replacement.js';
import { SharedQuery } from './shared-query.js';
import { TXN, type TxnCompare, type TxnResponse } from './txn.js';

/** How many objects are read at once, at first and at most; fewer where they are long. */
const FIRST_PAGE = 100;
const LONGEST_PAGE = 1_000;
/** How many characters a page is to have at most, going by those before. */
const PAGE_LENGTH = 4 * 1024 * 1024;

/** What an {@link EtcdSession} is made from. */
export interface EtcdSessionOptions {
  readonly client: EtcdClient;
  readonly keyspace: Keyspace;
  readonly context: StorageContext;
  /** In milliseconds. */
  readonly requestTimeout: number;
  /** In milliseconds; 0 for never. */
  readonly compactionInterval: number;
  readonly maxOperations: number;
}

/** The content under one prefix of an etcd, as one store has it open. */
export class EtcdSession implements StorageSession {
  readonly #options: EtcdSessionOptions;
  readonly #compactor: Compactor | undefined;
  readonly #queue: CommitQueue;
  #lineage: Lineage;
  // tells of changes since the last load; absent before the first, and where it has ended
  #feed: ChangeFeed | undefined;
  // the listener was told that changes may be missing, and has not loaded since
  #isLost = false;
  // the listener was told that it is over
  #failure: ApiError | undefined;
  // calls that have not come to their end, and who waits for them
  #running = 0;
  #onIdle: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  // by collection, and by '' for all
  readonly #newest = new Map<string, SharedQuery<number>>();
  // of etcd: a revision that it has reached
  #seen: number;

  private constructor(options: EtcdSessionOptions, lineage: Lineage, seen: number) {
    this.#options = options;
    this.#lineage = lineage;
    this.#seen = seen;
    const {
      client,
      keyspace,
      compactionInterval: interval,
      maxOperations,
      requestTimeout: timeout,
    } = options;
    const { clock, logger } = options.context;
    this.#queue = new CommitQueue({
      clock,
      timeout,
      maxOperations,
      send: (group, of) => this.#send(group, of),
    });
    if (interval > 0) this.#compactor = new Compactor({ client, clock, logger, keyspace, interval });
    this.#compactor?.start();
  }

  /**
   * Finds out what is there, and begins where there is nothing.
   *
   * @throws EtcdError
   * @throws ApiError ServiceUnavailable where what is there is not for this version of the library.
   */
  static async open(options: EtcdSessionOptions): Promise<EtcdSession> {
    const { client, keyspace, context } = options;
    const first = encodeMeta({ incarnation: context.random.uuid(), generation: '1', offset: 0 });
    const key = keyspace.meta;
    let found = await client.call(RANGE, { key }, false);
    if (found.items.length === 0) {
      // of several that begin at once one is first, and the others find what it wrote
      await client.call(
        TXN,
        {
          compares: [{ key, target: 'modRevision', is: 'equal', to: 0 }],
          success: [{ put: { key, value: first } }],
        },
        false,
      );
      found = await client.call(RANGE, { key }, false);
    }
    const [meta] = found.items;
    if (meta === undefined) {
      throw ApiError.serviceUnavailable(`${key}: expected it to be there after it was written, got nothing`);
    }
    return new EtcdSession(options, new Lineage(keyspace, found.header, meta), found.header.revision);
  }

  load(take: (entry: StorageEntry) => void): Promise<number> {
    return this.#during(false, () => this.#load(take));
  }

  commit(transaction: StorageTransaction): Promise<StorageOutcome> {
    return this.#during(true, () => this.#commit(transaction));
  }

  newest(collection?: string): Promise<number> {
    const name = collection ?? '';
    let query = this.#newest.get(name);
    if (query === undefined) {
      query = new SharedQuery(() => this.#during(false, () => this.#ask(collection)));
      this.#newest.set(name, query);
    }
    return query.answer();
  }

  replace(entries: Iterable<StorageWrite>, revision: number): Promise<void> {
    return this.#during(true, () => this.#replace(entries, revision));
  }

  compact(revision: number): Promise<void> {
    return this.#during(false, async () => {
      const before = this.#lineage.toEtcd(revision);
      if (before > 0) await compact(this.#options.client, before);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#compactor?.stop();
    this.#feed?.stop();
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    this.#feed?.stop();
    this.#options.client.close();
  }

  /** Does something that {@link close} waits for, and makes its errors those of the storage. */
  async #during<Result>(isWrite: boolean, task: () => Promise<Result>): Promise<Result> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined) throw ApiError.serviceUnavailable('the storage was closed');
    this.#running += 1;
    try {
      return await task();
    } catch (error) {
      throw error instanceof EtcdError ? error.toApiError(isWrite) : error;
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#onIdle?.();
    }
  }

  async #load(take: (entry: StorageEntry) => void): Promise<number> {
    const { client, context, keyspace, requestTimeout } = this.#options;
    this.#stopFeed();
    const { lineage, last, firstPage } = await this.#begin();
    const { revision } = firstPage.header;
    const { end } = lineage.keys.objects;
    let page = firstPage;
    for (;;) {
      let length = 1;
      for (const item of page.items) {
        length += item.value.length;
        const object = lineage.keys.objectAt(item.key);
        if (object === undefined) continue;
        const { place, text } = decodeObject(item.value);
        take({ ...object, value: text, revision: lineage.fromEtcd(item.modRevision, place) });
      }
      if (!page.more) break;
      const limit = Math.min(
        LONGEST_PAGE,
        Math.max(1, Math.floor((page.items.length * PAGE_LENGTH) / length)),
      );
      try {
        page = await client.call(RANGE, { key: `${page.items.at(-1)?.key}\0`, end, limit, revision }, false);
      } catch (error) {
        if (!(error instanceof EtcdError && error.isCompacted)) throw error;
        throw new ApiError({
          reason: 'ServiceUnavailable',
          message: `etcd was made to forget revision ${revision} while it was read: load again`,
          cause: error,
        });
      }
    }
    if (this.#closing !== undefined) throw ApiError.serviceUnavailable('the storage was closed');
    this.#lineage = lineage;
    this.#seen = Math.max(this.#seen, revision);
    this.#isLost = false;
    const { clock, random, logger, listener } = context;
    this.#feed = new ChangeFeed({
      client,
      clock,
      random,
      logger,
      keyspace,
      lineage,
      revision,
      last,
      timeout: requestTimeout,
      listener: {
        changed: (change) => listener.changed(change),
        lost: () => this.#lose(),
        failed: (error) => {
          this.#fail(error);
        },
      },
    });
    this.#feed.start();
    return lineage.fromEtcd(revision);
  }

  /** Finds out which content there is, with the first page of it; its header has the revision. */
  async #begin(): Promise<{
    readonly lineage: Lineage;
    readonly last: KeyValue | undefined;
    readonly firstPage: RangeResponse;
  }> {
    const { client, keyspace } = this.#options;
    const seen = this.#seen;
    for (;;) {
      const found = await client.call(RANGE, { key: keyspace.meta }, false);
      const [meta] = found.items;
      const broken = this.#lineage.breakWith(found.header, seen, meta);
      if (broken !== undefined || meta === undefined) throw this.#fail(broken);
      const lineage = new Lineage(keyspace, found.header, meta);
      // both at the newest revision, which nobody can have made etcd forget
      const response = await client.call(
        TXN,
        {
          compares: [{ key: keyspace.meta, target: 'modRevision', is: 'equal', to: meta.modRevision }],
          success: [
            { range: { ...lineage.keys.heads, limit: 1, newestFirst: true, keysOnly: true } },
            { range: { ...lineage.keys.objects, limit: FIRST_PAGE } },
          ],
        },
        false,
      );
      const [heads, objects] = response.ranges;
      if (response.succeeded && heads !== undefined && objects !== undefined) {
        return { lineage, last: heads.items[0], firstPage: { ...objects, header: response.header } };
      }
    }
  }

  async #commit(transaction: StorageTransaction): Promise<StorageOutcome> {
    checkOperations(transaction, this.#options.maxOperations);
    return this.#queue.commit(this.#lineage, transaction);
  }

  async #send(group: CommitGroup, lineage: Lineage): Promise<readonly StorageOutcome[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const response = await this.#options.client.call(TXN, group.request(this.#options.keyspace.meta), true);
    this.#see(response);
    if (!response.succeeded) this.#checkMeta(lineage, response);
    return group.outcomes(response);
  }

  async #ask(collection: string | undefined): Promise<number> {
    const { client, keyspace } = this.#options;
    const lineage = this.#lineage;
    const response = await client.call(
      TXN,
      {
        compares: [{ key: keyspace.meta, target: 'modRevision', is: 'equal', to: lineage.metaRevision }],
        success: [{ range: newestHeads(lineage, collection) }],
        failure: [{ range: { key: keyspace.meta } }],
      },
      false,
    );
    this.#see(response);
    if (!response.succeeded) this.#checkMeta(lineage, response);
    return newestOf(lineage, response);
  }

  async #replace(entries: Iterable<StorageWrite>, revision: number): Promise<void> {
    const { client, context, keyspace, maxOperations } = this.#options;
    const { logger, random } = context;
    const { meta, metaRevision } = this.#lineage;
    const incarnation = random.uuid();
    const generation = `${Number.parseInt(meta.generation, 10) + 1}-${incarnation.slice(0, 8)}`;
    const keys = keyspace.generation(generation);
    const clean = async (): Promise<void> => {
      try {
        await clearRanges(client, [keys.all], []);
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error;
        // it is in nobody's way, and goes with the next replacement
        logger.warn(
          { error: error.message, generation },
          'what was left of a failed replacement was not deleted',
        );
      }
    };
    const unused: TxnCompare = { key: keyspace.meta, target: 'modRevision', is: 'equal', to: metaRevision };
    // so all that is written from now on has later revisions than what is to be seen as older
    const offset = Math.max(meta.offset, Math.ceil(revision / PLACES) - this.#seen);
    let isFilled: boolean;
    try {
      isFilled = await fillGeneration({ client, keys, unused, maxOperations }, entries);
    } catch (error) {
      await clean();
      // nothing has changed that anybody sees
      throw error instanceof EtcdError ? error.toApiError(false) : error;
    }
    if (!isFilled) {
      await clean();
      throw replacedMeanwhile();
    }
    // whatever becomes of it, the store loads anew
    this.#stopFeed();
    let response: TxnResponse;
    try {
      response = await client.call(
        TXN,
        {
          compares: [unused],
          success: [{ put: { key: keyspace.meta, value: encodeMeta({ incarnation, generation, offset }) } }],
        },
        true,
      );
    } catch (error) {
      this.#lose();
      throw error;
    }
    this.#see(response);
    if (!response.succeeded) {
      this.#lose();
      await clean();
      throw replacedMeanwhile();
    }
    // that the store has to load needs no telling
    this.#isLost = true;
    const used: TxnCompare = { ...unused, to: response.header.revision };
    try {
      await clearRanges(client, keyspace.otherThan(generation), [used]);
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      logger.warn({ error: error.message }, 'the content that was replaced was not deleted');
    }
  }

  /** After a transaction that did not happen: sees to it that it was not for other content than the session knows. */
  #checkMeta(lineage: Lineage, response: TxnResponse): void {
    const meta = response.ranges[0]?.items[0];
    if (meta?.modRevision === lineage.metaRevision) return;
    const broken = lineage.breakWith(response.header, 0, meta);
    if (broken !== undefined) throw this.#fail(broken);
    // a load since has found out already
    if (lineage === this.#lineage) this.#lose();
    throw ApiError.serviceUnavailable(
      'the content of the storage was replaced by somebody else: it is loaded anew',
    );
  }

  #see({ header }: TxnResponse): void {
    if (header.clusterId === this.#lineage.clusterId) this.#seen = Math.max(this.#seen, header.revision);
  }

  #stopFeed(): void {
    if (this.#feed === undefined) return;
    this.#feed.stop();
    this.#seen = Math.max(this.#seen, this.#feed.seen);
    this.#feed = undefined;
  }

  #lose(): void {
    this.#stopFeed();
    if (this.#isLost || this.#failure !== undefined || this.#closing !== undefined) return;
    this.#isLost = true;
    this.#options.context.listener.lost();
  }

  #fail(error: ApiError | undefined): ApiError {
    this.#stopFeed();
    if (this.#failure !== undefined) return this.#failure;
    this.#failure = error ?? ApiError.serviceUnavailable('etcd has lost the storage');
    this.#compactor?.stop();
    if (this.#closing === undefined) this.#options.context.listener.failed(this.#failure);
    return this.#failure;
  }
}

function replacedMeanwhile(): ApiError {
  return new ApiError({
    reason: 'Conflict',
    message: 'the content was not replaced: somebody else replaced it meanwhile',
  });
}
