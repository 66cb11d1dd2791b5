import { type Client, withFieldManager } from '../../client/index.js';
import { type ApiObject, LabelSelector, type ObjectKey, type Owned } from '../../core/index.js';
import type { EventHandler, HandlerRegistration, Informer, Lister } from '../../informer/index.js';
import type { AnyResource } from '../../resources/index.js';
import type { Controller, WatchedKind } from '../controller.js';
import { ControllerCache } from '../controller-cache.js';
import type { ManagedStore } from '../manager/managed-store.js';
import { OwnWrites, type WatchedInformer } from '../own-writes/index.js';
import type { ObjectChange } from '../predicates/index.js';
import type { QueuedRequest } from '../request.js';
import type { Duty } from './duty.js';
import { OwnDuty } from './own-duty.js';

/** A change of an object, with the revisions between `before` and `after` that were not told of. */
export type ToldChange = ObjectChange<Owned> & { readonly skipped: readonly string[] | undefined };

/** What a {@link StoreScope} is made from. */
export interface StoreScopeOptions {
  readonly controller: Controller;
  readonly store: ManagedStore;
  readonly signal: AbortSignal;
  /** Told of every change of an object of a kind that the controller watches here. */
  readonly onChange: (scope: StoreScope, kind: WatchedKind, change: ToldChange) => void;
  /** Told where the cache was not waited for any longer. */
  readonly onStale: (resource: AnyResource, key: ObjectKey | undefined) => void;
  /** Told where the cache was read for a kind that the controller does not cache. */
  readonly onUncached: (resource: AnyResource) => void;
}

/** What a controller has in one store: informers, the cache that its reconciles see, and what it wrote itself. */
export class StoreScope {
  readonly name: string | undefined;
  readonly cache: ControllerCache;
  readonly ownWrites: OwnWrites;
  readonly #options: StoreScopeOptions;
  // one for each kind of the controller in this store, in its order
  readonly #watched: WatchedInformer[] = [];
  // what reads of a kind go to; filled by watch()
  readonly #listers = new Map<AnyResource, Lister<ApiObject, string>>();
  readonly #registrations: HandlerRegistration[] = [];
  // what writes of a duty go through; an entry goes with its duty
  readonly #clients = new WeakMap<Duty, Client>();
  // the duties of the controller as they are here: over when the store is left
  readonly #duties = new Map<OwnDuty, OwnDuty>();
  // aborts when the store is left
  readonly #leaving = new AbortController();

  constructor(options: StoreScopeOptions) {
    const { controller, store, signal, onStale, onUncached } = options;
    this.#options = options;
    this.name = store.name;
    const leave = (): void => this.leave(signal.reason);
    signal.addEventListener('abort', leave, { once: true, signal: this.#leaving.signal });
    this.ownWrites = new OwnWrites({
      mode: controller.options.readYourWrites ?? 'wait',
      client: store.client,
      informers: this.#watched,
      signal: this.#leaving.signal,
      onStale,
    });
    this.cache = new ControllerCache(controller.name, (resource) => this.#listers.get(resource), onUncached);
  }

  /** The kinds that the controller caches here. */
  static kindsOf({ kinds }: Controller, store: string | undefined): readonly WatchedKind[] {
    return kinds.filter(({ stores }) => stores === 'every' || (stores === 'home') === (store === undefined));
  }

  /** Whether requests may be about objects of this store. */
  get hasSubjects(): boolean {
    const { stores } = this.#options.controller;
    return stores === 'every' || (stores === 'home') === (this.name === undefined);
  }

  /** The informers that it listens to. */
  get informers(): readonly Informer<ApiObject, string>[] {
    return this.#watched.map(({ informer }) => informer);
  }

  /** The store's own client. */
  get plainClient(): Client {
    return this.#options.store.client;
  }

  /** A duty of the controller as it is in this store. */
  dutyOf(duty: OwnDuty): OwnDuty {
    let own = this.#duties.get(duty);
    if (own === undefined) {
      for (const known of this.#duties.keys()) if (known.signal.aborted) this.#duties.delete(known);
      own = new OwnDuty(duty);
      this.#duties.set(duty, own);
      if (this.#leaving.signal.aborted) own.end(this.#leaving.signal.reason);
    }
    return own;
  }

  /** The store is left: what runs there is told to stop, and nobody waits for its caches. */
  leave(reason: unknown): void {
    this.#leaving.abort(reason);
    for (const duty of this.#duties.values()) duty.end(reason);
  }

  /** The client that reconciles of a duty use. */
  client(duty: Duty): Client {
    let client = this.#clients.get(duty);
    if (client === undefined) {
      const { controller, store } = this.#options;
      client = withFieldManager(duty.fence(store.client), controller.name);
      this.#clients.set(duty, client);
    }
    return client;
  }

  /** Asks for its informers and listens to them. */
  watch(): void {
    const { controller, store } = this.#options;
    const kinds = StoreScope.kindsOf(controller, store.name);
    for (const kind of kinds) this.#listen(kind);
    for (const { resource } of kinds) this.#listers.set(resource, this.ownWrites.lister(resource));
  }

  /** Resolves when the controller has heard of everything that was there at the start. */
  async synced(): Promise<void> {
    await Promise.all(this.#registrations.map((registration) => registration.synced()));
  }

  /** The object that a request is about; undefined where the cache has none. */
  object({ keyText }: QueuedRequest): object | undefined {
    return this.#listers.get(this.#options.controller.resource)?.getByKey(keyText);
  }

  /** The objects that the controller is for. */
  objects(): readonly ApiObject[] {
    return this.#listers.get(this.#options.controller.resource)?.list() ?? [];
  }

  /** An object as the cache has it; undefined where it has none, or does not know the kind. */
  cached(resource: AnyResource, key: ObjectKey): object | undefined {
    return this.#listers.get(resource)?.get(key);
  }

  /** The cache as it is now; `release` must be called in the end. */
  snapshot(): { readonly cache: ControllerCache; readonly release: () => void } {
    const snapshots = new Map(
      Array.from(this.#listers.keys(), (resource) => [resource, this.ownWrites.snapshot(resource)]),
    );
    const { controller, onUncached } = this.#options;
    return {
      cache: new ControllerCache(controller.name, (resource) => snapshots.get(resource), onUncached),
      release: () => {
        for (const snapshot of snapshots.values()) snapshot[Symbol.dispose]();
      },
    };
  }

  /** Listens no more, and gives its informers back. */
  async close(): Promise<void> {
    for (const registration of this.#registrations) registration.remove();
    await Promise.all(this.#watched.map(({ informer }) => informer.release()));
  }

  #listen(kind: WatchedKind): void {
    const { resource, selection, indexers } = kind;
    const { controller, store, onChange } = this.#options;
    const informer = store.informers.for(resource, {
      ...selection,
      indexers,
    } as object) as unknown as Informer<ApiObject, string>;
    this.#watched.push({
      resource,
      informer,
      covers: coverage(kind),
      isWhole: isWhole(kind),
      indexers,
    });
    const tell = (change: ToldChange): void => onChange(this, kind, change);
    const handler: EventHandler<ApiObject> = {
      onAdd: (after, { isInInitialList, skipped }) => tell({ type: 'add', after, isInInitialList, skipped }),
      onUpdate: (before, after, { skipped }) => tell({ type: 'update', before, after, skipped }),
      onDelete: ({ last: before, finalStateKnown, skipped }) =>
        before === undefined ? undefined : tell({ type: 'delete', before, finalStateKnown, skipped }),
    };
    this.#registrations.push(informer.addEventHandler(handler, { name: controller.name }));
  }
}

function isWhole({ selection: { namespace, labelSelector, fieldSelector } }: WatchedKind): boolean {
  return namespace === undefined && labelSelector === undefined && fieldSelector === undefined;
}

/** Whether an object is among those that a kind selects; undefined where a field selector decides. */
function coverage(kind: WatchedKind): (object: Owned) => boolean | undefined {
  if (isWhole(kind)) return () => true;
  const { namespace, labelSelector, fieldSelector } = kind.selection;
  const labels = typeof labelSelector === 'string' ? LabelSelector.parse(labelSelector) : labelSelector;
  return ({ metadata }) => {
    if (namespace !== undefined && metadata.namespace !== namespace) return false;
    const { labels: found = {} } = metadata as { readonly labels?: Readonly<Record<string, string>> };
    if (labels !== undefined && !labels.matches(found)) return false;
    return fieldSelector === undefined ? true : undefined;
  };
}
