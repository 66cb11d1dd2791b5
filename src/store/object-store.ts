import type { Client, ObjectList, RequestOptions, SelectOptions, UserInfo } from '../client/index.js';
import {
  ApiError,
  type Clock,
  type Executor,
  formatTime,
  type Logger,
  microtaskExecutor,
  noopLogger,
  type ObjectKey,
  preview,
  type Random,
  systemClock,
  systemRandom,
} from '../core/index.js';
import { type AnyResource, type ObjectOf, type ResourceEntry, Scheme } from '../resources/index.js';
import { Event, Lease } from '../resources/kinds/index.js';
import { AdmissionChain } from './admission/admission-chain.js';
import type { AdmissionPlugin } from './admission/admission-plugin.js';
import { Background } from './background.js';
import { readBackup, writeBackup } from './backup-file.js';
import type { Committer } from './committer.js';
import type { ManagedFieldsPolicy } from './field-tracking.js';
import { Expiry } from './expiry.js';
import { Explainer, type Explanation } from './explain.js';
import { GarbageCollector } from './garbage-collector.js';
import { type Difference, History } from './history.js';
import { Kinds } from './kinds.js';
import { type Limits, limitsOf, limitsOfResult } from './limits.js';
import { MemoryCommitter } from './memory-committer.js';
import { Namespaces } from './namespaces.js';
import { Reader } from './reader.js';
import { Registry, type RegistryParts } from './registry.js';
import { restoredObjects, restoredRevision } from './restored-objects.js';
import { RevisionGate } from './revision-gate.js';
import { State } from './state.js';
import { SizeLimit } from './size-limit.js';
import { run, type Steps } from './steps.js';
import type { Storage } from './storage/storage.js';
import { StorageCodec } from './storage-codec.js';
import { StorageCommitter } from './storage-committer.js';
import { isOpenable, StorageLink } from './storage-link.js';
import { StoreClient, type StoreParts } from './store-client.js';
import { storeTarget, tellReplaced } from './store-target.js';
import { Subresources } from './subresources.js';
import { Timestamps } from './timestamps.js';
import type { Transaction } from './transaction.js';
import { Transactions } from './transactions.js';
import { WatchHub } from './watch-hub.js';
import type { WriteRule } from './write-rule.js';
import { DirectWriter, OptimisticWriter, type Writer } from './writer.js';

/** What a store is made from. */
export interface ObjectStoreOptions {
  /** The kinds to serve, each in one version or several; Lease and the Event of events.k8s.io are always served too. */
  readonly resources: readonly ResourceEntry[];
  /** Where the objects are kept; in the memory of this process alone unless given. One store opens it. */
  readonly storage?: Storage;
  /** Who has a say in what is stored, in this order; nobody unless given. */
  readonly admission?: readonly AdmissionPlugin[];
  /** The machine's clock unless given. */
  readonly clock?: Clock;
  /** The machine's randomness unless given. */
  readonly random?: Random;
  /** One microtask a hand-over unless given. */
  readonly executor?: Executor;
  /** How many changes are kept for watches to resume from and pages to be read at; 10,000 unless given. */
  readonly history?: number;
  /** For how many milliseconds a change is kept, where `history` does not end it sooner; for ever unless given. */
  readonly historyAge?: number;
  /** How many events may wait for the reader of a watch before it is cut off; 10,000 unless given. */
  readonly watchBuffer?: number;
  /**
   * From when on an object records in `metadata.managedFields` who set which of its fields: `'on-apply'` (unless given), so that an
   * object that nobody applies to costs nothing; or `'always'`, from its creation, as in Kubernetes.
   */
  readonly managedFields?: ManagedFieldsPolicy;
  /** How much is taken of a request, and how large an object may be; those of {@link Limits} unless given. */
  readonly limits?: Partial<Limits>;
  /** Told when the store's own background work fails; silent unless given. */
  readonly logger?: Logger;
}

/**
 * A versioned store of API objects, in this process: in memory, or on a storage.
 *
 * It keeps Kubernetes' rules: one revision counter for all kinds, optimistic concurrency, defaults and validation before anything is
 * stored, finalizers, garbage collection by owner, lists at one revision, and watches that resume from a revision and miss nothing.
 * What it gives out is deeply frozen and shared.
 *
 * Constructing does no I/O and starts nothing: a storage is opened by the first request, or by {@link open}. {@link close} the store when
 * done, or use `await using`.
 *
 * With a storage, a write resolves once it is durable there, and reads are served from memory: those that ask for the newest state
 * see all writes that were over when they began, whoever made them. What happened before the storage was opened cannot be read or
 * watched again.
 *
 * @example
 * ```ts
 * const store = new ObjectStore({ resources: [Website] });
 * const client = store.client();
 * ```
 */
export class ObjectStore implements AsyncDisposable {
  readonly #hub: WatchHub;
  readonly #background: Background;
  readonly #parts: StoreParts;
  readonly #history: History;
  readonly #expiry: Expiry;
  readonly #state: State;
  readonly #registryParts: RegistryParts;
  readonly #committer: Committer;
  readonly #transactions: Transactions;
  readonly #link: StorageLink | undefined;
  #closed = false;

  /** @throws TypeError where two resources collide; RangeError for a limit that is out of its range. */
  constructor(options: ObjectStoreOptions) {
    const { clock = systemClock, random = systemRandom, executor = microtaskExecutor } = options;
    const { history = 10_000, historyAge = Number.POSITIVE_INFINITY, watchBuffer = 10_000 } = options;
    const { logger = noopLogger, managedFields = 'on-apply' } = options;
    const limits = limitsOf(options.limits);
    checkLimit('history', history);
    checkLimit('watchBuffer', watchBuffer);
    if (!(historyAge >= 0)) {
      throw new RangeError(
        `ObjectStore: historyAge: expected milliseconds, 0 or more, got ${preview(historyAge)}`,
      );
    }
    if (managedFields !== 'on-apply' && managedFields !== 'always') {
      throw new TypeError(
        `ObjectStore: managedFields: expected 'on-apply' or 'always', got ${preview(managedFields)}`,
      );
    }
    if (!Array.isArray(options.resources)) {
      throw new TypeError(
        `ObjectStore: resources: expected a list of resources, got ${preview(options.resources)}`,
      );
    }
    const kinds = new Kinds(withAlwaysServed(options.resources));
    const hub = new WatchHub(clock, () => state.revision);
    const gate = new RevisionGate(clock);
    const state = new State({
      history: { changes: history, age: historyAge },
      clock,
      publish: (change) => {
        hub.publish(change);
        gate.advance(change.revision);
      },
    });
    const background = new Background(clock, executor, (error) =>
      logger.error({ error }, 'the background work of the store failed'),
    );
    const shared = { kinds, background, writer: (): Writer => writer };
    const namespaces = kinds.find({ apiVersion: 'v1', kind: 'Namespace' });
    const lifecycle = namespaces === undefined ? undefined : new Namespaces({ ...shared, namespaces });
    const collector = new GarbageCollector({ ...shared, state });
    const expiry = new Expiry({ clock, background, writer: shared.writer });
    const rules: readonly WriteRule[] =
      lifecycle === undefined ? [collector, expiry] : [lifecycle, collector, expiry];
    const admission =
      options.admission === undefined || options.admission.length === 0
        ? undefined
        : new AdmissionChain(options.admission);
    const parts: RegistryParts = {
      kinds,
      times: new Timestamps(clock),
      random,
      managedFields,
      limits,
      resultLimits: limitsOfResult(limits),
      size: new SizeLimit(limits.objectSize),
      rules,
      admission,
    };
    const { storage } = options;
    const link =
      storage === undefined || !isOpenable(storage)
        ? undefined
        : new StorageLink({
            storage,
            codec: new StorageCodec(kinds),
            kinds,
            state,
            gate,
            rules,
            ports: { clock, random, logger },
            onLoaded: () => createInitial(),
            onReload: () => this.#endWatches(ApiError.expired('the store has missed changes: list again')),
            onFailure: (error) => {
              logger.error({ error }, 'the storage of the store takes no more writes');
              background.close();
              expiry.close();
            },
          });
    const committer: Committer =
      link === undefined ? new MemoryCommitter(kinds, state, rules) : new StorageCommitter({ link, kinds });
    const writerFor = (own: RegistryParts): Writer =>
      link === undefined && own.admission === undefined
        ? new DirectWriter(new Registry(own, storeTarget(kinds, state, rules)))
        : new OptimisticWriter({ parts: own, state, committer });
    const writer = writerFor(parts);
    const createInitial = (): Steps<void> =>
      lifecycle?.createInitial(writerFor({ ...parts, admission: undefined })) ?? nothing();
    // in memory nothing makes it wait
    if (link === undefined) void run(createInitial());

    const reader = new Reader({ kinds, state, hub, executor, watchBuffer });
    this.#hub = hub;
    this.#history = new History(state, reader);
    this.#expiry = expiry;
    this.#state = state;
    this.#registryParts = parts;
    this.#committer = committer;
    this.#link = link;
    this.#background = background;
    this.#parts = {
      clock,
      random,
      executor,
      kinds,
      writer,
      reader,
      subresources: new Subresources(kinds, clock),
      checkOpen: () => {
        if (this.#closed) throw ApiError.serviceUnavailable('the store is closed');
      },
      idle: () => background.idle(),
      revision: () => state.revision,
      gate,
      link,
    };
    const { checkOpen } = this.#parts;
    this.#transactions = new Transactions({ parts, state, committer, executor, checkOpen });
  }

  /**
   * A client of this store; each has its own watches for {@link Client.barrier}.
   *
   * @param options - `user` is who admission plugins are told that writes; nobody in particular unless given.
   */
  client(options: { readonly user?: UserInfo } = {}): Client {
    return new StoreClient(this.#parts, options.user);
  }

  /**
   * Opens the storage, so that its errors come now and not with the first request. In memory there is nothing to open.
   *
   * @throws ApiError ServiceUnavailable where it cannot be opened; the next request tries again.
   */
  async open(): Promise<void> {
    this.#parts.checkOpen();
    await this.#link?.open();
  }

  /** Resolves when the store's own background work (garbage collection, namespaces) is done. */
  idle(): Promise<void> {
    return this.#background.idle();
  }

  /**
   * An object as it was at a revision.
   *
   * @throws ApiError NotFound where there was none; Expired where that is no longer kept; Timeout for a revision of the future.
   */
  async getAt<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    resourceVersion: string,
  ): Promise<ObjectOf<R>> {
    await this.open();
    return this.#history.getAt(resource, key, resourceVersion) as ObjectOf<R>;
  }

  /** The objects of a selection as they were at a revision. @throws ApiError as {@link getAt}. */
  async listAt<R extends AnyResource>(
    resource: R,
    resourceVersion: string,
    selection?: SelectOptions,
  ): Promise<ObjectList<ObjectOf<R>>> {
    await this.open();
    return this.#history.listAt(resource, resourceVersion, selection) as ObjectList<ObjectOf<R>>;
  }

  /**
   * What became of which objects between two revisions, the second of which is the newest unless given.
   *
   * @throws ApiError as {@link getAt}; BadRequest where the second is older than the first.
   */
  async diff(from: string, to?: string): Promise<readonly Difference[]> {
    await this.open();
    return this.#history.diff(from, to);
  }

  /** Forgets the past before a revision, which stays readable; the newest unless given. @throws ApiError as {@link getAt}. */
  async compact(resourceVersion?: string): Promise<void> {
    await this.open();
    const revision = this.#history.compact(resourceVersion);
    await this.#link?.compact(revision);
  }

  /**
   * Tells why an object is kept, or why it is gone, as far as the store can see from what it holds and from the past that it keeps.
   *
   * @example
   * ```ts
   * (await store.explain(Website, { namespace: 'default', name: 'a' })).reasons.map(({ message }) => message);
   * // ['the finalizer example.com/cleanup has to be removed by whoever set it']
   * ```
   */
  async explain(resource: AnyResource, key: ObjectKey): Promise<Explanation> {
    await this.open();
    return new Explainer(this.#parts.kinds, this.#state).explain(resource, key);
  }

  /**
   * Writes everything that the store holds, at one revision, to a file: wholly or not at all.
   *
   * @returns The revision.
   * @throws Error of the file system.
   */
  async snapshot(path: string): Promise<string> {
    await this.open();
    await run(this.#committer.refresh(undefined));
    const { revision } = this.#state;
    const objects = this.#parts.kinds
      .all()
      .flatMap(({ table }) => [...table.slots()].map(({ object }) => object));
    await writeBackup(path, { revision, time: formatTime(this.#parts.clock.now()) }, objects);
    return String(revision);
  }

  /**
   * Puts what a {@link snapshot} has in the place of everything that the store holds, at once.
   *
   * The store takes a revision far above all that its clients, or those of the store that was saved, can have seen; watches end with
   * Expired, and what was before cannot be read any more: so everybody lists again. Objects keep their uid.
   *
   * @throws ApiError BadRequest for a file that is no whole backup, or has what this store cannot hold; then nothing has changed. Error of
   * the file system.
   */
  async restore(path: string): Promise<void> {
    await this.open();
    const { header, objects } = await readBackup(path);
    this.#parts.checkOpen();
    const { kinds } = this.#parts;
    const revision = restoredRevision(this.#state.revision, header.revision);
    const contents = restoredObjects(kinds, objects, revision);
    if (this.#link !== undefined) {
      await this.#link.replace([...contents.values()].flat(), revision);
      return;
    }
    tellReplaced(this.#registryParts.rules, this.#state.reload(contents, kinds.all(), revision));
    this.#endWatches(ApiError.expired('the store was restored: list again'));
    this.#parts.gate.advance(revision);
  }

  /**
   * Runs `work` on one state of the store and stores what it wrote all at once, at one revision, or not at all.
   *
   * Inside, reads see what the transaction itself wrote. Where something that it read has changed by the time it is to be stored, it
   * runs again, up to ten times: so `work` must have no effects but through `tx`. An object that it returns carries the resourceVersion
   * from before the transaction. The same object cannot be deleted and created in one.
   *
   * @throws What `work` throws; then nothing is stored. ApiError Conflict where it never came through, or where a guard does not hold.
   *
   * @example
   * ```ts
   * await store.transaction(async (tx) => {
   *   const from = await tx.get(Account, { namespace: 'bank', name: 'a' });
   *   await tx.update(Account, edit(from, (draft) => { draft.spec.balance -= 10; }));
   *   await tx.create(Transfer, { metadata: { namespace: 'bank', generateName: 'transfer-' }, spec: { from: 'a', amount: 10 } });
   * });
   * ```
   */
  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: RequestOptions = {}): Promise<T> {
    await this.open();
    return this.#transactions.run(work, options.signal);
  }

  /** Ends every watch with ServiceUnavailable and refuses all that comes later. Closing twice does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#background.close();
    this.#expiry.close();
    this.#endWatches(ApiError.serviceUnavailable('the store is closed'));
    await this.#link?.close();
    this.#parts.gate.close();
  }

  #endWatches(error: ApiError): void {
    for (const watch of this.#hub.all()) watch.fail(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function* nothing(): Steps<void> {
  // there is nothing to do
}

/** The resources with those that every store serves, unless the user brings a kind of these names. */
function withAlwaysServed(resources: readonly ResourceEntry[]): readonly ResourceEntry[] {
  const own = new Scheme(resources);
  return [...resources, ...[Lease, Event].filter((resource) => !own.has(resource))];
}

function checkLimit(option: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`ObjectStore: ${option}: expected a whole number above 0, got ${value}`);
  }
}
