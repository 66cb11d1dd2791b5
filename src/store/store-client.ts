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
  UserInfo,
  Watch,
  WatchOptions,
  WriteOptions,
} from '../client/index.js';
import { failedWatch, listAll } from '../client/index.js';
import {
  ApiError,
  type Clock,
  type Executor,
  frozenCopy,
  type Lane,
  type ObjectKey,
  preview,
  type Random,
} from '../core/index.js';
import type { AnyResource, New, ObjectOf } from '../resources/index.js';
import type { Reader } from './reader.js';
import { deleteCollection } from './delete-collection.js';
import { DeferredWatch } from './deferred-watch.js';
import type { Eventual } from './eventual.js';
import type { Kinds } from './kinds.js';
import type { Registry } from './registry.js';
import type { RevisionGate } from './revision-gate.js';
import { run, type Steps } from './steps.js';
import type { StorageLink } from './storage-link.js';
import type { StoreWatch } from './store-watch.js';
import type { Subresources } from './subresources.js';
import type { WriteContext } from './write-context.js';
import type { Writer } from './writer.js';

/** What a client of the store works on. */
export interface StoreParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly executor: Executor;
  readonly kinds: Kinds;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly subresources: Subresources;
  /** @throws ApiError when the store is closed. */
  readonly checkOpen: () => void;
  /** Resolves when the store's own work is done. */
  readonly idle: () => Promise<void>;
  readonly revision: () => number;
  readonly gate: RevisionGate;
  /** Undefined where everything is in memory alone. */
  readonly link: StorageLink | undefined;
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
  readonly #user: UserInfo | undefined;
  // the open watches that were made through this client
  readonly #watches = new Set<StoreWatch>();

  constructor(store: StoreParts, user: UserInfo | undefined) {
    this.#user = user;
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
    return this.#write('create', resource, object, options, (registry, own) =>
      registry.create(resource, own, options),
    );
  }

  get<R extends AnyResource>(resource: R, key: ObjectKey, options?: GetOptions): Promise<ObjectOf<R>> {
    return this.#read(resource, options, () =>
      this.#store.reader.get(resource, key, options?.resourceVersion),
    );
  }

  list<R extends AnyResource>(resource: R, options?: ListOptions): Promise<ObjectList<ObjectOf<R>>> {
    return this.#read(resource, options, () => this.#store.reader.list(resource, options));
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
    return this.#write('update', resource, object, options, (registry, own) =>
      registry.update(resource, own, options),
    );
  }

  patch<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    patch: Patch,
    options?: PatchOptions,
  ): Promise<ObjectOf<R>> {
    return this.#write(
      'patch',
      resource,
      patch,
      options,
      (registry, own) => registry.patch(resource, key, own, options),
      key,
    );
  }

  apply<R extends AnyResource>(
    resource: R,
    object: ApplyConfiguration<NoInfer<R>>,
    options?: ApplyOptions,
  ): Promise<ObjectOf<R>> {
    return this.#write('apply', resource, object, options, (registry, own) =>
      registry.apply(resource, own, options),
    );
  }

  delete<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    options?: DeleteOptions,
  ): Promise<DeleteResult<ObjectOf<R>>> {
    const decide = (registry: Registry): Eventual<unknown> => registry.delete(resource, key, options);
    return this.#write('delete', resource, undefined, options, decide, key);
  }

  deleteCollection<R extends AnyResource>(
    resource: R,
    selection?: SelectOptions,
    options?: DeleteOptions,
  ): Promise<ObjectList<ObjectOf<R>>> {
    const { kinds, writer } = this.#store;
    return this.#eventual(options, () =>
      run(deleteCollection({ kinds, writer, user: this.#user }, resource, selection, options)),
    );
  }

  subresource<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    name: Subresource,
    body?: unknown,
    options?: WriteOptions,
  ): Promise<unknown> {
    const { subresources } = this.#store;
    const verb = name === 'eviction' ? 'delete' : 'update';
    const decide = (registry: Registry, own: unknown): Eventual<unknown> =>
      run(subresources.call(registry, resource, key, name, own, options));
    return this.#write(verb, resource, body, options, decide, key);
  }

  async barrier(): Promise<string> {
    this.#store.checkOpen();
    await this.#store.link?.open();
    await this.#store.idle();
    // what others have written by now
    if (this.#store.link !== undefined) await run(this.#store.link.refresh(undefined));
    const revision = this.#store.revision();
    for (const watch of this.#watches) watch.offerBookmark(revision);
    return String(revision);
  }

  #watch(resource: AnyResource, options: WatchOptions): StoreWatch | DeferredWatch {
    this.#store.checkOpen();
    const { timeout, resourceVersion = '' } = options;
    if (timeout !== undefined && !(Number.isFinite(timeout) && timeout >= 0)) {
      throw ApiError.badRequest(`expected milliseconds, 0 or more, got ${preview(timeout)}`, 'timeout');
    }
    const { link } = this.#store;
    if (link === undefined) return this.#beginWatch(resource, options);
    const kind = this.#store.kinds.of(resource);
    // whoever wants to begin with the newest state has to wait until the storage has been asked for it; without that state, to begin
    // at once misses nothing
    const isNewest = resourceVersion === '' && options.sendInitialEvents !== false;
    if (link.isOpen && !(isNewest && link.isShared)) return this.#beginWatch(resource, options);
    const begun = link.open().then(async () => {
      if (isNewest) await run(link.refresh(kind));
      this.#store.checkOpen();
      return this.#beginWatch(resource, options);
    });
    return new DeferredWatch(begun, options.signal);
  }

  #beginWatch(resource: AnyResource, { signal, timeout, ...options }: WatchOptions): StoreWatch {
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
  #read<T>(resource: AnyResource, options: ReadOptions | undefined, work: () => unknown): Promise<T> {
    const { link } = this.#store;
    const text = options?.resourceVersion;
    const wanted = text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : 0;
    // what is no revision at all is for the read itself to refuse
    const waits = wanted > this.#store.revision() && Number.isSafeInteger(wanted);
    const isNewest = (text === undefined || text === '') && (options?.continue ?? '') === '';
    if (!waits && (link === undefined || (link.isOpen && !(isNewest && link.isShared)))) {
      return this.#answer(options, work);
    }
    return this.#eventual<T>(options, () =>
      run(this.#readLater(resource, { wanted, isNewest }, options, work)),
    );
  }

  *#readLater(
    resource: AnyResource,
    { wanted, isNewest }: { readonly wanted: number; readonly isNewest: boolean },
    options: ReadOptions | undefined,
    work: () => unknown,
  ): Steps<unknown> {
    const { link, gate, kinds } = this.#store;
    if (link !== undefined) {
      yield link.open();
      if (isNewest) yield* link.refresh(kinds.of(resource));
    }
    if (wanted > this.#store.revision()) yield gate.reached(wanted, { signal: options?.signal });
    options?.signal?.throwIfAborted();
    this.#store.checkOpen();
    return work();
  }

  /** Carries out a write of what was sent: to the object of a key, or to that which was sent. */
  #write<T, S>(
    verb: WriteContext['verb'],
    resource: AnyResource,
    sent: S,
    options: RequestOptions | undefined,
    decide: (registry: Registry, sent: S) => Eventual<unknown>,
    key?: ObjectKey,
  ): Promise<T> {
    const { direct } = this.#store.writer;
    if (direct === undefined) return this.#writeLater(verb, resource, sent, options, decide, key);
    return this.#eventual(options, () => decide(direct, sent));
  }

  /** Carries out a write that may have to wait. */
  #writeLater<T, S>(
    verb: WriteContext['verb'],
    resource: AnyResource,
    sent: S,
    options: RequestOptions | undefined,
    decide: (registry: Registry, sent: S) => Eventual<unknown>,
    key?: ObjectKey,
  ): Promise<T> {
    const { writer, link, kinds } = this.#store;
    const user = this.#user;
    const signal = options?.signal;
    let own = sent;
    return this.#eventual(options, () => {
      const kind = kinds.of(resource);
      const place = placeOf(() => key ?? (sent as { readonly metadata?: unknown }).metadata);
      const context = { verb, user, signal, kind, place };
      const decideOwn = (registry: Registry): Eventual<unknown> => decide(registry, own);
      const written =
        link === undefined || link.isOpen
          ? writer.write(context, decideOwn)
          : link.open().then(() => writer.write(context, decideOwn));
      // what waits may be decided later, or anew, when the caller has gone on
      if (written instanceof Promise) own = copied(sent);
      return written;
    });
  }

  /** Runs a request at once, as far as nothing makes it wait, and hands over its answer, or the reason of its signal. */
  #eventual<T>(options: RequestOptions | undefined, work: () => Eventual<unknown>): Promise<T> {
    const signal = options?.signal;
    // where there is nothing to cut short, one function less is made
    return this.#answer(options, signal === undefined ? work : () => unlessAborted(work(), signal));
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

/** The result; of a promise, a rejection with the reason of the signal if that aborts before. */
function unlessAborted(result: Eventual<unknown>, signal: AbortSignal): Eventual<unknown> {
  return result instanceof Promise ? settledUnlessAborted(result, signal) : result;
}

async function settledUnlessAborted(result: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

type ReadOptions = GetOptions & Pick<ListOptions, 'continue'>;

/**
 * What a writer sent, as it is now: what is decided later, or twice, must not see what becomes of it. What is no JSON stays as it is, for
 * the verb to refuse.
 */
function copied<T>(sent: T): T {
  if (sent === undefined) return sent;
  try {
    return frozenCopy(sent, '') as T;
  } catch {
    return sent;
  }
}

/** What writes to one object have in common; undefined where that cannot be told yet. */
function placeOf(key: () => unknown): string | undefined {
  try {
    const { name, namespace = '' } = key() as { readonly name?: unknown; readonly namespace?: unknown };
    return typeof name === 'string' && name !== '' ? `${String(namespace)}/${name}` : undefined;
  } catch {
    // the verb will say what is wrong with it
    return undefined;
  }
}
