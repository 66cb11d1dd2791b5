import { EventEmitter } from 'eventemitter3';
import type { Client, SelectOptions } from '../client/index.js';
import {
  type ApiObject,
  formatKey,
  frozenCopy,
  keyOf,
  type Logger,
  type MetricsProvider,
  noopLogger,
  type ObjectKey,
  parseKey,
  preview,
  type Timer,
  withFields,
} from '../core/index.js';
import type { Resource } from '../resources/index.js';
import { type Delta, DeltaFifo } from './delta-fifo.js';
import type { EventHandler, HandlerRegistration } from './event-handler.js';
import { HandlerQueue } from './handler-queue.js';
import { Indexer, type Indexers } from './indexer.js';
import type {
  Informer,
  InformerEmitter,
  InformerEvents,
  InformerFault,
  InformerOptions,
} from './informer.js';
import { Latch } from './latch.js';
import { type Lister, readOnly } from './lister.js';
import { IndexFunctionError } from './object-index.js';
import { kindName, type ObjectEvent, Reflector, type ReflectorState } from './reflector.js';
import { compareRevisions } from './revision.js';
import { Watermark } from './watermark.js';

/** What a {@link SharedInformer} is made from. */
export interface SharedInformerOptions<O, I extends string = never> extends InformerOptions<O, I> {
  readonly client: Client;
  readonly logger?: Logger | undefined;
  readonly metrics?: MetricsProvider | undefined;
}

/**
 * An {@link Informer} with its life: reflector, delta queue, cache and handlers, in this order.
 *
 * It is started once and stopped once. Usually an `InformerFactory` makes it, so that those who want the same objects share it.
 */
export class SharedInformer<O extends ApiObject, I extends string = never>
  implements Informer<O, I>, AsyncDisposable
{
  readonly lister: Lister<O, I>;
  readonly #client: Client;
  readonly #name: string;
  readonly #logger: Logger;
  readonly #transform: ((object: O) => O) | undefined;
  readonly #events = new EventEmitter<InformerEvents>();
  readonly #indexer: Indexer<O, I>;
  // empty whenever no method of this class runs: whatever is put in is processed at once
  readonly #fifo: DeltaFifo<O>;
  readonly #reflector: Reflector<O>;
  readonly #watermark = new Watermark();
  readonly #synced = new Latch();
  readonly #handlers = new Set<HandlerQueue<O>>();
  readonly #stop = new AbortController();
  // the run of the reflector; undefined before the start
  #running: Promise<void> | undefined;
  // milliseconds; undefined means never
  #resync: number | undefined;
  // armed while synced, not stopped and #resync is set
  #resyncTimer: Timer | undefined;

  /** @throws TypeError or RangeError for an option that makes no sense. */
  constructor(resource: Resource<O>, options: SharedInformerOptions<O, I>) {
    const { client, namespace, labelSelector, fieldSelector } = options;
    const selection: SelectOptions = { namespace, labelSelector, fieldSelector };
    this.#client = client;
    this.#name = kindName(resource);
    this.#logger = withFields(options.logger ?? noopLogger, { informer: this.#name });
    this.#transform = options.transform;
    this.#resync = checkResync(options.resync);
    this.#indexer = new Indexer<O, I>(options.indexers);
    this.lister = readOnly<O, I>(this.#indexer);
    this.#fifo = new DeltaFifo<O>({
      key: (object) => formatKey(object.metadata),
      known: { keys: () => this.#indexer.keys(), get: (key) => this.#indexer.get(parseKey(key)) },
    });
    this.#reflector = new Reflector<O>({
      client,
      resource,
      selection,
      logger: this.#logger,
      metrics: options.metrics,
      target: {
        replace: (objects, resourceVersion) => this.#replace(objects, resourceVersion),
        apply: (event) => this.#apply(event),
        bookmark: (resourceVersion) => this.#watermark.advance(resourceVersion),
      },
      onState: (state) => this.#notify(() => this.#events.emit('state', state)),
      onError: (error, during) => this.#notify(() => this.#events.emit('fault', { error, during })),
    });
  }

  get state(): ReflectorState {
    return this.#reflector.state;
  }

  get lastError(): Error | undefined {
    return this.#reflector.lastError;
  }

  get resourceVersion(): string | undefined {
    return this.#watermark.revision;
  }

  get events(): InformerEmitter {
    return this.#events;
  }

  /** Begins to list and watch; does nothing where it has begun. @throws TypeError where it was stopped. */
  start(): void {
    this.#expectNotStopped();
    this.#running ??= this.#reflector.run({ signal: this.#stop.signal });
  }

  /**
   * Stops for good: no list, no watch and no timer is left when it resolves, and no call of a handler begins.
   *
   * A call that runs may go on; it is not waited for, so a handler may await this.
   *
   * @param reason - What those who wait are rejected with.
   */
  async stop(reason?: unknown): Promise<void> {
    if (!this.#stop.signal.aborted) {
      const why = reason ?? new DOMException(`the informer of ${this.#name} was stopped`, 'AbortError');
      this.#stop.abort(why);
      this.#resyncTimer?.cancel();
      this.#synced.fail(why);
      this.#watermark.fail(why);
      for (const handler of this.#handlers) handler.close(why);
    }
    await this.#running;
  }

  /** Starts, and resolves when `signal` has aborted and everything is stopped. */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const { signal } = options;
    const stop = (): void => void this.stop(signal.reason);
    if (signal.aborted) return this.stop(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      this.start();
      await this.#running;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  addEventHandler(
    handler: EventHandler<O>,
    options: { readonly name?: string | undefined } = {},
  ): HandlerRegistration {
    this.#expectNotStopped();
    const queue: HandlerQueue<O> = new HandlerQueue<O>({
      name: options.name ?? this.#name,
      handler,
      executor: this.#client.executor,
      onError: (error, key) => this.#report('handler', error, parseKey(key)),
      onRemove: () => this.#handlers.delete(queue),
    });
    for (const object of this.#indexer.list()) queue.add(formatKey(object.metadata), object, true);
    if (this.#synced.isOpen) queue.markSynced();
    this.#handlers.add(queue);
    return queue;
  }

  addIndexers<J extends string>(indexers: Indexers<O, J>): Informer<O, I | J> {
    try {
      this.#indexer.addIndexers(indexers);
    } catch (error) {
      this.#reportIndex(error);
    }
    return this;
  }

  /** Makes the resync more frequent where `period` (milliseconds) is shorter than what it is. */
  resyncAtLeastEvery(period: number | undefined): void {
    const resync = checkResync(period);
    if (resync === undefined || (this.#resync !== undefined && this.#resync <= resync)) return;
    this.#resync = resync;
    if (this.#synced.isOpen) this.#armResync();
  }

  synced(): Promise<void> {
    return this.#synced.wait();
  }

  reached(resourceVersion: string): Promise<void> {
    return this.#watermark.reached(resourceVersion);
  }

  async caughtUpTo(resourceVersion: string): Promise<void> {
    await this.#watermark.reached(resourceVersion);
    await Promise.all([...this.#handlers].map((handler) => handler.delivered()));
  }

  async idle(): Promise<void> {
    for (let busy = this.#busy(); busy.length > 0; busy = this.#busy()) {
      await Promise.all(busy.map((handler) => handler.idle()));
    }
  }

  #busy(): HandlerQueue<O>[] {
    return [...this.#handlers].filter((handler) => handler.busy);
  }

  #replace(objects: readonly O[], resourceVersion: string): void {
    this.#fifo.replace(
      objects.map((object) => this.#transformed(object)),
      resourceVersion,
    );
    this.#process();
    this.#watermark.advance(resourceVersion);
    if (this.#synced.isOpen || !this.#fifo.hasSynced) return;
    this.#synced.open();
    for (const handler of this.#handlers) handler.markSynced();
    this.#armResync();
  }

  #apply(event: ObjectEvent<O>): void {
    if (!this.#isOld(event)) {
      const object = this.#transformed(event.object);
      if (event.type === 'ADDED') this.#fifo.add(object);
      else if (event.type === 'MODIFIED') this.#fifo.update(object);
      else this.#fifo.delete(object);
      this.#process();
    }
    if (event.more !== true) this.#watermark.advance(event.object.metadata.resourceVersion);
  }

  /** True where the cache reflects an event already: a watch that was resumed may repeat some. */
  #isOld({ type, object }: ObjectEvent<O>): boolean {
    const cached = this.#indexer.get(object.metadata)?.metadata;
    if (cached === undefined) return false;
    const order = compareRevisions(object.metadata.resourceVersion, cached.resourceVersion);
    if (order !== 0) return order < 0;
    return type !== 'DELETED' || object.metadata.uid !== cached.uid;
  }

  #process(): void {
    while (this.#fifo.pop(this.#processDeltas));
  }

  readonly #processDeltas = (
    deltas: readonly Delta<O>[],
    context: { readonly key: string; readonly isInInitialList: boolean },
  ): void => {
    for (const delta of deltas) {
      if (delta.type === 'Deleted') this.#take(context.key, delta.object, delta.finalStateKnown);
      else this.#keep(context.key, delta.object, context.isInInitialList);
    }
  };

  #keep(key: string, object: O, isInInitialList: boolean): void {
    const before = this.#indexer.get(object.metadata);
    try {
      this.#indexer.set(object);
    } catch (error) {
      this.#reportIndex(error);
    }
    if (before === undefined) {
      for (const handler of this.#handlers) handler.add(key, object, isInInitialList);
    } else if (before.metadata.uid === object.metadata.uid) {
      for (const handler of this.#handlers) handler.update(key, before, object);
    } else {
      const event = { key: keyOf(before), last: before, finalStateKnown: false };
      for (const handler of this.#handlers) {
        handler.delete(key, event);
        handler.add(key, object, isInInitialList);
      }
    }
  }

  #take(key: string, last: O, finalStateKnown: boolean): void {
    if (this.#indexer.delete(last.metadata) === undefined) return;
    const event = { key: keyOf(last), last, finalStateKnown };
    for (const handler of this.#handlers) handler.delete(key, event);
  }

  #transformed(object: O): O {
    if (this.#transform === undefined) return object;
    try {
      const result = this.#transform(object);
      checkIdentity(object, result);
      return result === object ? object : (frozenCopy(result, 'transform', object) as O);
    } catch (error) {
      this.#report('transform', error, keyOf(object));
      return object;
    }
  }

  /** (Re)arms the timer of the next resync. */
  #armResync(): void {
    this.#resyncTimer?.cancel();
    if (this.#resync === undefined) return;
    this.#resyncTimer = this.#client.clock.setTimer(this.#resync, () => {
      this.#fifo.resync();
      this.#process();
      this.#armResync();
    });
  }

  /** Reports an index function that failed in a change of the cache; passes on what is no such failure. */
  #reportIndex(error: unknown): void {
    if (!(error instanceof IndexFunctionError)) throw error;
    this.#report('index', error, error.key);
  }

  #report(during: InformerFault['during'], thrown: unknown, key: ObjectKey): void {
    const error =
      thrown instanceof Error ? thrown : new Error(`${during}: threw ${preview(thrown)}`, { cause: thrown });
    this.#logger.error({ error, key: formatKey(key) }, `the ${during} failed`);
    this.#notify(() => this.#events.emit('fault', { error, during, key }));
  }

  /** Emits an event; a listener that throws is reported to the log, and stops nothing. */
  #notify(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      this.#logger.error({ error }, 'a listener of the informer threw');
    }
  }

  #expectNotStopped(): void {
    if (this.#stop.signal.aborted) throw new TypeError(`the informer of ${this.#name} was stopped`);
  }
}

function checkResync(period: number | undefined): number | undefined {
  if (period === undefined || period === 0) return undefined;
  if (!Number.isFinite(period) || period < 0) {
    throw new RangeError(`resync: expected a number of milliseconds, got ${period}`);
  }
  return period;
}

/** @throws TypeError where a transform changed what an object is known by. */
function checkIdentity(object: ApiObject, result: ApiObject): void {
  for (const field of ['name', 'namespace', 'uid', 'resourceVersion'] as const) {
    if (result.metadata[field] === object.metadata[field]) continue;
    const got = preview(result.metadata[field]);
    throw new TypeError(
      `transform: metadata.${field}: expected ${preview(object.metadata[field])} as before, got ${got}`,
    );
  }
}
