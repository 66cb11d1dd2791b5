import type { Client } from '../../client/index.js';
import {
  type ApiObject,
  isNotFound,
  keyOf,
  type Logger,
  type MetricsProvider,
  type ObjectKey,
} from '../../core/index.js';
import { type HandlerRegistration, type Informer, InformerFactory } from '../../informer/index.js';
import type { AnyResource } from '../../resources/index.js';
import type { SchedulingModel } from '../framework/index.js';

/** What a feed tells of. */
export interface FeedListener<W extends ApiObject> {
  workload(after: W): void;
  workloadGone(key: ObjectKey): void;
  /** A host, or an object of another kind. */
  other(resource: AnyResource, after: ApiObject): void;
  otherGone(resource: AnyResource, key: ObjectKey): void;
}

/** Watches everything that scheduling looks at, and tells of each change, at once and in order for each object. */
export class Feed<W extends ApiObject, H extends ApiObject> {
  readonly #client: Client;
  readonly #model: SchedulingModel<W, H>;
  readonly #informers: InformerFactory;
  readonly #registrations: HandlerRegistration[] = [];
  // there once it was started
  #workloads: Informer<ApiObject> | undefined;

  constructor(
    client: Client,
    model: SchedulingModel<W, H>,
    { logger, metrics }: { readonly logger: Logger; readonly metrics: MetricsProvider },
  ) {
    this.#client = client;
    this.#model = model;
    this.#informers = new InformerFactory({ client, logger, metrics });
  }

  /** The newest known state of a workload. */
  latest(key: string): W | undefined {
    // the informer of workloads has nothing else
    return this.#workloads?.lister.getByKey(key) as W | undefined;
  }

  /**
   * Starts to watch, and resolves once everything that is there was told.
   *
   * Other kinds that the server does not know are left out: there are none of them. @throws ApiError where it does not know hosts or workloads.
   */
  async start(kinds: readonly AnyResource[], listener: FeedListener<W>): Promise<void> {
    const { workload, host } = this.#model;
    await Promise.all([this.#expectServed(workload), this.#expectServed(host)]);
    const served = await Promise.all(kinds.map((kind) => this.#isServed(kind)));
    for (const kind of [host, ...kinds.filter((_, at) => served[at])]) {
      this.#follow(
        kind,
        (object) => listener.other(kind, object),
        (key) => listener.otherGone(kind, key),
      );
    }
    this.#workloads = this.#follow(
      workload,
      // the informer of workloads has nothing else
      (object) => listener.workload(object as W),
      (key) => listener.workloadGone(key),
    );
    await this.#informers.start();
    await Promise.all(this.#registrations.map((registration) => registration.synced()));
  }

  /** Resolves once everything was told that the server had before. */
  async caughtUp(): Promise<void> {
    const revision = await this.#client.barrier();
    if (revision !== undefined) {
      await Promise.all(this.#all.map((informer) => informer.caughtUpTo(revision)));
    }
    await Promise.all(this.#registrations.map((registration) => registration.delivered()));
  }

  stop(): Promise<void> {
    return this.#informers.stop();
  }

  readonly #all: Informer<ApiObject>[] = [];

  #follow(
    resource: AnyResource,
    changed: (object: ApiObject) => void,
    gone: (key: ObjectKey) => void,
  ): Informer<ApiObject> {
    // whatever a resource is of is an ApiObject
    const informer = this.#informers.for(resource) as unknown as Informer<ApiObject>;
    this.#all.push(informer);
    this.#registrations.push(
      informer.addEventHandler(
        {
          onAdd: changed,
          onUpdate: (before, after) => {
            if (before.metadata.resourceVersion === after.metadata.resourceVersion) return;
            if (before.metadata.uid !== after.metadata.uid) gone(keyOf(before));
            changed(after);
          },
          onDelete: ({ key }) => gone(key),
        },
        { name: `scheduler: ${resource.kind}` },
      ),
    );
    return informer;
  }

  async #expectServed(resource: AnyResource): Promise<void> {
    await this.#client.list(resource, { limit: 1 });
  }

  async #isServed(resource: AnyResource): Promise<boolean> {
    try {
      await this.#expectServed(resource);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}
