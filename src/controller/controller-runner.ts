import type PQueue from 'p-queue';
import type { Client } from '../client/index.js';
import {
  formatKey,
  type Lane,
  type Logger,
  type MetricsProvider,
  type ObjectKey,
  type Owned,
  preview,
  withFields,
} from '../core/index.js';
import type { EventHandler, HandlerRegistration, Informer, InformerFactory } from '../informer/index.js';
import type { AnyResource } from '../resources/index.js';
import { exponentialBackoff, WorkQueue } from '../workqueue/index.js';
import type { Controller } from './controller.js';
import { ControllerCache } from './controller-cache.js';
import type { EventRecorder } from './events/event-recorder.js';
import { OwnWrites } from './own-writes.js';
import { type ObjectChange, passesAll, type Predicate } from './predicates/index.js';
import { type ReconcileRequest, type ReconcileResult, TerminalError } from './reconcile.js';
import { distinct, ownersOf } from './requests.js';
import { Settlement } from './settlement.js';

/** What a controller runs on. */
export interface RunnerOptions {
  readonly controller: Controller;
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly recorder: EventRecorder;
  /** Every reconcile takes one of its places. */
  readonly pool: PQueue;
  readonly logger: Logger;
  readonly metrics: MetricsProvider;
  /** Aborts when everything stops. */
  readonly signal: AbortSignal;
}

/** One controller at work in one manager: its queue, its workers and what they are at. */
export class ControllerRunner {
  readonly controller: Controller;
  readonly settlement: Settlement;
  readonly #options: RunnerOptions;
  readonly #queue: WorkQueue<ReconcileRequest>;
  readonly #informers = new Map<AnyResource, Informer<unknown, never>>();
  readonly #registrations: HandlerRegistration[] = [];
  readonly #cache: ControllerCache;
  readonly #client: Client;
  readonly #log: Logger;
  readonly #lane: Lane;
  // one promise a worker; each resolves when its worker has stopped, and none rejects
  #workers: readonly Promise<void>[] = [];

  constructor(options: RunnerOptions) {
    const { controller, client } = options;
    this.controller = controller;
    this.#options = options;
    this.#queue = new WorkQueue({
      name: controller.name,
      clock: client.clock,
      key: ({ key }) => formatKey(key),
      rateLimiter: controller.options.rateLimiter ?? exponentialBackoff({ base: 5, max: 1_000_000 }),
      metrics: options.metrics,
    });
    this.settlement = new Settlement(controller.name, this.#queue);
    this.#cache = new ControllerCache(controller.name, this.#informers);
    this.#client = new OwnWrites(this.#informers, options.signal).client(client);
    this.#log = withFields(options.logger, { controller: controller.name });
    this.#lane = { kind: 'worker', name: controller.name };
  }

  /** The kinds that the controller watches, each once. */
  get resources(): readonly AnyResource[] {
    const { resource, owned, mapped } = this.controller;
    return [
      ...new Set([resource, ...owned.map((item) => item.resource), ...mapped.map((item) => item.resource)]),
    ];
  }

  /** The informers that it listens to. */
  get informers(): readonly Informer<unknown, never>[] {
    return [...this.#informers.values()];
  }

  /** Asks for its informers and listens to them. */
  watch(): void {
    const { resource, predicates, owned, mapped } = this.controller;
    this.#listen<Owned>(resource, predicates, (object) => [keyFrom(object)]);
    for (const item of owned)
      this.#listen<Owned>(item.resource, item.predicates, (object) => ownersOf(object, resource, item));
    for (const item of mapped) this.#listen(item.resource, item.predicates, item.map);
  }

  /** Resolves when the queue has heard of everything that was there at the start. */
  async synced(): Promise<void> {
    await Promise.all(this.#registrations.map((registration) => registration.synced()));
  }

  /** Begins to work. */
  start(): void {
    const { concurrency = 1 } = this.controller.options;
    this.#workers = Array.from({ length: concurrency }, () => this.#work());
  }

  /** Takes no more work, and resolves when what is running has ended. */
  async stop(): Promise<void> {
    this.#queue.shutDown();
    for (const registration of this.#registrations) registration.remove();
    await Promise.all(this.#workers);
    this.settlement.close();
  }

  #listen<O>(
    resource: AnyResource,
    predicates: readonly Predicate<O>[],
    keysOf: (object: O) => Iterable<ObjectKey>,
  ): void {
    const informer = this.#options.informers.for(resource) as unknown as Informer<O, never>;
    this.#informers.set(resource, informer);
    const report = (error: unknown): void =>
      this.#log.error({ error, kind: resource.kind }, 'a predicate failed, and the event passed');
    const ask = (change: ObjectChange<O>): void => {
      if (!passesAll(predicates, change, report)) return;
      const objects = [change.before, change.after].filter((object) => object !== undefined);
      for (const key of distinct(objects.flatMap((object) => [...keysOf(object)]))) this.#queue.add({ key });
    };
    const handler: EventHandler<O> = {
      onAdd: (after, { isInInitialList }) => ask({ type: 'add', after, isInInitialList }),
      onUpdate: (before, after) => ask({ type: 'update', before, after }),
      onDelete: ({ last: before, finalStateKnown }) =>
        before === undefined ? undefined : ask({ type: 'delete', before, finalStateKnown }),
    };
    this.#registrations.push(informer.addEventHandler(handler, { name: this.controller.name }));
  }

  async #work(): Promise<void> {
    const { signal, pool, client } = this.#options;
    for (;;) {
      const request = await this.#queue.get();
      if (request === undefined || signal.aborted) return;
      await new Promise<void>((resolve) => client.executor.execute(this.#lane, resolve));
      try {
        // what a reconcile throws is dealt with inside: nothing but a logger that throws gets through, and ends the worker loudly
        await pool.add(() => this.#reconcile(request));
      } finally {
        this.#queue.done(request);
        this.settlement.check();
      }
    }
  }

  async #reconcile(request: ReconcileRequest): Promise<void> {
    const { signal } = this.#options;
    const client = this.#client;
    const { key } = request;
    const log = withFields(this.#log, { key: formatKey(key) });
    this.settlement.began();
    try {
      const result: unknown = await this.controller.reconcile({
        key,
        object: this.#informers.get(this.controller.resource)?.lister.get(key),
        client,
        cache: this.#cache,
        log,
        recorder: this.#options.recorder,
        signal,
        clock: client.clock,
        random: client.random,
        attempt: this.#queue.retries(request) + 1,
      });
      this.#succeeded(request, checkResult(this.controller.name, result));
    } catch (error) {
      this.#failed(request, error, log);
    }
  }

  #succeeded(request: ReconcileRequest, result: ReconcileResult): void {
    this.#queue.forget(request);
    this.settlement.cleared(formatKey(request.key));
    if (result !== undefined) this.#queue.addAfter(request, result.requeueAfter);
  }

  #failed(request: ReconcileRequest, error: unknown, log: Logger): void {
    if (error instanceof TerminalError) {
      this.#queue.forget(request);
      this.settlement.cleared(formatKey(request.key));
      log.error({ error }, 'the reconcile failed for good');
      return;
    }
    // a reconcile that is cut short by the stop has not failed
    if (this.#options.signal.aborted) return;
    this.settlement.failed(formatKey(request.key), error);
    this.#queue.addRateLimited(request);
    log.error({ error }, 'the reconcile failed and will be tried again');
  }
}

function keyFrom({ metadata: { name = '', namespace } }: Owned): ObjectKey {
  return namespace === undefined ? { name } : { name, namespace };
}

function checkResult(controller: string, result: unknown): ReconcileResult {
  if (result === undefined) return undefined;
  const requeueAfter: unknown =
    typeof result === 'object' && result !== null && Object.keys(result).join() === 'requeueAfter'
      ? (result as { requeueAfter: unknown }).requeueAfter
      : undefined;
  if (typeof requeueAfter !== 'number' || !(requeueAfter >= 0)) {
    const got = requeueAfter === undefined ? preview(result) : `requeueAfter ${preview(requeueAfter)}`;
    throw new TypeError(
      `controller ${controller}: reconcile: expected nothing or { requeueAfter: milliseconds }, got ${got}`,
    );
  }
  return { requeueAfter };
}
