import type { Client, ObjectList, RequestOptions, SelectOptions } from '../client/index.js';
import {
  ApiError,
  type Clock,
  type Executor,
  type Logger,
  microtaskExecutor,
  noopLogger,
  type ObjectKey,
  preview,
  type Random,
  systemClock,
  systemRandom,
} from '../core/index.js';
import type { AnyResource, ObjectOf } from '../resources/index.js';
import { Event, Lease } from '../resources/kinds/index.js';
import { Background } from './background.js';
import type { ManagedFieldsPolicy } from './field-tracking.js';
import { Expiry } from './expiry.js';
import { GarbageCollector } from './garbage-collector.js';
import { type Difference, History } from './history.js';
import { Kinds } from './kinds.js';
import { Namespaces } from './namespaces.js';
import { Reader } from './reader.js';
import { Registry, type RegistryParts } from './registry.js';
import { RevisionGate } from './revision-gate.js';
import { State } from './state.js';
import { StoreClient, type StoreParts } from './store-client.js';
import { storeTarget } from './store-target.js';
import { Subresources } from './subresources.js';
import { type Transaction, transactionClient, TransactionTarget } from './transaction.js';
import { WatchHub } from './watch-hub.js';
import type { WriteRule } from './write-rule.js';

/** How often a transaction is tried. */
const MOST_ATTEMPTS = 10;

/** What a store is made from. */
export interface ObjectStoreOptions {
  /** The kinds to serve; Lease and the Event of events.k8s.io are always served too. */
  readonly resources: readonly AnyResource[];
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
  /** Told when the store's own background work fails; silent unless given. */
  readonly logger?: Logger;
}

/**
 * A versioned store of API objects, in this process and in memory.
 *
 * It keeps Kubernetes' rules: one revision counter for all kinds, optimistic concurrency, defaults and validation before anything is
 * stored, finalizers, garbage collection by owner, lists at one revision, and watches that resume from a revision and miss nothing.
 * What it gives out is deeply frozen and shared.
 *
 * Constructing does no I/O and starts nothing; {@link close} it when done, or use `await using`.
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
  readonly #rules: readonly WriteRule[];
  readonly #registryParts: RegistryParts;
  #closed = false;

  /** @throws TypeError where two resources collide; RangeError for a limit that is no whole number above 0. */
  constructor(options: ObjectStoreOptions) {
    const { clock = systemClock, random = systemRandom, executor = microtaskExecutor } = options;
    const { history = 10_000, historyAge = Number.POSITIVE_INFINITY, watchBuffer = 10_000 } = options;
    const { logger = noopLogger, managedFields = 'on-apply' } = options;
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
    const background = new Background(executor, (error) =>
      logger.error({ error }, 'the background work of the store failed'),
    );
    const shared = { kinds, background, registry: (): Registry => registry };
    const namespaces = kinds.find({ apiVersion: 'v1', kind: 'Namespace' });
    const lifecycle = namespaces === undefined ? undefined : new Namespaces({ ...shared, namespaces });
    const collector = new GarbageCollector({ ...shared, state });
    const expiry = new Expiry({ clock, background, registry: shared.registry });
    const parts = { kinds, clock, random, managedFields };
    const rules: readonly WriteRule[] =
      lifecycle === undefined ? [collector, expiry] : [lifecycle, collector, expiry];
    const registry = new Registry({ ...parts, target: storeTarget(kinds, state, rules), rules });
    lifecycle?.createInitial();

    const reader = new Reader({ kinds, state, hub, executor, watchBuffer });
    this.#hub = hub;
    this.#history = new History(state, reader);
    this.#expiry = expiry;
    this.#state = state;
    this.#rules = rules;
    this.#registryParts = parts;
    this.#background = background;
    this.#parts = {
      clock,
      random,
      executor,
      registry,
      reader,
      subresources: new Subresources(kinds, registry, clock),
      checkOpen: () => {
        if (this.#closed) throw ApiError.serviceUnavailable('the store is closed');
      },
      idle: () => background.idle(),
      revision: () => state.revision,
      gate,
    };
  }

  /** A client of this store; each has its own watches for {@link Client.barrier}. */
  client(): Client {
    return new StoreClient(this.#parts);
  }

  /** Opens the storage, so that its errors come now and not with the first request. In memory there is nothing to open. */
  async open(): Promise<void> {
    this.#parts.checkOpen();
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
    this.#parts.checkOpen();
    return this.#history.getAt(resource, key, resourceVersion) as ObjectOf<R>;
  }

  /** The objects of a selection as they were at a revision. @throws ApiError as {@link getAt}. */
  async listAt<R extends AnyResource>(
    resource: R,
    resourceVersion: string,
    selection?: SelectOptions,
  ): Promise<ObjectList<ObjectOf<R>>> {
    this.#parts.checkOpen();
    return this.#history.listAt(resource, resourceVersion, selection) as ObjectList<ObjectOf<R>>;
  }

  /**
   * What became of which objects between two revisions, the second of which is the newest unless given.
   *
   * @throws ApiError as {@link getAt}; BadRequest where the second is older than the first.
   */
  async diff(from: string, to?: string): Promise<readonly Difference[]> {
    this.#parts.checkOpen();
    return this.#history.diff(from, to);
  }

  /** Forgets the past before a revision, which stays readable; the newest unless given. @throws ApiError as {@link getAt}. */
  async compact(resourceVersion?: string): Promise<void> {
    this.#parts.checkOpen();
    this.#history.compact(resourceVersion);
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
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      options.signal?.throwIfAborted();
      this.#parts.checkOpen();
      const attempted = this.#beginTransaction();
      let outcome: { readonly value: T } | { readonly error: unknown };
      try {
        outcome = { value: await work(attempted.tx) };
      } catch (error) {
        outcome = { error };
      }
      attempted.end();
      // what failed may have failed because it saw two states
      if (!attempted.target.isCurrent()) continue;
      if ('error' in outcome) throw outcome.error;
      options.signal?.throwIfAborted();
      this.#parts.checkOpen();
      attempted.target.commitAll(this.#rules);
      return outcome.value;
    }
    throw new ApiError({
      reason: 'Conflict',
      message: `the transaction was run ${MOST_ATTEMPTS} times, and each time something that it read changed before its end`,
    });
  }

  #beginTransaction(): { readonly tx: Transaction; readonly target: TransactionTarget; end(): void } {
    const { kinds } = this.#registryParts;
    const target = new TransactionTarget(kinds, this.#state);
    const registry = new Registry({ ...this.#registryParts, target, rules: this.#rules });
    let isOver = false;
    const checkOpen = (): void => {
      if (isOver) throw new TypeError('Expected a transaction that goes on, got one that is over');
      this.#parts.checkOpen();
    };
    const tx = transactionClient({ kinds, executor: this.#parts.executor, target, registry, checkOpen });
    return {
      tx,
      target,
      end: () => {
        isOver = true;
      },
    };
  }

  /** Ends every watch with ServiceUnavailable and refuses all that comes later. Closing twice does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#background.close();
    this.#expiry.close();
    this.#parts.gate.close();
    for (const watch of this.#hub.all()) watch.fail(ApiError.serviceUnavailable('the store is closed'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The resources with those that every store serves, unless the user brings a kind of these names. */
function withAlwaysServed(resources: readonly AnyResource[]): readonly AnyResource[] {
  const missing = [Lease, Event].filter(
    (own) => !resources.some(({ apiVersion, kind }) => apiVersion === own.apiVersion && kind === own.kind),
  );
  return [...resources, ...missing];
}

function checkLimit(option: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`ObjectStore: ${option}: expected a whole number above 0, got ${value}`);
  }
}
