import type {
  ApplyConfiguration,
  ApplyOptions,
  Capabilities,
  Client,
  CreateOptions,
  DeleteOptions,
  DeleteResult,
  GetOptions,
  ListOptions,
  ObjectList,
  Patch,
  PatchOptions,
  RequestOptions,
  SelectOptions,
  Subresource,
  UpdateOptions,
  Watch,
  WatchOptions,
  WriteOptions,
} from '../client/index.js';
import { failedWatch, listAll } from '../client/index.js';
import {
  ApiError,
  type Clock,
  type Executor,
  type Lane,
  type ObjectKey,
  preview,
  type Random,
} from '../core/index.js';
import type { AnyResource, New, ObjectOf } from '../resources/index.js';
import type { Reader } from './reader.js';
import type { Registry } from './registry.js';
import type { RevisionGate } from './revision-gate.js';
import type { StoreWatch } from './store-watch.js';
import type { Subresources } from './subresources.js';

/** What a client of the store works on. */
export interface StoreParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly executor: Executor;
  readonly reader: Reader;
  readonly registry: Registry;
  readonly subresources: Subresources;
  /** @throws ApiError when the store is closed. */
  readonly checkOpen: () => void;
  /** Resolves when the store's own work is done. */
  readonly idle: () => Promise<void>;
  readonly revision: () => number;
  readonly gate: RevisionGate;
}

const CAPABILITIES: Capabilities = /* @__PURE__ */ Object.freeze({
  guards: true,
  singleRevision: true,
  transactions: true,
});
const LANE: Lane = /* @__PURE__ */ Object.freeze({ kind: 'answer', name: 'store' });

/**
 * The {@link Client} of a store in this process.
 *
 * A request runs wholly inside the call; the promise only hands its answer over.
 */
export class StoreClient implements Client {
  readonly clock: Clock;
  readonly random: Random;
  readonly executor: Executor;
  readonly capabilities: Capabilities = CAPABILITIES;
  readonly #store: StoreParts;
  // the open watches that were made through this client
  readonly #watches = new Set<StoreWatch>();

  constructor(store: StoreParts) {
    this.clock = store.clock;
    this.random = store.random;
    this.executor = store.executor;
    this.#store = store;
  }

  create<R extends AnyResource>(
    resource: R,
    object: New<NoInfer<R>>,
    options?: CreateOptions,
  ): Promise<ObjectOf<R>> {
    return this.#answer(options, () => this.#store.registry.create(resource, object, options));
  }

  get<R extends AnyResource>(resource: R, key: ObjectKey, options?: GetOptions): Promise<ObjectOf<R>> {
    return this.#read(options, () => this.#store.reader.get(resource, key, options?.resourceVersion));
  }

  list<R extends AnyResource>(resource: R, options?: ListOptions): Promise<ObjectList<ObjectOf<R>>> {
    return this.#read(options, () => this.#store.reader.list(resource, options));
  }

  listAll<R extends AnyResource>(resource: R, options?: ListOptions): Promise<ObjectList<ObjectOf<R>>> {
    return listAll(this, resource, options);
  }

  watch<R extends AnyResource>(resource: R, options: WatchOptions = {}): Watch<ObjectOf<R>> {
    try {
      return this.#watch(resource, options) as unknown as Watch<ObjectOf<R>>;
    } catch (error) {
      if (error instanceof ApiError) return failedWatch(error);
      throw error;
    }
  }

  update<R extends AnyResource>(
    resource: R,
    object: ObjectOf<NoInfer<R>>,
    options?: UpdateOptions,
  ): Promise<ObjectOf<R>> {
    return this.#answer(options, () => this.#store.registry.update(resource, object, options));
  }

  patch<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    patch: Patch,
    options?: PatchOptions,
  ): Promise<ObjectOf<R>> {
    return this.#answer(options, () => this.#store.registry.patch(resource, key, patch, options));
  }

  apply<R extends AnyResource>(
    resource: R,
    object: ApplyConfiguration<NoInfer<R>>,
    options?: ApplyOptions,
  ): Promise<ObjectOf<R>> {
    return this.#answer(options, () => this.#store.registry.apply(resource, object, options));
  }

  delete<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    options?: DeleteOptions,
  ): Promise<DeleteResult<ObjectOf<R>>> {
    return this.#answer(options, () => this.#store.registry.delete(resource, key, options));
  }

  deleteCollection<R extends AnyResource>(
    resource: R,
    selection?: SelectOptions,
    options?: DeleteOptions,
  ): Promise<ObjectList<ObjectOf<R>>> {
    return this.#answer(options, () => this.#store.registry.deleteCollection(resource, selection, options));
  }

  subresource<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    name: Subresource,
    body?: unknown,
    options?: WriteOptions,
  ): Promise<unknown> {
    return this.#answer(options, () => this.#store.subresources.call(resource, key, name, body, options));
  }

  async barrier(): Promise<string> {
    this.#store.checkOpen();
    await this.#store.idle();
    const revision = this.#store.revision();
    for (const watch of this.#watches) watch.offerBookmark(revision);
    return String(revision);
  }

  #watch(resource: AnyResource, options: WatchOptions): StoreWatch {
    this.#store.checkOpen();
    const { signal, timeout } = options;
    if (timeout !== undefined && !(Number.isFinite(timeout) && timeout >= 0)) {
      throw ApiError.badRequest(`expected milliseconds, 0 or more, got ${preview(timeout)}`, 'timeout');
    }
    const stop = (): void => watch.stop();
    const watch = this.#store.reader.watch(resource, options, (ended) => {
      this.#watches.delete(ended);
      timer?.cancel();
      signal?.removeEventListener('abort', stop);
    });
    const expire = (): void => {
      if (watch.bookmarks) watch.offerBookmark(this.#store.revision());
      watch.close();
    };
    const timer =
      timeout === undefined ? undefined : this.clock.setTimer(timeout, expire, { keepAlive: false });
    this.#watches.add(watch);
    if (signal?.aborted) watch.stop();
    else signal?.addEventListener('abort', stop, { once: true });
    return watch;
  }

  /** {@link #answer} to a read, once the store has reached the revision that it asks for, or has kept it waiting too long. */
  #read<T>(options: GetOptions | undefined, work: () => unknown): Promise<T> {
    const text = options?.resourceVersion;
    const wanted = text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : 0;
    // what is no revision at all is for the read itself to refuse
    if (wanted <= this.#store.revision() || !Number.isSafeInteger(wanted)) return this.#answer(options, work);
    const { signal } = options ?? {};
    return this.#answer<Promise<void>>(options, () => this.#store.gate.reached(wanted, signal)).then(() =>
      this.#answer(options, work),
    );
  }

  /** Runs a request at once and hands over its answer, whose type the resource gives. */
  #answer<T>(options: RequestOptions | undefined, work: () => unknown): Promise<T> {
    return this.executor.answer(LANE, () => {
      options?.signal?.throwIfAborted();
      this.#store.checkOpen();
      return work() as T;
    });
  }
}
