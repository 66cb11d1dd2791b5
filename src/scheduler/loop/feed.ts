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
import type { Pace } from './pace.js';

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
  readonly #pace: Pace;
  // what watches, and what is told of it
  readonly #all: Informer<ApiObject>[] = [];
  readonly #registrations: HandlerRegistration[] = [];
  #isStopped = false;
  // there once it was started
  #workloads: Informer<ApiObject> | undefined;

  constructor(
    client: Client,
    model: SchedulingModel<W, H>,
    {
      pace,
      logger,
      metrics,
    }: { readonly pace: Pace; readonly logger: Logger; readonly metrics: MetricsProvider },
  ) {
    this.#client = client;
    this.#model = model;
    this.#pace = pace;
    this.#informers = new InformerFactory({ client, logger, metrics });
  }

  /** The newest known state of a workload. */
  latest(key: string): W | undefined {
    // the informer of workloads has nothing else
    return this.#workloads?.lister.getByKey(key) as W | undefined;
  }

  /**
   * Starts to watch, and resolves once everything that is there was told, or it was stopped: of workloads after all else, so that
   * the hosts on which they are are known, and no two lists are taken over in one go.
   *
   * Other kinds that the server does not know are left out: there are none of them. @throws ApiError where it does not know hosts or workloads.
   */
  async start(kinds: readonly AnyResource[], listener: FeedListener<W>): Promise<void> {
    const { workload, host } = this.#model;
    await Promise.all([this.#expectServed(workload), this.#expectServed(host)]);
    const served = await Promise.all(kinds.map((kind) => this.#isServed(kind)));
    if (this.#isStopped) return;
    for (const kind of [host, ...kinds.filter((_, at) => served[at])]) {
      this.#follow(
        kind,
        (object) => listener.other(kind, object),
        (key) => listener.otherGone(kind, key),
      );
    }
    await this.#told();
    if (this.#isStopped) return;
    this.#workloads = this.#follow(
      workload,
      // the informer of workloads has nothing else
      (object) => listener.workload(object as W),
      (key) => listener.workloadGone(key),
    );
    await this.#told();
  }

  /** Resolves once everything was told that the server had before, or it was stopped. */
  async caughtUp(): Promise<void> {
    const revision = await this.#client.barrier();
    if (revision !== undefined) {
      await this.#unlessStopped(this.#all.map((informer) => informer.caughtUpTo(revision)));
    }
    await this.#unlessStopped(this.#registrations.map((registration) => registration.delivered()));
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#informers.stop();
  }

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
          onAdd: (object) => {
            changed(object);
            return this.#pace.rest();
          },
          onUpdate: (before, after) => {
            if (before.metadata.resourceVersion === after.metadata.resourceVersion) return undefined;
            if (before.metadata.uid !== after.metadata.uid) gone(keyOf(before));
            changed(after);
            return this.#pace.rest();
          },
          onDelete: ({ key }) => {
            gone(key);
            return this.#pace.rest();
          },
        },
        { name: `scheduler: ${resource.kind}` },
      ),
    );
    return informer;
  }

  /** Starts what is followed and was not started yet; resolves once all that is there was told. */
  #told(): Promise<void> {
    return this.#unlessStopped([
      this.#informers.start(),
      ...this.#registrations.map((registration) => registration.synced()),
    ]);
  }

  /** Waits for all; what fails as it was stopped is no failure. */
  async #unlessStopped(all: readonly Promise<void>[]): Promise<void> {
    try {
      await Promise.all(all);
    } catch (error) {
      if (!this.#isStopped) throw error;
    }
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
